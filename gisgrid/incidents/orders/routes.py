"""Supervision orders over HTTP: issued, replied to, closed."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.incidents.orders.issue import issue
from gisgrid.incidents.orders.present import order_shown, orders_page
from gisgrid.incidents.orders.reply import close, reply
from gisgrid.incidents.orders.schemas import OrderCreate, OrderEntry, Orders, ReplyCreate
from gisgrid.parameters import PageQuery
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api", tags=["orders"])

Number = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/incidents/{identifier}/orders", openapi_extra=one_schema(OrderCreate))
def post_order(request: Request, session: WriteSession, asker: Asker, identifier: int, body: JsonBody) -> OrderEntry:
    """Issue an order on an incident, which leaders of the cell and the supervision office do."""
    settings: Settings = request.app.state.settings
    sent = read_one(OrderCreate, body)
    return _answer(session, asker, issue(session, settings, asker, identifier, sent.wanted, datetime.now(UTC)))


@router.get("/orders")
def get_orders(
    session: ReadSession,
    asker: Asker,
    page: PageQuery,
    is_open: Annotated[bool, Query(alias="open")] = False,
    incident: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Orders:
    """List the orders on incidents that one may see, the newest first; with `open=true` those that are not closed."""
    matched, rows = orders_page(session, asker, page, datetime.now(UTC), is_open=is_open, incident=incident)
    found = [OrderEntry.model_validate(row) for row in rows]
    return Orders(orders=found, numberMatched=matched, numberReturned=len(found))


@router.post("/orders/{number}/reply", openapi_extra=one_schema(ReplyCreate))
def post_reply(session: WriteSession, asker: Asker, number: Number, body: JsonBody) -> OrderEntry:
    """Reply to an order, which those do to whom it went; until it is closed a later reply replaces it."""
    reply(session, asker, number, read_one(ReplyCreate, body).words)
    return _answer(session, asker, number)


@router.post("/orders/{number}/close")
def post_close(session: WriteSession, asker: Asker, number: Number) -> OrderEntry:
    """Accept the reply to an order, which is for those who may issue one."""
    close(session, asker, number)
    return _answer(session, asker, number)


def _answer(session: Session, caller: Caller, number: int) -> OrderEntry:
    return OrderEntry.model_validate(order_shown(session, caller, number, datetime.now(UTC)))
