"""Before the service opens: somebody must be able to let the others in, and a demonstration stays on its machine."""

from typing import Final

from sqlalchemy import Engine, Select, or_, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.locks import be_alone
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import add_person
from gisgrid.staff.sign_in import issue_link
from gisgrid.staff.tables import Appointment, Person
from gisgrid.staff.tokens import Issued

ADMINISTRATOR: Final = "administrator"
FIRST_NAME: Final = "admin"
LOCK: Final = (0x67697367, 0x6F70656E)
"""The numbers under which PostgreSQL lets one service open after another."""


def is_demonstration(session: Session) -> bool:
    """Tell whether there are accounts that anybody may try."""
    return session.scalar(select(Person.id).where(Person.is_demonstration).limit(1)) is not None


def opening_link(engine: Engine) -> Issued | None:
    """Return a one-time link for an administrator, if none of them has another way in or all is a demonstration.

    The first start of all makes the administrator; of several at the same time, one does.
    """
    with session_scope(engine, write=True) as session:
        be_alone(session, *LOCK)
        person = _administrator(session)
        if person is None:
            person = add_person(session, OPERATOR, FIRST_NAME)
            grant(session, OPERATOR, person, ADMINISTRATOR)
        elif _has_a_way_in(session):
            return None
        return issue_link(session, OPERATOR, person)


def _administrator(session: Session) -> Person | None:
    return session.scalar(_administrators().order_by(Person.is_demonstration.desc(), Person.id).limit(1))


def _has_a_way_in(session: Session) -> bool:
    way = or_(Person.password_hash.is_not(None), Person.oidc_subject.is_not(None))
    return session.scalar(_administrators().where(way, ~Person.is_demonstration).limit(1)) is not None


def _administrators() -> Select[Person]:
    managing = select(Appointment.person_id).where(Appointment.role == ADMINISTRATOR)
    return select(Person).where(Person.id.in_(managing), Person.is_active)
