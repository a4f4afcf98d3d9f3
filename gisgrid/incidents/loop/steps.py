"""The steps of an incident, read: what was done when, by whom, and what the clock of the limit says of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.clock import Tick
from gisgrid.incidents.lifecycle import ROUNDS, RULES, State
from gisgrid.incidents.tables import Step
from gisgrid.once import table_of
from gisgrid.sight import visible
from gisgrid.staff.tables import Person

STEP = table_of(Step)
WORK: Final = frozenset({"accept", "finish", "settle"})
"""The moves after which somebody does not check the incident: the work is theirs."""


class Done(NamedTuple):
    """A step as it is read: `detail` in codes, `made_by` the row of a person or None."""

    number: int
    move: str
    from_state: State | None
    to_state: State
    made_at: datetime
    made_by: int | None
    answering_code: str | None
    words: str
    detail: dict[str, Any]
    longitude: float | None
    latitude: float | None


COLUMNS: Final = [STEP.c[name] for name in Done._fields]


def steps_of(session: Session, incident: int) -> list[Done]:
    """Return the steps of an incident that may be seen, in their order."""
    asked = select(*COLUMNS).where(visible(session, STEP), STEP.c.incident_id == incident)
    return [done(row) for row in session.execute(asked.order_by(STEP.c.number))]


def done(row: Any) -> Done:
    """Return a row of the columns of a step, in their order, as it is read."""
    values = dict(zip(Done._fields, row, strict=True))
    return Done(**{**values, "detail": json.loads(values["detail"])})


def names_of(session: Session, steps: Sequence[Done]) -> dict[int | None, str]:
    """Return what those are called who made some steps, by their rows."""
    people = {step.made_by for step in steps if step.made_by is not None}
    asked = select(Person.id, Person.full_name, Person.name).where(Person.id.in_(people))
    return {row.id: row.full_name or row.name for row in session.execute(asked)}


def ticks(steps: Sequence[Done]) -> list[Tick]:
    """Return what the steps did to the clock of the limit, which passes over what changes nothing."""
    moved = ((RULES[step.move].clock, step.made_at) for step in steps if step.move in RULES)
    return [Tick(effect, at) for effect, at in moved if effect is not None]


def round_began(steps: Sequence[Done]) -> datetime | None:
    """Return when the present round of work began; None in the first one."""
    return next((step.made_at for step in reversed(steps) if step.move in ROUNDS), None)


def workers(steps: Sequence[Done]) -> frozenset[int]:
    """Return who did the work since the incident was last filed, or reopened."""
    found: set[int] = set()
    for step in steps:
        if step.move in ("file", "reopen"):
            found = set()
        elif step.move in WORK and step.made_by is not None:
            found.add(step.made_by)
    return frozenset(found)
