"""A shared phone, and a screen on a wall: how a browser becomes one, and who is signed on to the phone.

These pages are open: they look at the device's own cookie, whoever else is signed in to the browser.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused, Unproven
from gisgrid.pages.articles import articles
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Words, require_own_form
from gisgrid.pages.frame import PAGES, Account, page, see_other, written
from gisgrid.parse import read_time
from gisgrid.patrols.duty.consent import NoticeNeeded, agree, require_notice, walks
from gisgrid.patrols.duty.liveness import minutes_since
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.duty.on_duty import device_life
from gisgrid.patrols.duty.settle import waiting
from gisgrid.patrols.duty.shift_routes import NoPatroller, ProofNeeded
from gisgrid.patrols.duty.shifts import OnDuty, on_duty, sign_off, sign_on, wait_to_change
from gisgrid.settings import Settings
from gisgrid.staff.caller import NOBODY, Caller, caller_of, roles_of
from gisgrid.staff.connection import cookie, is_private, peer, require_private, set_cookie
from gisgrid.staff.sign_in import verify_pin
from gisgrid.staff.tables import Token
from gisgrid.staff.throttle import note_failure, require_calm
from gisgrid.staff.tokens import note_use

router = APIRouter(prefix="/device", tags=["device"], responses=PAGES, default_response_class=HTMLResponse)

DONE = {
    "enrolled": Both("登记成功，这台手机可以签到了", "enrolled: this phone is ready to be signed on to"),
    "on": Both("已签到", "signed on"),
    "off": Both("已签退", "signed off"),
}

Done = Annotated[str, Query(max_length=20)]
Tick = Annotated[bool, Form()]


class UnknownDevice(Unproven):
    """The words are no token of a phone or board, or it is out of date or revoked."""


class NotEnrolled(Unproven):
    """The browser is no phone of ours."""


class BadLocalTime(Refused):
    """A time that is not one of a clock here."""


def device_of(request: Request) -> Caller:
    """Return the phone or board that a browser is; nobody where it is none."""
    shown = cookie(request, "device")
    if not shown or not is_private(request):
        return NOBODY
    with session_scope(request.app.state.engine) as session:
        caller = caller_of(session, shown, "device", "board")
    if caller.token is not None and caller.is_use_due:
        note_use(request.app.state.engine, caller.token)
    return caller


def _phone(request: Request, form_token: Annotated[str, Form(max_length=100)] = "") -> Caller:
    device = device_of(request)
    if device.kind != "device":
        raise NotEnrolled("这台手机尚未登记，或登记已失效", "this phone is not enrolled, or no longer")
    require_own_form(device, form_token)
    return device


Phone = Annotated[Caller, Depends(_phone)]


# --- becoming one ----------------------------------------------------------------------------------


@router.get("")
def get_device(request: Request, done: Done = "") -> Response:
    """Show who is signed on to this phone; where the browser is none, how it becomes one. A board shows the map."""
    device = device_of(request)
    if device.kind == "board":
        return see_other("/")
    return _device_page(request, device, done=DONE.get(done))


@router.post("/enrol")
def post_enrol(request: Request, words: Words = "") -> Response:
    """Make this browser the phone or board whose token it shows."""
    try:
        require_private(request)
        device, until = _known(request, words.strip())
    except GisgridError as error:
        return _device_page(request, device_of(request), error=error)
    answer = see_other("/" if device.kind == "board" else "/device?done=enrolled")
    set_cookie(request, answer, "device", words.strip(), seconds=int((until - datetime.now(UTC)).total_seconds()))
    return answer


def _known(request: Request, words: str) -> tuple[Caller, datetime]:
    """Return the device of some words, and until when it is one. Raises UnknownDevice, TooManyFailures."""
    engine = request.app.state.engine
    with session_scope(engine) as session:
        device = caller_of(session, words, "device", "board")
        row = None if device.token is None else session.get(Token, device.token)
    if row is not None:
        return device, row.expires_at
    with session_scope(engine, write=True) as session:
        key = f"bearer {peer(request)}"
        require_calm(session, key)
        note_failure(session, key)
    raise UnknownDevice(
        "登记码无效、已过期或已被吊销；请向管理员要一个新的",
        "the token is unknown, out of date or revoked; ask an administrator for another",
    )


def _device_page(request: Request, device: Caller, **values: Any) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine) as session:
        duty = on_duty(session, token_id=device.token) if device.token else None
        waits = waiting(session, device.token) if device.token else 0
        where = Called(session).cell(device.cell_code)
        heard = _heard(session, settings, device.token, duty) if device.kind == "device" else {}
    given: dict[str, Any] = {
        "error": None,
        "done": None,
        "person": "",
        "started_at": "",
        "articles": None,
        "version": "",
        "asks_for_tracks": False,
        **values,
    }
    account = Account(device, roles=(where,))
    hours = settings.withheld_hours
    shown: dict[str, Any] = {**heard, "duty": duty, "waits": waits, "hours": hours, "here": "/device"}
    return page(request, "phone/device.html", account=account, **shown, **given)


def _heard(session: Session, settings: Settings, token_id: int | None, duty: OnDuty | None) -> dict[str, Any]:
    """Return when something came from this phone, how long ago, and whether that is too long for somebody on duty."""
    now = datetime.now(UTC)
    life = device_life(session, settings, token_id or 0, duty.shift.started_at if duty else now, now)
    last = max(filter(None, (life.alive_at, duty.shift.started_at if duty else None)), default=None)
    return {"heard_at": life.alive_at, "is_silent": life.is_silent, "silent_min": minutes_since(last, now)}


# --- on duty ---------------------------------------------------------------------------------------


@router.post("/sign-on")
def post_sign_on(
    request: Request,
    device: Phone,
    person: Line = "",
    pin: Words = "",
    started_at: Line = "",
    version: Line = "",
    is_accepted: Tick = False,
    track: Tick = False,
) -> Response:
    """Sign on to this phone with a PIN; who has not accepted the notice as it stands is shown it first."""
    settings: Settings = request.app.state.settings
    typed = {"person": person, "started_at": started_at}
    try:
        start = _moment(started_at, settings)
        person_id = _proven(request, device, person, pin)
    except GisgridError as wrong:
        return _device_page(request, device, error=wrong, **typed)
    accepted = version if is_accepted else ""
    signing = _signing(settings, device, person_id, start, accepted=accepted, track=track)
    error = written(request, signing)
    if isinstance(error, NoticeNeeded):
        return _device_page(request, device, **typed, **_told(request, settings, person_id))
    if isinstance(error, GisgridError):
        return _device_page(request, device, error=error, **typed)
    return see_other("/device?done=on")


def _proven(request: Request, device: Caller, person: str, pin: str) -> int:
    """Return whose name and PIN these are. Raises ProofNeeded, SignInFailed, TooManyFailures."""
    require_private(request)
    if not person or not pin:
        raise ProofNeeded("请填写登录名和 PIN 码", "give your sign-in name and PIN")
    return verify_pin(request.app.state.engine, person, pin, device.token or 0, peer(request))


def _signing(
    settings: Settings, device: Caller, person_id: int, start: datetime | None, *, accepted: str, track: bool
) -> Callable[[Session], Any]:
    actor, version = Actor("device", device.token), notice(settings).version

    def signing(session: Session) -> None:
        if not walks(session, person_id):
            raise NoPatroller(
                "您没有巡查角色，不能签到；请联系管理员", "none of your roles walks; ask an administrator"
            )
        wait_to_change(session)
        if accepted == version:
            agree(session, actor, person_id, "notice", version)
        require_notice(session, person_id, version)
        if track:
            agree(session, actor, person_id, "track", version)
        sign_on(session, actor, person_id, device.token, start, back=_back(settings))

    return signing


def _back(settings: Settings) -> timedelta:
    return timedelta(hours=settings.withheld_hours)


def _told(request: Request, settings: Settings, person_id: int) -> dict[str, Any]:
    """Return the notice as the page shows it, and whether whole tracks are to be asked for."""
    with session_scope(request.app.state.engine) as session:
        walker = Caller("person", person=person_id, roles=roles_of(session, person_id))
    stands = notice(settings)
    return {"articles": articles(stands), "version": stands.version, "asks_for_tracks": walker.is_volunteer}


@router.post("/sign-off")
def post_sign_off(request: Request, device: Phone, person: Line = "", pin: Words = "", ended_at: Line = "") -> Response:
    """End the shift on this phone; at an earlier time only with its patroller's PIN."""
    settings: Settings = request.app.state.settings
    try:
        end = _moment(ended_at, settings)
        person_id = None if end is None else _proven(request, device, person, pin)
    except GisgridError as wrong:
        return _device_page(request, device, error=wrong, person=person)

    def signing_off(session: Session) -> None:
        actor, back = Actor("device", device.token), _back(settings)
        sign_off(session, actor, person_id=person_id, token_id=device.token, ended_at=end, back=back)

    error = written(request, signing_off)
    if isinstance(error, GisgridError):
        return _device_page(request, device, error=error, person=person)
    return see_other("/device?done=off")


def _moment(text: str, settings: Settings) -> datetime | None:
    """Read a time of a clock here; None for none. Raises BadLocalTime."""
    if not text:
        return None
    try:
        moment = read_time(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadLocalTime(
            "时间无法识别，例如 2026-11-01T08:00", "cannot read the time; write it as 2026-11-01T08:00"
        ) from error
