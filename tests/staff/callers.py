"""People of the tests: with an account, roles and a token to show."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.database import make_engine, session_scope
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Appointment, Department, Person
from gisgrid.staff.tokens import Issued, Kind, issue
from tests.postgis import as_owner

_numbers = count(1)

Where = str | None


def person(
    session: Session, *roles: tuple[str, Where], name: str = "", department: str | None = None, **fields: object
) -> Person:
    """Add somebody who has roles, each in the cell of a code; None is everywhere."""
    now = datetime.now(UTC)
    made = Person(name=name or f"someone-{next(_numbers)}", created_at=now, **fields)
    session.add(made)
    session.flush()
    number = session.scalar(select(Department.id).where(Department.code == department)) if department else None
    for role, cell_code in roles:
        where = {"cell_code": cell_code, "department_id": number}
        session.add(Appointment(person_id=made.id, role=role, granted_at=now, **where))
    session.flush()
    return made


def key(session: Session, *roles: tuple[str, Where], kind: Kind = "api", **fields: object) -> Issued:
    """Return a token of somebody who has these roles."""
    return issue(session, kind, person_id=person(session, *roles, **fields).id)  # type: ignore[arg-type]


def anybody(settings: Settings, roles: Sequence[str] = tuple(ROLES)) -> str:
    """Return the words of a token whose bearer may do everything everywhere."""
    engine = make_engine(as_owner(settings.database_url))
    with session_scope(engine, write=True) as session:
        words = key(session, *((role, None) for role in roles)).words
    engine.dispose()
    return words
