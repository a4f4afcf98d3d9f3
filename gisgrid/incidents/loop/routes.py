"""The closed loop over HTTP: the case of an incident, its moves, its photos and documents."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from gisgrid.attachments.answer import attachment_answer
from gisgrid.attachments.sent import Form, SentForm, form_schema
from gisgrid.attachments.store import taken_in
from gisgrid.database import ReadSession, WriteSession, session_scope
from gisgrid.errors import Refused
from gisgrid.incidents.loop.evidence import Shows, add_exhibit, exhibit, exhibits
from gisgrid.incidents.loop.present import case_shown
from gisgrid.incidents.loop.schemas import CaseEntry, ExhibitEntry, NearEntry, TransitionCreate
from gisgrid.incidents.loop.transitions import move
from gisgrid.incidents.near.alike import alike
from gisgrid.incidents.near.along import along_own_track
from gisgrid.incidents.reporter import as_reporter, as_sender
from gisgrid.incidents.reports import NoSuchIncident, require_incident
from gisgrid.parameters import DayQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api/incidents/{identifier}", tags=["incidents"])
own = APIRouter(prefix="/api/me/incidents", tags=["incidents"])

FILE: Final = {"type": "string", "format": "binary", "description": "a photo (JPEG, PNG, WebP) or a PDF"}
EXHIBIT: Final = form_schema(
    {
        "file": FILE,
        "shows": {"type": "string", "enum": ["found", "done"], "description": "what was found, or what was done"},
        "caption": {"type": "string", "maxLength": 200},
    },
    ["file"],
)
MOST_CAPTION: Final = 200


class NoFile(Refused):
    """A form without the one file that it is about, or with a word that means nothing."""


@router.get("/case")
def get_case(request: Request, session: ReadSession, asker: Asker, identifier: int) -> CaseEntry:
    """Return what is on record of an incident: state, clock, steps, photos, and the moves open to whoever asks."""
    settings: Settings = request.app.state.settings
    with as_reporter(session, asker, datetime.now(UTC)):
        return CaseEntry.model_validate(case_shown(session, settings, asker, identifier))


@router.post("/transitions", openapi_extra=one_schema(TransitionCreate))
def post_transition(
    request: Request, session: WriteSession, asker: Asker, identifier: int, body: JsonBody
) -> CaseEntry:
    """Move an incident along the loop; answer its case as it is now.

    409 if the state allows no such move, or somebody else was quicker; 403 if it is for others; 422 if it lacks what
    it needs.
    """
    settings: Settings = request.app.state.settings
    sent = read_one(TransitionCreate, body)
    move(session, settings, asker, identifier, sent.revision, sent.wish)
    try:
        moved = case_shown(session, settings, asker, identifier)
    except NoSuchIncident:  # it went out of their sight by their own move, of which they are told
        with seeing_everything(session):
            moved = case_shown(session, settings, asker, identifier)
    return CaseEntry.model_validate(moved)


@router.get("/duplicates")
def get_duplicates(session: ReadSession, identifier: int) -> list[NearEntry]:
    """List what may be the same: of its kind, within 50 m and 24 hours, the nearest first."""
    found = alike(session, require_incident(session, identifier))
    return [NearEntry.model_validate(each) for each in found]


@router.post("/exhibits", openapi_extra=EXHIBIT)
def post_exhibit(request: Request, asker: Asker, identifier: int, form: SentForm) -> ExhibitEntry:
    """Add a photo or a document, which is kept once however often it is sent; answer what is known of it."""
    settings: Settings = request.app.state.settings
    shows, caption = _said_of(form)
    content = taken_in(form.files[0].read(settings.max_photo_bytes), settings)  # before the write begins
    now = datetime.now(UTC)
    seen = request.state.sight
    engine = request.app.state.engine
    with session_scope(engine, write=True, sight=seen) as session, as_sender(session, asker, identifier, now):
        number = add_exhibit(session, actor_of(asker), identifier, content, shows, caption, now)
        added = next(each for each in exhibits(session, identifier) if each["id"] == number)
    return ExhibitEntry.model_validate(added)


def _said_of(form: Form) -> tuple[Shows, str]:
    shows, caption = form.fields.get("shows", "found"), form.fields.get("caption", "").strip()
    if len(form.files) != 1 or len(caption) > MOST_CAPTION or not (caption.isprintable() or not caption):
        raise NoFile(
            f"一次一个文件(file);说明(caption)至多 {MOST_CAPTION} 字,不能含控制字符",
            f"one file at a time (file); a caption of at most {MOST_CAPTION} letters without control characters",
        )
    if shows == "found":
        return "found", caption
    if shows == "done":
        return "done", caption
    raise NoFile("shows 应为 found(发现)或 done(处置)", "shows must be found or done")


@router.get("/exhibits/{number}", response_class=Response)
def get_exhibit(
    request: Request, session: ReadSession, asker: Asker, identifier: int, number: Annotated[int, Path(ge=1, le=2**53)]
) -> Response:
    """Return a photo or document of an incident."""
    with as_reporter(session, asker, datetime.now(UTC)):
        return attachment_answer(request, exhibit(session, identifier, number))


@own.get("")
def get_own_incidents(request: Request, session: ReadSession, asker: Asker, day: DayQuery = None) -> list[NearEntry]:
    """List the incidents along one's own track of a day, today if none is named: within 50 m of one's own fixes."""
    settings: Settings = request.app.state.settings
    today = datetime.now(settings.zone).date()
    found = along_own_track(session, settings, asker.person or 0, day or today)
    return [NearEntry.model_validate(each) for each in found]
