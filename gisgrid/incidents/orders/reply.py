"""The reply to an order: by those to whom it went; and its end (销号), by those who may issue one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound, Refused
from gisgrid.grid.kin import lineage
from gisgrid.incidents.answering import all_cells_of, holds_one
from gisgrid.incidents.loop.hands import DESK
from gisgrid.incidents.orders.issue import ORDER, may_issue, require_issuer
from gisgrid.incidents.reports import require_incident
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller

LARGEST_ID: Final = 2**63 - 1


class NoSuchOrder(NotFound):
    """No order that one may see has that number."""


class OrderClosed(Conflict):
    """A closed order."""


class NotReplied(Conflict):
    """An order is to be closed that nobody has replied to."""


class NotAddressed(Forbidden):
    """A reply of somebody to whom the order did not go."""


class OwnReply(Forbidden):
    """Somebody would accept what they replied themselves."""


class ReplyMissing(Refused):
    """A reply without words."""


def require_order(session: Session, order: int) -> dict[str, Any]:
    """Return the row of an order that may be seen, locked. Raises NoSuchOrder."""
    query = select(ORDER).where(visible(session, ORDER), ORDER.c.id == order).with_for_update()
    row = session.execute(query).mappings().first() if 0 < order <= LARGEST_ID else None
    if row is None:
        raise NoSuchOrder("没有这个编号的督办", "there is no order with that number")
    return dict(row)


def may_reply(session: Session, caller: Caller, order: Mapping[str, Any], incident: Mapping[str, Any]) -> bool:
    """Tell whether an order went to a caller: by name, as staff of the department, or of the cell."""
    if order["addressee_person_id"] is not None:
        return bool(order["addressee_person_id"] == caller.person)
    if order["addressee_department_id"] is not None:
        cells = all_cells_of(session, incident)
        theirs = [role for role in caller.roles if role.department_id == order["addressee_department_id"]]
        return any(role.cell_code is None or role.cell_code in cells for role in theirs)
    code = order["addressee_code"]
    return holds_one(caller, DESK, all_cells_of(session, incident) if code is None else lineage(session, code))


def reply(session: Session, caller: Caller, order: int, words: str) -> None:
    """Reply to an order; until it is closed, a later reply takes the place of the one before.

    Raises NoSuchOrder, OrderClosed, NotAddressed, ReplyMissing.
    """
    row = _require_open(session, order)
    if not may_reply(session, caller, row, require_incident(session, row["incident_id"])):
        raise NotAddressed("督办由被督办的部门或人员回复", "it is for those to whom the order went to reply")
    if not words.strip():
        raise ReplyMissing("请写明办理情况", "say what was done")
    given = {"reply": words.strip(), "replied_by": caller.person, "replied_at": datetime.now(UTC)}
    session.execute(update(ORDER).where(visible(session, ORDER), ORDER.c.id == order).values(given))
    record(session, Actor("person", caller.person), "order.replied", ("incident", row["incident_id"]), order=order)


def close(session: Session, caller: Caller, order: int) -> None:
    """Accept the reply of somebody else. Raises NoSuchOrder, OrderClosed, NotYoursToOrder, NotReplied, OwnReply."""
    row = _require_open(session, order)
    require_issuer(session, caller, require_incident(session, row["incident_id"]))
    if row["replied_at"] is None:
        raise NotReplied("尚未回复,不能销号", "nobody has replied to it yet")
    if row["replied_by"] == caller.person:
        raise OwnReply("不能为自己的回复销号", "somebody else accepts what you replied")
    given = {"closed_by": caller.person, "closed_at": datetime.now(UTC)}
    session.execute(update(ORDER).where(visible(session, ORDER), ORDER.c.id == order).values(given))
    record(session, Actor("person", caller.person), "order.closed", ("incident", row["incident_id"]), order=order)


def may_close(session: Session, caller: Caller, order: Mapping[str, Any], incident: Mapping[str, Any]) -> bool:
    """Tell whether a caller could close an order now."""
    waits = order["closed_at"] is None and order["replied_at"] is not None and order["replied_by"] != caller.person
    return waits and may_issue(session, caller, incident)


def _require_open(session: Session, order: int) -> dict[str, Any]:
    row = require_order(session, order)
    if row["closed_at"] is not None:
        raise OrderClosed("该督办已销号", "the order is closed")
    return row
