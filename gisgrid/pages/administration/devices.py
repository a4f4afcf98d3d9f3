"""Administration of phones and boards: their tokens, shown once, and when each was last used."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, RowId, Sender, actor_of
from gisgrid.pages.frame import PAGES, page, see_other, written
from gisgrid.patrols.trackers.setup import LINKS, TEMPLATES
from gisgrid.settings import Settings
from gisgrid.staff.appointments import UnknownCell
from gisgrid.staff.devices import add_board, add_device, device_url, revoke_token, tokens_of
from gisgrid.staff.qr import qr_png
from gisgrid.staff.tokens import Issued
from gisgrid.tls.served import Served

PREFIX = "/admin/devices"
router = APIRouter(prefix=PREFIX, tags=["administration"], responses=PAGES, default_response_class=HTMLResponse)

Done = Annotated[str, Query(max_length=20)]
DeviceKind = Literal["device", "board"]


class App(NamedTuple):
    """How an app is set up: its protocol, name and step, the address that it takes, and the code that shows it."""

    protocol: str
    name: str
    step: Both
    address: str
    picture: str | None


PASTE = Both("把地址粘贴到应用的设置里。", "Paste the address into the settings of the app.")
OPEN = Both(
    "用手机扫码或打开链接，应用会自行设置。", "Scan the code or open the link on the phone; the app sets itself up."
)
APPS = {
    "traccar": ("Traccar Client", Both("在应用的设置里扫码。", "Scan the code in the settings of the app.")),
    "owntracks": ("OwnTracks", OPEN),
    "overland": ("Overland (iPhone)", OPEN),
    "gpslogger": ("GPSLogger", PASTE),
    "osmand": ("OsmAnd", PASTE),
}

DONE = {"revoked": Both("已吊销，下一次请求即失效", "revoked: it is out with its next request")}


@router.get("")
def get_devices(request: Request, done: Done = "") -> HTMLResponse:
    """List phones and boards."""
    return _devices_page(request, done=DONE.get(done))


def _devices_page(request: Request, **values: Any) -> HTMLResponse:
    with session_scope(request.app.state.engine) as session:
        tokens, called = tokens_of(session, "device", "board"), Called(session)
    certificate: Served | None = request.app.state.certificate
    given: dict[str, Any] = {"error": None, "done": None, "kind": "device", "name": "", "cell": "", **values}
    given["is_local"] = certificate is not None and certificate.is_local
    return page(
        request,
        "administration/devices.html",
        tokens=tokens,
        called=called,
        here=PREFIX,
        now=datetime.now(UTC),
        **given,
    )


@router.post("")
def post_device(
    request: Request, caller: Sender, kind: Annotated[DeviceKind, Form()], name: Line = "", cell: Line = ""
) -> Response:
    """Add a phone or a board; its token, address and QR code are shown in this answer and never again."""

    def adding(session: Session) -> Issued:
        if kind == "board":
            return add_board(session, actor_of(caller), name, cell or None)
        if not cell:
            raise UnknownCell("请选择手机所属的网格", "choose the cell that the phone belongs to")
        return add_device(session, actor_of(caller), name, cell)

    made = written(request, adding)
    if isinstance(made, GisgridError):
        return _devices_page(request, error=made, kind=kind, name=name, cell=cell)
    settings: Settings = request.app.state.settings
    address = device_url(settings, made.words)
    apps = _apps(settings.origin, made) if kind == "device" else []
    return page(
        request,
        "administration/device_added.html",
        made=made,
        address=address,
        picture=_code(address),
        apps=apps,
        here=PREFIX,
    )


def _apps(origin: str, made: Issued) -> list[App]:
    """Return how each app is told to send in the name of a device."""
    name = f"gisgrid-{made.row.id}"
    scanned = [(protocol, link(origin, made.words, name)) for protocol, link in LINKS.items()]
    pasted = [(protocol, template(origin, made.words)) for protocol, template in TEMPLATES.items()]
    return [
        *(App(protocol, *APPS[protocol], address, _code(address)) for protocol, address in scanned),
        *(App(protocol, *APPS[protocol], address, None) for protocol, address in pasted),
    ]


def _code(address: str) -> str:
    return f"data:image/png;base64,{b64encode(qr_png(address)).decode()}"


@router.post("/{token_id}/revoke")
def post_device_revoke(request: Request, caller: Sender, token_id: RowId) -> Response:
    """Revoke a phone's or board's token."""
    error = written(request, lambda session: revoke_token(session, actor_of(caller), token_id, "device", "board"))
    if isinstance(error, GisgridError):
        return _devices_page(request, error=error)
    return see_other(f"{PREFIX}?done=revoked")
