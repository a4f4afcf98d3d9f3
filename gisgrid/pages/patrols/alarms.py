"""Calls for help, for the staff who answer for the place: who called, where from, and who sees to it."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.grid.place import CELL_COLUMNS
from gisgrid.grid.tables import Cell
from gisgrid.pages.called import Both
from gisgrid.pages.forms import RowId, Sender
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page
from gisgrid.patrols.alarms.calls import acknowledge, alarms_page
from gisgrid.patrols.people import own_patroller
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/alarms", tags=["alarms"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
DONE: Final = {"acknowledged": Both("已确认，呼救人会看到", "acknowledged; whoever called will see it")}

Show = Literal["open", "all"]
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def get_alarms(
    request: Request, caller: Asker, show: Show = "open", offset: OffsetQuery = 0, done: Done = ""
) -> HTMLResponse:
    """List the calls for help in one's cells, those that nobody has acknowledged or all of them, the newest first."""
    return _alarms_page(request, caller, show, offset, done=DONE.get(done))


@router.post("/{alarm_id}/acknowledge")
def post_acknowledgement(request: Request, caller: Sender, alarm_id: RowId) -> Response:
    """Say that one sees to a call for help."""

    def acknowledging(session: Session) -> None:
        acknowledge(session, caller.person or 0, alarm_id)

    error: GisgridError | None = written(request, acknowledging)
    if error is None:
        return see_other("/alarms?done=acknowledged")
    return _alarms_page(request, caller, "open", 0, error=error)


def _alarms_page(request: Request, caller: Caller, show: Show, offset: int, **told: Any) -> HTMLResponse:
    part = Page(AT_A_TIME, offset)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, alarms = alarms_page(session, part, is_open=show == "open")
        own = own_patroller(session, caller.person or 0)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "alarms": [{**each, "where": _where(session, each)} for each in alarms],
            "own": None if own is None else own.ref,
            "turn": turned(request, part, matched),
        }
    return page(request, "patrols/alarms.html", show=show, here="/alarms", **values, **told)


def _where(session: Session, alarm: dict[str, Any]) -> str | None:
    """Return the name of the finest cell in which it lies."""
    finest = next((alarm[column] for column in reversed(CELL_COLUMNS) if alarm[column]), None)
    cell = session.get(Cell, finest) if finest else None
    return None if cell is None else cell.name
