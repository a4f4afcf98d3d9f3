"""Doubted fixes, for the staff who answer for the cells: why each is doubted; they release and annotate."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import ATTRIBUTES, NOTE_ACTS, STANDINGS, Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender, actor_of, in_words
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page, Period
from gisgrid.patrols.doubts.review import annotate, doubted_walkers, doubts_page, release, withdraw_release
from gisgrid.patrols.doubts.schemas import FLAGS
from gisgrid.patrols.doubts.unread import unread_page
from gisgrid.patrols.fixes import as_told
from gisgrid.patrols.judge import PLACELESS, QUARANTINED, Flag, doubts
from gisgrid.patrols.judge import told as told_of
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.reading import note_reading, read_purpose
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/doubts", tags=["doubts"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
LATELY: Final = timedelta(days=7)
"""Of what is not quarantined, so much is listed: much of it lies near an edge, and nobody need see to it."""
NO_PLACE: Final = int(PLACELESS & ~Flag.UNTIMED)
DONE: Final = {
    "released": Both("已放行，计入统计", "released: it counts now"),
    "withdrawn": Both("已撤回放行，重新隔离", "the release is taken back: it is quarantined again"),
    "noted": Both("附注已保存，巡查员会看到", "your note is kept; the patroller will see it"),
}

Show = Literal["quarantined", "all"]
Done = Annotated[str, Query(max_length=20)]
PurposeText = Annotated[str, Query(max_length=200)]
FlagText = Annotated[str, Query(max_length=20)]
Act = Callable[[Session, Settings, Caller, int, str], None]


@router.get("")
def get_doubts(
    request: Request,
    caller: Asker,
    show: Show = "quarantined",
    flag: FlagText = "",
    offset: OffsetQuery = 0,
    purpose: PurposeText = "",
    done: Done = "",
) -> HTMLResponse:
    """List the doubted fixes in one's cells, once it is said for what: the quarantined, or all of the last days."""
    return _doubts_page(request, caller, show, flag, offset, purpose, done=DONE.get(done))


def _doubts_page(
    request: Request, caller: Caller, show: Show, flag: str, offset: int, purpose: str, **told: Any
) -> HTMLResponse:
    part, asked = Page(AT_A_TIME, offset), _asked(show, flag)
    told["error"], said = _purpose(purpose, told.get("error"))
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, rows = doubts_page(session, part, **asked) if said else (0, [])
        whose = doubted_walkers(session, **asked) if said else set()
        fixes = _shown(session, rows, caller, request.app.state.settings)
        account = account_of(session, caller)
    _record(request, caller, whose, said)
    values: dict[str, Any] = {
        "account": account,
        "fixes": fixes,
        "turn": turned(request, part, matched) if said else None,
        "flags": [(name, told_of(each, request.app.state.settings)) for name, each in FLAGS.items()],
        "chosen": flag if flag in FLAGS else "",
        "standings": STANDINGS,
        "acts": NOTE_ACTS,
        "attributes": ATTRIBUTES,
        "query": urlencode({"show": show, "flag": flag, "purpose": said}),
        "show": show,
        "purpose": said or purpose,
        "here": "/doubts",
    }
    return page(request, "patrols/doubts.html", **(values | told))


def _asked(show: Show, flag: str) -> dict[str, Any]:
    lately = None if show == "quarantined" else Period(datetime.now(UTC) - LATELY, datetime.now(UTC) + LATELY)
    return {"flag": FLAGS.get(flag), "period": lately, "is_quarantined": show == "quarantined"}


def _purpose(typed: str, error: GisgridError | None) -> tuple[GisgridError | None, str]:
    """Return what is wrong, and the purpose if it is one; a page that was just opened is not blamed for having none."""
    if not typed:
        return error, ""
    try:
        return error, read_purpose(typed)
    except GisgridError as wrong:
        return wrong, ""


def _record(request: Request, caller: Caller, whose: set[str], purpose: str) -> None:
    if whose:
        with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
            note_reading(recording, actor_of(caller), whose, purpose, but=caller.person)


def _shown(session: Session, rows: Sequence[dict[str, Any]], caller: Caller, settings: Settings) -> list[Any]:
    called, own = Called(session), own_patroller(session, caller.person or 0)
    return [
        {
            **as_told(row),
            "doubts": doubts(row["flags"], settings),
            "where": _cell(row, called),
            "beyond": [(called.cell(code) if code else None, share) for code, share in as_told(row)["candidates"]],
            "is_own": own is not None and own.id == row["patroller_id"],
            "can_release": bool(row["flags"] & QUARANTINED)
            and not row["flags"] & (NO_PLACE | Flag.SEALED)
            and row["standing"] != "evidence",
        }
        for row in rows
    ]


def _cell(row: dict[str, Any], called: Called) -> Both | None:
    code = row["substation_code"] or row["community_code"] or row["street_code"]
    return called.cell(code) if code else None


# --- deciding --------------------------------------------------------------------------------------


@router.post("/{fix_id}/release")
def post_release(request: Request, caller: Sender, fix_id: RowId, words: Prose = "", back: Line = "") -> Response:
    """Let a quarantined fix count, for a reason."""

    def act(session: Session) -> None:
        reason = in_words(words, "请写明放行理由", "say why you release it")
        release(session, request.app.state.settings, actor_of(caller), caller.person or 0, fix_id, reason)

    return _back(request, caller, back, written(request, act), "released")


@router.post("/{fix_id}/withdraw")
def post_withdrawal(request: Request, caller: Sender, fix_id: RowId, back: Line = "") -> Response:
    """Quarantine a fix again that was released."""

    def act(session: Session) -> None:
        withdraw_release(session, request.app.state.settings, actor_of(caller), caller.person or 0, fix_id)

    return _back(request, caller, back, written(request, act), "withdrawn")


@router.post("/{fix_id}/notes")
def post_note(request: Request, caller: Sender, fix_id: RowId, words: Prose = "", back: Line = "") -> Response:
    """Say something of a fix."""

    def act(session: Session) -> None:
        said = in_words(words, "请写明附注", "say what there is to note")
        annotate(session, actor_of(caller), caller.person or 0, fix_id, said)

    return _back(request, caller, back, written(request, act), "noted")


def _back(request: Request, caller: Caller, purpose: str, error: GisgridError | None, done: str) -> Response:
    if error is None:
        return see_other(f"/doubts?{urlencode({'purpose': purpose, 'done': done})}")
    return _doubts_page(request, caller, "quarantined", "", 0, purpose, error=error)


# --- what is no fix --------------------------------------------------------------------------------


@router.get("/unread")
def get_unread(request: Request, caller: Asker, offset: OffsetQuery = 0, purpose: PurposeText = "") -> HTMLResponse:
    """List what the devices of one's cells sent that is no fix, once it is said for what."""
    error, said = _purpose(purpose, None)
    part = Page(AT_A_TIME, offset)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        found = unread_page(session, part, caller.person) if said else None
        values: dict[str, Any] = {"account": account_of(session, caller), "called": Called(session)}
    _record(request, caller, found.carriers if found else set(), said)
    values |= {
        "items": found.items if found else [],
        "turn": turned(request, part, found.matched) if found else None,
        "purpose": said or purpose,
        "error": error,
        "here": "/doubts/unread",
    }
    return page(request, "patrols/unread.html", **values)
