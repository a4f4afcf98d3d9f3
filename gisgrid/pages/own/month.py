"""One's own month, for oneself alone: what one walked, one's rounds, and who looked at one's track."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from gisgrid.coverage.occasions.define import file_name
from gisgrid.coverage.occasions.own import own_month
from gisgrid.coverage.occasions.own_paper import STATES, own_paper
from gisgrid.database import session_scope
from gisgrid.documents.paper import paper_pdf
from gisgrid.errors import GisgridError
from gisgrid.incidents.exchange.routes import download
from gisgrid.incidents.surveys.satisfaction import parse_month
from gisgrid.pages.frame import PAGES, account_of, page
from gisgrid.pages.patrols.reports import FILE
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker

router = APIRouter(prefix="/me", tags=["me"], responses=PAGES, default_response_class=HTMLResponse)

Asked = Annotated[str, Query(max_length=20)]


@router.get("/month")
def get_month(request: Request, caller: Asker, month: Asked = "") -> HTMLResponse:
    """Show one's own month, the current one if none is given."""
    settings: Settings = request.app.state.settings
    now = datetime.now(UTC)
    shown = f"{now.astimezone(settings.zone):%Y-%m}"
    error, own = None, None
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        try:
            day = parse_month(month or shown)
            own, shown = own_month(session, settings, caller.person or 0, day, now), f"{day:%Y-%m}"
        except GisgridError as mistake:
            error = mistake
        values: dict[str, Any] = {"account": account_of(session, caller)}
    return page(request, "own/month.html", error=error, here="/me/month", own=own, month=shown, states=STATES, **values)


@router.get("/month/file", response_class=Response, responses=FILE)
def get_month_file(request: Request, caller: Asker, month: Asked = "") -> Response:
    """Return one's own month as a PDF."""
    settings: Settings = request.app.state.settings
    now = datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        own = own_month(session, settings, caller.person or 0, parse_month(month or f"{today:%Y-%m}"), now)
        name = account_of(session, caller).full_name or caller.name
    content = paper_pdf(own_paper(own, name, today, settings.zone))
    return download(content, "application/pdf", file_name("month", own.period, settings.zone, "pdf"))
