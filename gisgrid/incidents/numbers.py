"""The number of a case, and its first step: date, cell and how many there were, counted under a lock.

A number that was given is on record, and one that a failed transaction took was never given: no gap, no double.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.grid.place import CELL_COLUMNS
from gisgrid.grid.tables import Cell
from gisgrid.incidents.tables import CaseCount, Incident, Step
from gisgrid.once import table_of
from gisgrid.sight import seeing_everything, visible

INCIDENT, STEP, COUNT = table_of(Incident), table_of(Step), table_of(CaseCount)
NOWHERE: Final = "000000000"
"""What stands in a number for the cell of what lies in none."""


def begin(session: Session, new: Sequence[dict[str, Any]], zone: ZoneInfo) -> dict[int, str]:
    """Give each of some new incidents, as stored rows, its number, the cell that answers for it and its first step.

    Return the numbers by the rows of the incidents.
    """
    if not new:
        return {}
    codes = _finest_codes(session, new)
    days = [row["reported_at"].astimezone(zone).date() for row in new]
    numbers = _numbers(session, [(day, code or NOWHERE) for day, code in zip(days, codes, strict=True)])
    given = [
        {"its": row["id"], "its_number": number, "code": code}
        for row, number, code in zip(new, numbers, codes, strict=True)
    ]
    values: dict[str, Any] = {"number": bindparam("its_number"), "answering_code": bindparam("code")}
    with seeing_everything(session):  # whoever reports may see less than where they are
        its = (visible(session, INCIDENT), INCIDENT.c.id == bindparam("its"))
        session.connection().execute(update(INCIDENT).where(*its).values(values), given)
        session.execute(insert(STEP), [_first_step(row, code) for row, code in zip(new, codes, strict=True)])
    return {each["its"]: each["its_number"] for each in given}


def _first_step(row: dict[str, Any], code: str | None) -> dict[str, Any]:
    move = {"incident_id": row["id"], "number": 1, "move": "report", "to_state": "reported"}
    return {**move, "made_at": row["received_at"], "made_by": row["reported_by"], "answering_code": code}


def _finest_codes(session: Session, rows: Sequence[dict[str, Any]]) -> list[str | None]:
    finest = [next((row[column] for column in reversed(CELL_COLUMNS) if row[column] is not None), None) for row in rows]
    asked = select(Cell.id, Cell.code).where(Cell.id.in_({cell for cell in finest if cell is not None}))
    codes = dict(session.execute(asked).all())
    return [None if cell is None else codes[cell] for cell in finest]


def _numbers(session: Session, wanted: Sequence[tuple[date, str]]) -> list[str]:
    """Return a number for each of some days and cells, in order; the counts stay locked until the commit."""
    last = {key: _count(session, *key, more) - more for key, more in sorted(Counter(wanted).items())}
    numbers = []
    for day, cell in wanted:
        last[day, cell] += 1
        numbers.append(f"{day:%Y%m%d}-{cell}-{last[day, cell]:04d}")
    return numbers


def _count(session: Session, day: date, cell: str, more: int) -> int:
    """Count some more incidents of a day in a cell; return how many there are by now."""
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = kind.insert(COUNT).values(day=day, cell_code=cell, cases=more)
    counted = added.on_conflict_do_update(
        index_elements=["day", "cell_code"], set_={"cases": COUNT.c.cases + added.excluded.cases}
    )
    cases: int = session.execute(counted.returning(COUNT.c.cases)).scalar_one()
    return cases
