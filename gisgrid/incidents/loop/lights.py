"""The clocks of many incidents at once, for a list of them: what each shows now, in a few queries for all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import Reading, reading
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.loop.standing import limit_of
from gisgrid.incidents.loop.steps import COLUMNS, STEP, Done, ticks
from gisgrid.once import AT_A_TIME
from gisgrid.settings import Settings
from gisgrid.sight import visible


class Clocked(NamedTuple):
    """What the clock of an incident shows, and its steps, whose detail stays as it is stored."""

    shown: Reading
    steps: list[Done]


def readings(
    session: Session, settings: Settings, rows: Sequence[Mapping[str, Any]], now: datetime
) -> dict[int, Reading]:
    """Return what the clock of each of some incidents shows, by their ids; `rows` are theirs, and may be seen."""
    return {number: its.shown for number, its in clocks(session, settings, rows, now).items()}


def clocks(
    session: Session, settings: Settings, rows: Sequence[Mapping[str, Any]], now: datetime
) -> dict[int, Clocked]:
    """Return clock and steps of each of some incidents, by their ids; `rows` are theirs, and may be seen."""
    found: dict[int, Clocked] = {}
    if not rows:
        return found
    calendar, editions = calendar_of(session, settings), Editions(session)
    for start in range(0, len(rows), AT_A_TIME):
        part = rows[start : start + AT_A_TIME]
        steps = _steps(session, [row["id"] for row in part])
        for row in part:
            kind = editions.kind_at(row["kind"], row["reported_at"], settings.zone)
            limit = limit_of(kind, row["condition"]) if kind else None
            its = steps[row["id"]]
            found[row["id"]] = Clocked(reading(ticks(its), limit, calendar, now), its)
    return found


def _steps(session: Session, incidents: Sequence[int]) -> dict[int, list[Done]]:
    asked = select(*COLUMNS, STEP.c.incident_id).where(visible(session, STEP), STEP.c.incident_id.in_(incidents))
    found: dict[int, list[Done]] = defaultdict(list)
    for row in session.execute(asked.order_by(STEP.c.incident_id, STEP.c.number)):
        found[row.incident_id].append(Done(*row[:-1]))  # what their detail says changes no clock
    return found
