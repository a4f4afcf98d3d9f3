"""What happens by itself: what a level did not settle in its time goes up, and a suspension that is over ends."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.incidents.clock import Reading
from gisgrid.incidents.lifecycle import RUNNING
from gisgrid.incidents.loop.lights import clocks
from gisgrid.incidents.loop.standing import Case, Wish, case_of
from gisgrid.incidents.loop.steps import STEP, Done
from gisgrid.incidents.loop.transitions import move_by_itself
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.jobs import one_by_one
from gisgrid.settings import Settings
from gisgrid.sight import visible

WORDS: Final = "超过时限未办结,自动上报上级 / not settled in its time: it goes up by itself"
OVER: Final = "挂账期满,恢复办理 / the time of the suspension is over"


def move_what_is_due(
    engine: Engine, settings: Settings, now: datetime, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Move what is due, each incident in a transaction of its own; return how many were moved."""
    with session_scope(engine) as session:
        due = [*_going_up(session, settings, now), *_resuming(session, settings, now)]
    return one_by_one(engine, due, lambda session, incident: _move_one(session, settings, incident, now), is_stopping)


def overdue(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Return what the clocks of all incidents that are past their limit are read by, the longest overdue first."""
    columns = [INCIDENT.c[name] for name in ("id", "kind", "reported_at", "condition", "answering_code")]
    asked = select(*columns).where(visible(session, INCIDENT), INCIDENT.c.state.in_(RUNNING), INCIDENT.c.due_at < now)
    return [dict(row) for row in session.execute(asked.order_by(INCIDENT.c.due_at, INCIDENT.c.id)).mappings()]


def _going_up(session: Session, settings: Settings, now: datetime) -> list[int]:
    """Return what is to go up now; what went up already waits for as much time again, and holds nothing else up."""
    streets = set(session.scalars(select(Cell.code).where(Cell.parent_id.is_(None))))
    below = [row for row in overdue(session, now) if row["answering_code"] not in (None, *streets)]
    return [number for number, its in clocks(session, settings, below, now).items() if goes_up(its.shown, its.steps)]


def _resuming(session: Session, settings: Settings, now: datetime) -> list[int]:
    its = (visible(session, INCIDENT), INCIDENT.c.state == "suspended")
    asked = select(STEP.c.incident_id, STEP.c.detail).join(INCIDENT, INCIDENT.c.id == STEP.c.incident_id)
    rows = session.execute(asked.where(*its, visible(session, STEP), STEP.c.move == "suspend").order_by(STEP.c.id))
    today = now.astimezone(settings.zone).date().isoformat()
    return [row.incident_id for row in rows if json.loads(row.detail)["until"] <= today]


def _move_one(session: Session, settings: Settings, incident: int, now: datetime) -> bool:
    case = case_of(session, settings, require_incident(session, incident, lock=True), now)
    is_late = case.row["state"] in RUNNING and bool(case.above) and goes_up(case.clock, case.steps)
    wish = Wish("escalate", WORDS) if is_late else Wish("resume", OVER) if is_over(case) else None
    if wish is not None:
        move_by_itself(session, settings, incident, wish, now)
    return wish is not None


def goes_up(shown: Reading, steps: Sequence[Done]) -> bool:
    """Tell whether an incident goes up by itself: once its limit is used, and at each level after as much again."""
    times = 1 + sum(step.move == "escalate" and step.made_by is None for step in _since_filed(steps))
    return shown.allowed_s is not None and shown.used_s > shown.allowed_s * times


def _since_filed(steps: Sequence[Done]) -> Sequence[Done]:
    filed = [number for number, step in enumerate(steps) if step.move == "file"]
    return steps[filed[-1] :] if filed else steps


def is_over(case: Case) -> bool:
    """Tell whether an incident is suspended until a day that has come."""
    if case.row["state"] != "suspended":
        return False
    until: Any = next(step.detail["until"] for step in reversed(case.steps) if step.move == "suspend")
    return bool(case.now.astimezone(case.zone).date().isoformat() >= until)
