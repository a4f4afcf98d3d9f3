"""The departments there are, by their codes: told to whoever names one that is none of them."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.staff.tables import Department


def department_codes(session: Session, but: int | None = None) -> str:
    """Return the codes of all departments in one line; `but` is the row of one that is not for the asking."""
    rows = session.execute(select(Department.id, Department.code))
    return in_line(row.code for row in rows if row.id != but)


def in_line(codes: Iterable[str]) -> str:
    """Return codes in one line, in their order."""
    return ", ".join(sorted(codes))
