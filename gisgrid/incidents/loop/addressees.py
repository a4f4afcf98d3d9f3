"""To whom an incident is dispatched: departments, of which the first leads, or one person, or both."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.incidents.departments import department_codes
from gisgrid.incidents.handling import sees
from gisgrid.incidents.loop.standing import Case, Wish
from gisgrid.incidents.reports import require_incident
from gisgrid.staff.people import NoSuchPerson, person_called
from gisgrid.staff.tables import Department

COMPLAINED = ("complained_cell_id", "complained_department_id")


class NoSuchAddressee(Refused):
    """A department or a person to whom an incident cannot go."""


class Addressee(NamedTuple):
    """The rows of the departments, the leading one first, and of the person."""

    departments: tuple[int, ...] = ()
    person: int | None = None

    @property
    def lead(self) -> int | None:
        """The row of the department in the lead."""
        return self.departments[0] if self.departments else None


def addressee_of(session: Session, case: Case, wish: Wish) -> Addressee:
    """Return to whom a move sends an incident; nobody where it names none. Raises NoSuchAddressee, NoSuchIncident."""
    if wish.into is not None:
        require_incident(session, wish.into)  # one that may not be seen is none
    return Addressee(_departments(session, case, wish), _person(session, case, wish.person) if wish.person else None)


def parties(incident: int, to: Addressee) -> list[dict[str, Any]]:
    """Return the rows of the departments that act on an incident."""
    return [
        {"incident_id": incident, "department_id": each, "is_lead": each == to.lead}
        for each in dict.fromkeys(to.departments)
    ]


def _departments(session: Session, case: Case, wish: Wish) -> tuple[int, ...]:
    rows = dict(
        session.execute(select(Department.code, Department.id).where(Department.code.in_(wish.departments))).all()
    )
    found = tuple(rows[code] for code in dict.fromkeys(wish.departments) if code in rows)
    complained = case.row["complained_department_id"]
    if len(found) < len(set(wish.departments)) or complained in found:
        codes = department_codes(session, but=complained)
        raise NoSuchAddressee(
            f"没有这个职能部门,或被投诉的正是它;可用:{codes}",
            f"there is no such department, or the complaint is about it; use {codes}",
        )
    return found


def _person(session: Session, case: Case, name: str) -> int:
    try:
        person = person_called(session, name)
    except NoSuchPerson as error:
        raise _no_such_person() from error
    is_kept = case.row["is_confidential"] or any(case.row[column] is not None for column in COMPLAINED)
    if not person.is_active or (is_kept and not sees(session, person.id, case.row["id"])):
        raise _no_such_person()
    return person.id


def _no_such_person() -> NoSuchAddressee:
    return NoSuchAddressee(
        "没有可以经办此件的人用这个登录名;保密事件和投诉须先指定其为经办人,且不属于被投诉单位",
        "nobody of that sign-in name can handle this: for what is confidential or a complaint it takes one of its "
        "handlers, with no part in the unit complained of",
    )
