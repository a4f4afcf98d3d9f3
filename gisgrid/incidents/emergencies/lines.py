"""Who stands in which line of an emergency, and in what order: whoever is nearest to the place first.

A line is a role, or a department; of each so many are called at once, and the next when nobody has acknowledged.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.answering import all_cells_of
from gisgrid.incidents.emergencies.plans import Call
from gisgrid.incidents.handling import sees
from gisgrid.staff.tables import Appointment, Department, Person

STAFF_OF_A_DEPARTMENT: Final = "department_staff"


class Line(NamedTuple):
    """A line: the role, and the row of the department where it is one's; how many at once; the control room's phone."""

    role: str
    department_id: int | None
    at_once: int
    phone: str

    @property
    def key(self) -> tuple[str, int | None]:
        """What tells it from others."""
        return self.role, self.department_id


class Called(NamedTuple):
    """An alert as it stands: in which line, when, and what came of it."""

    role: str
    department_id: int | None
    person_id: int
    turn: int
    alerted_at: datetime
    acknowledged_at: datetime | None
    followed_up_at: datetime | None

    @property
    def key(self) -> tuple[str, int | None]:
        """In which line it was."""
        return self.role, self.department_id


def lines_of(session: Session, calls: Sequence[Call], more: Collection[str] = ()) -> list[Line]:
    """Return the lines of a plan's calls, and of more departments, by code; one that there is no more is left out."""
    rows = dict(session.execute(select(Department.code, Department.id)).all())
    asked = [*calls, *(Call(department=code) for code in more if code)]
    found: dict[tuple[str, int | None], Line] = {}
    for call in asked:
        if call.department is None or call.department in rows:
            role = call.role or STAFF_OF_A_DEPARTMENT
            line = Line(role, rows.get(call.department or ""), call.at_once, call.phone)
            found.setdefault(line.key, line)
    return list(found.values())


def standing_in(session: Session, line: Line, row: Mapping[str, Any], but: Collection[int]) -> list[int]:
    """Return the rows of the people in a line for the place of an incident, the nearest first, without some.

    Nobody twice, nobody who is switched off, and nobody of the unit complained of.
    """
    codes = all_cells_of(session, row)
    asked = select(Appointment.person_id, Appointment.cell_code).join(Person, Person.id == Appointment.person_id)
    theirs = (Appointment.role == line.role, Appointment.department_id.is_not_distinct_from(line.department_id))
    rows = session.execute(asked.where(*theirs, Person.is_active).order_by(Appointment.id)).all()
    near = [each for each in rows if each.cell_code is None or each.cell_code in codes]
    ordered = sorted(near, key=lambda each: -len(each.cell_code or ""))
    people = dict.fromkeys(each.person_id for each in ordered if each.person_id not in but)
    return [each for each in people if row["is_confidential"] or sees(session, each, row["id"])]


def is_waiting(called: Sequence[Called], now: datetime, next_s: float) -> bool:
    """Tell whether the next of a line is due: nobody of it has acknowledged for so long since the last was called.

    `called` are the alerts of the line. One in which nobody stands any more was followed up, and is due no more.
    """
    if not called or any(each.acknowledged_at for each in called):
        return False
    last = max(called, key=lambda each: each.turn)
    return last.followed_up_at is None and now - last.alerted_at >= timedelta(seconds=next_s)
