"""Orders as they are shown: a list, those of an incident, and what whoever asks could do with each."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gisgrid.incidents.orders.issue import ORDER, may_issue
from gisgrid.incidents.orders.reply import may_close, may_reply
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.intake.finding import page_of
from gisgrid.parameters import Page
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.tables import Department, Person

Row = dict[str, Any]
MOST: Final = Page(limit=200, offset=0)
PEOPLE: Final = ("issued_by", "addressee_person_id", "replied_by", "closed_by")


def orders_page(
    session: Session, caller: Caller, page: Page, now: datetime, *, is_open: bool = False, incident: int | None = None
) -> tuple[int, list[Row]]:
    """Return how many orders on incidents that one may see there are, and a page of them, as `OrderEntry` says it.

    The newest first; of one incident, and those that are not closed, where it is asked for.
    """
    asked = _orders().where(visible(session, ORDER), visible(session, INCIDENT))
    asked = asked if incident is None else asked.where(ORDER.c.incident_id == incident)
    asked = asked.where(ORDER.c.closed_at.is_(None)) if is_open else asked
    matched, rows = page_of(session, asked.order_by(ORDER.c.id.desc()), page)
    return matched, [_shown(session, caller, row, now) for row in rows]


def orders_of(session: Session, caller: Caller, incident: int, now: datetime) -> tuple[list[Row], bool]:
    """Return the orders on an incident, and whether the caller may issue one. Raises NoSuchIncident."""
    row = require_incident(session, incident)
    return orders_page(session, caller, MOST, now, incident=incident)[1], may_issue(session, caller, row)


def order_shown(session: Session, caller: Caller, order: int, now: datetime) -> Row:
    """Return one order that may be seen."""
    asked = _orders().where(visible(session, ORDER), visible(session, INCIDENT), ORDER.c.id == order)
    return _shown(session, caller, session.execute(asked).mappings().one(), now)


def _orders() -> Select[Any]:
    case = INCIDENT.c.number.label("incident_number")
    return select(*ORDER.c, case).join(INCIDENT, INCIDENT.c.id == ORDER.c.incident_id)


def _shown(session: Session, caller: Caller, row: Any, now: datetime) -> Row:
    its = require_incident(session, row["incident_id"])
    department = session.get(Department, row["addressee_department_id"]) if row["addressee_department_id"] else None
    kept = ("id", "number", "incident_id", "incident_number", "words", "issued_at", "deadline_at")
    names = {column.removesuffix("_id"): _name(session, row[column]) for column in PEOPLE}
    return {
        **{name: row[name] for name in (*kept, "reply", "replied_at", "closed_at", "addressee_code")},
        **names,
        "is_by_timer": row["filed_step"] is not None,
        "department_zh": department and department.zh,
        "department_en": department and department.en,
        "is_overdue": row["replied_at"] is None and row["closed_at"] is None and row["deadline_at"] < now,
        "may_reply": row["closed_at"] is None and may_reply(session, caller, row, its),
        "may_close": may_close(session, caller, row, its),
    }


def _name(session: Session, number: int | None) -> str | None:
    person = None if number is None else session.get(Person, number)
    return None if person is None or person.erased_at is not None else person.full_name or person.name
