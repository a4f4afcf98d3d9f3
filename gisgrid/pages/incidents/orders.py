"""Supervision orders: what was ordered to be seen to, the reply of those to whom it went, and its end."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.incidents.orders.issue import BadOrder, Wanted, issue
from gisgrid.incidents.orders.present import orders_page
from gisgrid.incidents.orders.reply import close, reply
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(tags=["orders"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
END_OF_DAY: Final = time(18)
"""Until when a reply is asked for on the day of a deadline."""
DONE: Final = {
    "issued": Both("督办已下达", "the order is issued"),
    "replied": Both("已回复，等待销号", "replied; it waits to be closed"),
    "closed": Both("已销号", "closed"),
}

Show = Literal["open", "all"]
Done = Annotated[str, Query(max_length=20)]
DayField = Annotated[date | None, Form()]


@router.get("/orders")
def get_orders(
    request: Request, caller: Asker, show: Show = "open", offset: OffsetQuery = 0, done: Done = ""
) -> HTMLResponse:
    """List the orders on incidents that one may see, those that are not closed or all of them, the newest first."""
    return _orders_page(request, caller, show, offset, done=DONE.get(done))


def _orders_page(request: Request, caller: Caller, show: Show, offset: int, **told: Any) -> HTMLResponse:
    part, now = Page(AT_A_TIME, offset), datetime.now(UTC)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, rows = orders_page(session, caller, part, now, is_open=show == "open")
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "called": Called(session),
            "orders": rows,
            "turn": turned(request, part, matched),
        }
    return page(request, "incidents/orders.html", show=show, here="/orders", **values, **told)


def _acted(request: Request, caller: Caller, act: Callable[[Session], object], done: str) -> Response:
    error = written(request, act)
    if isinstance(error, GisgridError):
        return _orders_page(request, caller, "open", 0, error=error)
    return see_other(f"/orders?done={done}")


@router.post("/incidents/{incident_id}/orders")
def post_order(
    request: Request,
    caller: Sender,
    incident_id: RowId,
    words: Prose = "",
    until: DayField = None,
    department: Line = "",
    person: Line = "",
) -> Response:
    """Issue an order on an incident, to be replied to by the end of work of a day."""
    settings: Settings = request.app.state.settings

    def issuing(session: Session) -> int:
        if until is None:
            raise BadOrder("请选择回复期限", "choose a day until which to reply")
        deadline = datetime.combine(until, END_OF_DAY, settings.zone)
        wanted = Wanted(words, deadline, department or None, person or None)
        return issue(session, settings, caller, incident_id, wanted, datetime.now(UTC))

    return _acted(request, caller, issuing, "issued")


@router.post("/orders/{order_id}/reply")
def post_reply(request: Request, caller: Sender, order_id: RowId, words: Prose = "") -> Response:
    """Reply to an order."""
    return _acted(request, caller, lambda session: reply(session, caller, order_id, words), "replied")


@router.post("/orders/{order_id}/close")
def post_close(request: Request, caller: Sender, order_id: RowId) -> Response:
    """Accept the reply to an order."""
    return _acted(request, caller, lambda session: close(session, caller, order_id), "closed")
