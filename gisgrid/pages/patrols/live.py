"""Who is on duty now: a table that keeps itself up to date."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both
from gisgrid.pages.frame import PAGES, account_of, page
from gisgrid.pages.patrols.rounds import STATES
from gisgrid.patrols.reading import read_purpose
from gisgrid.staff.caller import Asker

router = APIRouter(prefix="/live", tags=["live"], responses=PAGES, default_response_class=HTMLResponse)

ROUNDS: Final = (*STATES.items(), ("gaps", Both("漏巡未关闭", "open gaps")))
"""What is counted of today's rounds."""


@router.get("")
def get_live(request: Request, caller: Asker, purpose: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """Show who is on duty in one's cells, once it is said for what one looks."""
    said, error = "", None
    try:
        said = read_purpose(purpose) if purpose else ""
    except GisgridError as wrong:
        error = wrong
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        account = account_of(session, caller)
    minutes = request.app.state.settings.silent_minutes
    told: dict[str, Any] = {"purpose": said, "typed": purpose, "silent_minutes": minutes, "rounds": ROUNDS}
    return page(request, "patrols/live.html", account=account, error=error, here="/live", **told)
