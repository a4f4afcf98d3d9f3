"""The records of figures, read from the database: one query for the incidents, one for their steps."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import Calendar
from gisgrid.incidents.figures.course import Level, Passed, Record, course_of
from gisgrid.incidents.figures.measure import REPEAT_DAYS
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import OPEN
from gisgrid.incidents.loop.standing import limit_of
from gisgrid.incidents.report import COMPLAINED
from gisgrid.incidents.tables import Incident, Step
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.tables import Department

INCIDENT, STEP = table_of(Incident), table_of(Step)
COLUMNS: Final = (
    *("id", "kind", "reported_at", "longitude", "latitude", "is_confidential", "source", "state"),
    *("answering_code", "department_id", *(f"{level}_id" for level in LEVELS), *COMPLAINED),
)
PLACED: Final = "by_cell"
"""In the detail of a step: the position of the incident is that of a whole cell."""


class _Known(NamedTuple):
    """What codes and rows mean, asked for once."""

    codes: Mapping[int | None, str]
    levels: Mapping[str, Level]
    departments: Mapping[int | None, str]
    editions: Editions
    calendar: Calendar
    settings: Settings
    now: datetime


def records_of(session: Session, settings: Settings, period: Period, now: datetime) -> list[Record]:
    """Return all incidents that a figure of a period may ask for, wherever they lie, in the order of their rows.

    The session sees everything meanwhile: what is made of the records may reach its caller only as a figure.
    """
    with seeing_everything(session):
        asked = _asked(period)
        rows = session.execute(
            select(*(INCIDENT.c[name] for name in COLUMNS))
            .where(visible(session, INCIDENT), *asked)
            .order_by(INCIDENT.c.id)
        )
        incidents = rows.mappings().all()
        steps = _steps(session, asked)
        known = _known(session, settings, now)
    return [_record(row, steps.get(row["id"], []), known) for row in incidents]


def _asked(period: Period) -> list[ColumnElement[bool]]:
    """Return the conditions: reported before what may come again is over, and open or with something done since."""
    later = select(STEP.c.incident_id).where(STEP.c.made_at >= period.start)
    is_about = or_(INCIDENT.c.reported_at >= period.start, INCIDENT.c.state.in_(OPEN), INCIDENT.c.id.in_(later))
    return [INCIDENT.c.reported_at < period.end + timedelta(days=REPEAT_DAYS), is_about]


def _steps(session: Session, asked: Sequence[ColumnElement[bool]]) -> dict[int, list[Any]]:
    columns = [STEP.c[name] for name in ("incident_id", "move", "to_state", "made_at", "detail")]
    those = select(INCIDENT.c.id).where(visible(session, INCIDENT), *asked)
    query = select(*columns).where(visible(session, STEP), STEP.c.incident_id.in_(those))
    found: dict[int, list[Any]] = {}
    for row in session.execute(query.order_by(STEP.c.incident_id, STEP.c.number)):
        found.setdefault(row.incident_id, []).append(row)
    return found


def _known(session: Session, settings: Settings, now: datetime) -> _Known:
    cells = session.execute(select(Cell.id, Cell.code, Cell.level)).all()
    return _Known(
        codes={row.id: row.code for row in cells},
        levels={row.code: row.level for row in cells},
        departments=dict(session.execute(select(Department.id, Department.code)).all()),
        editions=Editions(session),
        calendar=calendar_of(session, settings),
        settings=settings,
        now=now,
    )


def _record(row: Any, steps: Sequence[Any], known: _Known) -> Record:
    kind = known.editions.kind_at(row["kind"], row["reported_at"], known.settings.zone)
    passed = [Passed(step.move, step.to_state, step.made_at, _condition(step)) for step in steps]
    street, community, substation = (known.codes.get(row[f"{level}_id"]) for level in LEVELS)
    return Record(
        id=row["id"],
        kind=row["kind"],
        reported_at=row["reported_at"],
        course=course_of(passed, partial(limit_of, kind) if kind else _no_limit, known.calendar, known.now),
        source=row["source"],
        cells=(street, community, substation),
        level=known.levels.get(row["answering_code"] or "", "street"),
        department=known.departments.get(row["department_id"]),
        counted_as=kind.counted_as if kind else "",
        longitude=row["longitude"],
        latitude=row["latitude"],
        is_patrolled=_is_patrolled(kind),
        is_kept=row["is_confidential"] or any(row[name] is not None for name in COMPLAINED),
        is_placed=not any(f'"{PLACED}"' in step.detail for step in steps),
        is_merged=row["state"] == "merged",
    )


def _condition(step: Any) -> str | None:
    return json.loads(step.detail).get("condition") if step.move == "file" else None


def _no_limit(_: str | None) -> None:
    """Return the limit of a kind that its edition has not: none."""


def _is_patrolled(kind: Kind | None) -> bool:
    return kind is not None and kind.is_patrolled
