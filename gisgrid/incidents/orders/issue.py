"""An order (督办) is issued: by a leader or the supervision office whose cells hold the incident, or by the timer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, Refused
from gisgrid.incidents.answering import all_cells_of, holds_one
from gisgrid.incidents.departments import department_codes
from gisgrid.incidents.handling import sees
from gisgrid.incidents.lifecycle import OPEN
from gisgrid.incidents.orders.tables import Order, OrderCount
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.telling import News, tell
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller
from gisgrid.staff.people import NoSuchPerson, person_called
from gisgrid.staff.tables import Department

ORDER, COUNT = table_of(Order), table_of(OrderCount)
ISSUERS: Final = frozenset({"street_leader", "community_leader", "attached_leader", "supervision"})
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=366)


class NotYoursToOrder(Forbidden):
    """Somebody who neither leads where the incident lies nor supervises there."""


class NothingToOrder(Conflict):
    """An incident that has ended."""


class BadOrder(Refused):
    """An order without words, addressee or a deadline to come."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as it is asked for: to a department (code) or a person (sign-in name), else to whoever acts."""

    words: str
    deadline_at: datetime
    department: str | None = None
    person: str | None = None


Addressee = dict[str, Any]


def issue(session: Session, settings: Settings, caller: Caller, incident: int, wanted: Wanted, now: datetime) -> int:
    """Issue an order on an incident that the caller sees; return its row.

    Raises NoSuchIncident, NotYoursToOrder, NothingToOrder, BadOrder.
    """
    row = require_incident(session, incident, lock=True)
    require_issuer(session, caller, row)
    if row["state"] not in OPEN:
        raise NothingToOrder("此件已办结,无须督办", "it has ended: there is nothing to see to")
    if not wanted.words.strip():
        raise BadOrder("请写明督办要求", "say what is to be done")
    if not now + SHORTEST <= wanted.deadline_at <= now + LONGEST:
        raise BadOrder("回复期限应在今后一年内", "the deadline must be within the year to come")
    to = _addressee(session, row, wanted)
    given = {"words": wanted.words.strip(), "deadline_at": wanted.deadline_at, "issued_by": caller.person, **to}
    return store(session, settings.zone, Actor("person", caller.person), row, given, now)


def may_issue(session: Session, caller: Caller, incident: Mapping[str, Any]) -> bool:
    """Tell whether somebody who sees an incident may issue an order on it."""
    return holds_one(caller, ISSUERS, all_cells_of(session, incident))


def require_issuer(session: Session, caller: Caller, incident: Mapping[str, Any]) -> None:
    """Check that somebody leads where an incident lies, or supervises there. Raises NotYoursToOrder."""
    if not may_issue(session, caller, incident):
        raise NotYoursToOrder(
            "督办由负责该网格的领导或督查室下达和销号",
            "orders are issued and closed by leaders of the cell and the supervision office",
        )


def default_addressee(incident: Mapping[str, Any]) -> Addressee:
    """Return to whom an order goes that names nobody: the department in the lead, the handler, or the cell."""
    if incident["department_id"] is not None:
        return {"addressee_department_id": incident["department_id"]}
    if incident["handler_id"] is not None:
        return {"addressee_person_id": incident["handler_id"]}
    return {"addressee_code": incident["answering_code"]}


def _addressee(session: Session, incident: Mapping[str, Any], wanted: Wanted) -> Addressee:
    if wanted.department and wanted.person:
        raise BadOrder("督办对象请写部门或个人之一", "name a department or a person, one of the two")
    if wanted.department:
        number = session.scalar(select(Department.id).where(Department.code == wanted.department))
        complained = incident["complained_department_id"]
        if number is None or number == complained:
            codes = department_codes(session, but=complained)
            raise BadOrder(
                f"没有这个职能部门,或被投诉的正是它;可用:{codes}",
                f"there is no such department, or the complaint is about it; use {codes}",
            )
        return {"addressee_department_id": number}
    if wanted.person:
        return {"addressee_person_id": _person(session, incident["id"], wanted.person)}
    return default_addressee(incident)


def _person(session: Session, incident: int, name: str) -> int:
    try:
        person = person_called(session, name)
    except NoSuchPerson as error:
        raise _nobody() from error
    if not person.is_active or not sees(session, person.id, incident):
        raise _nobody()
    return person.id


def _nobody() -> BadOrder:
    # one answer to all: who has an account, and who may see what, is not for asking here
    return BadOrder(
        "没有可以办理此件的人用这个登录名", "nobody of that sign-in name can see to this incident: somebody who sees it"
    )


def store(
    session: Session,
    zone: ZoneInfo,
    actor: Actor,
    incident: Mapping[str, Any],
    given: Mapping[str, Any],
    now: datetime,
) -> int:
    """Store an order with its number; return its row."""
    year = now.astimezone(zone).year
    number = f"督办〔{year}〕{_counted(session, year)}号"
    row = {"incident_id": incident["id"], "number": number, "issued_at": now, **given}
    identifier: int = session.execute(insert(ORDER).returning(ORDER.c.id), row).scalar_one()
    record(session, actor, "order.issued", ("incident", incident["id"]), order=identifier)
    news = News("order", number, number, incident["answering_code"], given["deadline_at"], "/orders")
    tell(session, zone, incident, news)
    return identifier


def _counted(session: Session, year: int) -> int:
    """Count one more order of a year; the count stays locked until the commit: no gap, no double."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = kind.insert(COUNT).values(year=year, orders=1)
    counted = added.on_conflict_do_update(index_elements=["year"], set_={"orders": COUNT.c.orders + 1})
    orders: int = session.execute(counted.returning(COUNT.c.orders)).scalar_one()
    return orders
