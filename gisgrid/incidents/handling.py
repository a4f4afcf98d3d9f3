"""Who handles a confidential incident, and who says so: its handlers, and nobody else.

A handler is whoever was named for the incident, or holds the role for the cell in which it lies. Whoever reported it
goes on seeing it and its handlers, but names none: what they know ends with their report.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, NotFound, Refused
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.incidents.tables import Handler, handled
from gisgrid.once import table_of
from gisgrid.sight import NOTHING, Sight, seen_by, sight_of, visible
from gisgrid.staff import scope
from gisgrid.staff.caller import roles_of
from gisgrid.staff.people import NoSuchPerson, person_called
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Person

HANDLER = table_of(Handler)


class NotItsHandler(Forbidden):
    """Somebody who sees an incident without handling it."""


class NotConfidential(Conflict):
    """An incident that everybody who answers for its cell handles."""


class CannotHandle(Refused):
    """Nobody of that name could see the incident if they were named."""


class NoSuchHandler(NotFound):
    """Nobody of that number was named to handle the incident."""


class LastHandler(Conflict):
    """Nobody would be left who handles the incident."""


class Named(NamedTuple):
    """Somebody who was named to handle an incident, and why; `person` is their row."""

    person: int
    name: str
    full_name: str
    named_at: datetime
    reason: str


def handlers(session: Session, incident: int) -> list[Named]:
    """Return who was named to handle an incident, in the order of naming. Raises NoSuchIncident."""
    require_incident(session, incident)
    asked = select(Person.id, Person.name, Person.full_name, HANDLER.c.named_at, HANDLER.c.reason)
    named = asked.join(HANDLER, HANDLER.c.person_id == Person.id).where(
        visible(session, HANDLER), HANDLER.c.incident_id == incident
    )
    return [Named(*row) for row in session.execute(named.order_by(HANDLER.c.named_at, Person.id))]


def name_handler(session: Session, by: int, incident: int, name: str, reason: str) -> list[Named]:
    """Name somebody, by their sign-in name, to handle an incident; return all who are named. Twice is once.

    `by` is the person who asks. Raises NoSuchIncident, NotItsHandler, NotConfidential, CannotHandle.
    """
    _require_handled(session, incident)
    person = _person(session, name).id
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"incident_id": incident, "person_id": person, "named_by": by, "named_at": datetime.now(UTC)}
    added = kind.insert(HANDLER).values(**row, reason=reason).on_conflict_do_nothing().returning(HANDLER.c.person_id)
    is_new = session.execute(added).first() is not None
    if not sees(session, person, incident):
        raise _cannot_handle()
    named = handlers(session, incident)
    if is_new:
        record(session, Actor("person", by), "incident.handler_named", ("incident", incident), person=person)
    return named


def remove_handler(session: Session, by: int, incident: int, person: int) -> None:
    """Take somebody off an incident that they were named to handle.

    `by` is the person who asks. Raises NoSuchIncident, NotItsHandler, NotConfidential, NoSuchHandler, LastHandler.
    """
    sight = _require_handled(session, incident)
    its = (visible(session, HANDLER), HANDLER.c.incident_id == incident)
    named = set(session.scalars(select(HANDLER.c.person_id).where(*its)))
    if person not in named:
        raise NoSuchHandler("此人不是该事件的指定经办人", "nobody of that number is named to handle the incident")
    if named == {person} and not _is(session, incident, handled(replace(sight, person=None), INCIDENT.c)):
        raise LastHandler(
            "这是最后一位经办人;请先指定另一位", "this is the last of its handlers; name somebody else first"
        )
    session.execute(delete(HANDLER).where(*its, HANDLER.c.person_id == person))
    record(session, Actor("person", by), "incident.handler_removed", ("incident", incident), person=person)


def sees(session: Session, person: int, incident: int) -> bool:
    """Tell whether somebody would see an incident, which whoever asks sees, if they asked for it themselves."""
    return _is(session, incident, _seen_by(session, person))


def _require_handled(session: Session, incident: int) -> Sight:
    """Check that whoever asks handles a confidential incident, which stays locked; return what they see."""
    sight = sight_of(session)
    row = require_incident(session, incident, lock=True)
    if not row["is_confidential"]:
        raise NotConfidential(
            "只有保密事件才指定经办人;其他事件由所在网格的人员办理",
            "only a confidential incident has named handlers; others are for whoever answers for the cell",
        )
    if not _is(session, incident, handled(sight, INCIDENT.c)):
        raise NotItsHandler("只有该事件的经办人可以指定或撤销经办人", "only its handlers name or remove its handlers")
    return sight


def _is(session: Session, incident: int, condition: ColumnElement[bool]) -> bool:
    """Tell whether an incident that whoever asks sees is as a condition says."""
    asked = select(INCIDENT.c.id).where(visible(session, INCIDENT), INCIDENT.c.id == incident, condition)
    return session.execute(asked).first() is not None


def _person(session: Session, name: str) -> Person:
    try:
        person = person_called(session, name)
    except NoSuchPerson as error:
        raise _cannot_handle() from error
    if not person.is_active:
        raise _cannot_handle()
    return person


def _seen_by(session: Session, person: int) -> ColumnElement[bool]:
    """Return the condition that somebody would see an incident if they asked."""
    roles = roles_of(session, person)
    may_ask = any("incidents" in ROLES[role.name] for role in roles)
    return seen_by(scope.sight(session, roles, "incidents", person) if may_ask else NOTHING, INCIDENT)


def _cannot_handle() -> CannotHandle:
    # one answer to all: who has an account, and who may see what, is not for asking here
    return CannotHandle(
        "没有可以经办此事件的人用这个登录名:须在用、有查看事件的角色,且不属于被投诉单位",
        "nobody of that sign-in name can handle this incident: it takes an account in use, a role that sees incidents, "
        "and no part in the unit complained of",
    )
