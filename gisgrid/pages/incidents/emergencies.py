"""Emergencies, for those who are called and those who answer for the place: what it is, who knows, what is to do."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.incidents.emergencies.alerting import acknowledge
from gisgrid.incidents.emergencies.present import emergencies_page
from gisgrid.incidents.emergencies.progress import end, say, tick
from gisgrid.incidents.emergencies.routes import shown_and_noted
from gisgrid.incidents.emergencies.start import start
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.pages.small_map import map_of
from gisgrid.parameters import Page
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(tags=["emergencies"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
DONE: Final = {
    "started": Both(
        "预案已启动，三级和有关部门已同时通知", "the plan is started; all levels and departments are alerted"
    ),
    "acknowledged": Both("已确认收到", "acknowledged"),
    "done": Both("已记录", "recorded"),
    "ended": Both("应急已结束", "the emergency has ended"),
}

Show = Literal["open", "all"]
Done = Annotated[str, Query(max_length=20)]
TaskNumber = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/emergencies")
def get_emergencies(request: Request, caller: Asker, show: Show = "open", offset: OffsetQuery = 0) -> HTMLResponse:
    """List the emergencies that one may see, those that run or all of them, the newest first."""
    part, settings = Page(AT_A_TIME, offset), request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, rows = emergencies_page(session, settings, caller.person, part, is_open=show == "open")
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "called": Called(session),
            "rows": rows,
            "turn": turned(request, part, matched),
        }
    return page(request, "incidents/emergencies.html", show=show, here="/emergencies", **values)


@router.get("/emergencies/{emergency_id}")
def get_emergency(request: Request, caller: Asker, emergency_id: RowId, done: Done = "") -> HTMLResponse:
    """Show an emergency."""
    return _emergency_page(request, caller, emergency_id, done=DONE.get(done))


def _emergency_page(request: Request, caller: Caller, emergency_id: int, **told: Any) -> HTMLResponse:
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        it = shown_and_noted(request, session, caller, emergency_id)
        near = [(f"{n}", each["longitude"], each["latitude"]) for n, each in enumerate(it["nearest"], 1)]
        points = [("", it["longitude"], it["latitude"]), *near]
        values: dict[str, Any] = {
            "it": it,
            "map": map_of(session, request.app.state.settings, points, it["started_at"]),
            "account": account_of(session, caller),
            "called": Called(session),
            "now": datetime.now(UTC),
            "next_s": request.app.state.settings.alert_next_s,
        }
    return page(request, "incidents/emergency.html", here=f"/emergencies/{emergency_id}", **values, **told)


def _acted(
    request: Request, caller: Caller, emergency_id: int, act: Callable[[Session], object], done: str
) -> Response:
    error = written(request, act)
    if isinstance(error, GisgridError):
        return _emergency_page(request, caller, emergency_id, error=error)
    return see_other(f"/emergencies/{emergency_id}?done={done}")


@router.post("/incidents/{incident_id}/emergency")
def post_emergency(request: Request, caller: Sender, incident_id: RowId) -> Response:
    """Start the plan of an incident, and go to where it is worked through."""
    number = written(request, lambda session: start(session, request.app.state.settings, caller, incident_id))
    if isinstance(number, GisgridError):
        raise number
    return see_other(f"/emergencies/{number}?done=started")


@router.post("/emergencies/{emergency_id}/acknowledge")
def post_receipt(request: Request, caller: Sender, emergency_id: RowId) -> Response:
    """Say that one has got the alert."""

    def acknowledging(session: Session) -> None:
        acknowledge(session, caller.person or 0, emergency_id, datetime.now(UTC))

    return _acted(request, caller, emergency_id, acknowledging, "acknowledged")


@router.post("/emergencies/{emergency_id}/tasks/{task_id}")
def post_task(request: Request, caller: Sender, emergency_id: RowId, task_id: TaskNumber, words: Line = "") -> Response:
    """Tick a task off, by its number on the checklist."""

    def ticking(session: Session) -> None:
        tick(session, caller, emergency_id, task_id, words)

    return _acted(request, caller, emergency_id, ticking, "done")


@router.post("/emergencies/{emergency_id}/words")
def post_words(request: Request, caller: Sender, emergency_id: RowId, words: Prose = "") -> Response:
    """Add words to the record."""
    return _acted(request, caller, emergency_id, lambda session: say(session, caller, emergency_id, words), "done")


@router.post("/emergencies/{emergency_id}/end")
def post_end(request: Request, caller: Sender, emergency_id: RowId, words: Prose = "") -> Response:
    """End an emergency, with words on how."""
    return _acted(request, caller, emergency_id, lambda session: end(session, caller, emergency_id, words), "ended")
