"""Signing on and off over HTTP: at a shared device with a PIN, in one's own browser or by one's own key without."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.database import ReadSession, WriteSession
from gisgrid.errors import Forbidden, Refused
from gisgrid.patrols.duty.consent import agree, require_notice, walks
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.duty.schemas import Proof, ShiftRecord, SignOff, SignOn
from gisgrid.patrols.duty.shifts import on_duty, sign_off, sign_on, wait_to_change
from gisgrid.patrols.tables import Shift
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.staff.connection import peer
from gisgrid.staff.people import person_of
from gisgrid.staff.sign_in import verify_pin
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api/shifts", tags=["shifts"])


class ProofNeeded(Refused):
    """At a shared device one says who one is, and shows it."""


class NotYourShift(Refused):
    """Whoever is signed in signs on and off for themselves alone, and needs no PIN for it."""


class NoPatroller(Forbidden):
    """Somebody signs on whose roles are not those of one who walks."""


def actor_of(caller: Caller) -> Actor:
    """Return a caller as the audit knows them."""
    return Actor("device", caller.token) if caller.kind == "device" else Actor("person", caller.person)


def _proven(request: Request, caller: Caller, sent: Proof) -> int | None:
    """Return who signs on or off, None if a device does not say. Raises what `verify_pin` raises, NotYourShift."""
    if caller.kind != "device":
        if sent.person is not None or sent.pin is not None:
            raise NotYourShift(
                "已登录,只能为本人签到签退;请去掉 person 和 pin", "you are signed in: leave `person` and `pin` out"
            )
        return caller.person
    if sent.person is None or sent.pin is None:
        return None
    return verify_pin(request.app.state.engine, sent.person, sent.pin, caller.token or 0, peer(request))


def _back(request: Request) -> timedelta:
    settings: Settings = request.app.state.settings
    return timedelta(hours=settings.withheld_hours)


def _device(caller: Caller) -> int | None:
    return caller.token if caller.kind == "device" else None


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(SignOn))
def post_shift(request: Request, session: WriteSession, caller: Asker, body: JsonBody) -> ShiftRecord:
    """Sign on. At a shared device `person` and `pin` say who; elsewhere it is whoever is signed in.

    The first time, and whenever the notice has changed, `notice_version` says that it was read and accepted. A late
    sign-on may begin in the past: what was measured since then counts.
    """
    sent = read_one(SignOn, body)
    person_id = _proven(request, caller, sent)  # before the transaction: failures are kept
    if person_id is None:
        raise ProofNeeded("请填写姓名(person)和 PIN 码(pin)", "say who signs on: `person` and `pin`")
    if not walks(session, person_id):
        raise NoPatroller(
            "此人没有巡查角色,不能签到;请联系管理员", "no role of this person walks; ask the administrator"
        )
    wait_to_change(session)
    _agree(request, session, caller, person_id, sent)
    shift = sign_on(session, actor_of(caller), person_id, _device(caller), sent.started_at, back=_back(request))
    return _record(shift, _called(session, person_id))


def _agree(request: Request, session: Session, caller: Caller, person_id: int, sent: SignOn) -> None:
    version = notice(request.app.state.settings).version
    if sent.notice_version == version:
        agree(session, actor_of(caller), person_id, "notice", version)
    require_notice(session, person_id, version)
    if sent.track:
        agree(session, actor_of(caller), person_id, "track", version)


@router.post("/end", openapi_extra=one_schema(SignOff))
def post_shift_end(request: Request, session: WriteSession, caller: Asker, body: JsonBody) -> ShiftRecord:
    """Sign off. An earlier `ended_at` withholds what was measured since; at a shared device that needs a PIN."""
    sent = read_one(SignOff, body)
    person_id = _proven(request, caller, sent)
    token_id = _device(caller)
    ended_at, back = sent.ended_at, _back(request)
    shift = sign_off(session, actor_of(caller), person_id=person_id, token_id=token_id, ended_at=ended_at, back=back)
    return _record(shift.shift, shift.called)


@router.get("/current")
def get_current_shift(session: ReadSession, caller: Asker) -> ShiftRecord | None:
    """Return who is signed on to the device that asks, or the shift of whoever is signed in; null where nobody is."""
    found = on_duty(session, person_id=caller.person, token_id=_device(caller))
    return None if found is None else _record(found.shift, found.called)


def _called(session: Session, person_id: int) -> str:
    person = person_of(session, person_id)
    return person.full_name or person.name


def _record(shift: Shift, called: str) -> ShiftRecord:
    times = {"started_at": shift.started_at, "ended_at": shift.ended_at, "signed_on_at": shift.signed_on_at}
    return ShiftRecord(id=shift.id, person=called, **times)
