"""Orders by the timer: what runs over its limit by as much again is ordered to be seen to, once per filing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM
from gisgrid.database import session_scope
from gisgrid.incidents.clock import Reading
from gisgrid.incidents.lifecycle import RUNNING
from gisgrid.incidents.loop.by_itself import overdue
from gisgrid.incidents.loop.lights import readings
from gisgrid.incidents.loop.standing import case_of
from gisgrid.incidents.loop.steps import STEP
from gisgrid.incidents.orders.issue import ORDER, default_addressee, store
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.jobs import one_by_one
from gisgrid.settings import Settings

REPLY_WITHIN: Final = timedelta(hours=24)
WORDS: Final = (
    "超过办理时限一倍仍未办结,请说明原因并尽快办结 / over its limit by as much again: say why, and bring it to an end"
)


def order_what_is_due(
    engine: Engine, settings: Settings, now: datetime, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Issue what is due, each order in a transaction of its own; return how many."""
    with session_scope(engine) as session:
        due = _due(session, settings, now)
    return one_by_one(engine, due, lambda session, incident: _order_one(session, settings, incident, now), is_stopping)


def _due(session: Session, settings: Settings, now: datetime) -> list[int]:
    """Return what is over its limit by as much again, without an order since it was filed.

    The session sees everything.
    """
    asked = select(INCIDENT.c.id).join(ORDER, ORDER.c.incident_id == INCIDENT.c.id)
    ordered = set(session.scalars(asked.where(ORDER.c.filed_step == _last_filing())))
    rows = [row for row in overdue(session, now) if row["id"] not in ordered]
    return [number for number, shown in readings(session, settings, rows, now).items() if is_due(shown)]


def _last_filing() -> Any:
    filed = select(func.max(STEP.c.number)).where(STEP.c.incident_id == INCIDENT.c.id, STEP.c.move == "file")
    return filed.correlate(INCIDENT).scalar_subquery()


def _order_one(session: Session, settings: Settings, incident: int, now: datetime) -> bool:
    case = case_of(session, settings, require_incident(session, incident, lock=True), now)
    filed = max((step.number for step in case.steps if step.move == "file"), default=None)
    if case.row["state"] not in RUNNING or not is_due(case.clock) or _is_ordered(session, incident, filed):
        return False
    given = {"words": WORDS, "deadline_at": now + REPLY_WITHIN, "filed_step": filed, **default_addressee(case.row)}
    store(session, settings.zone, PROGRAM, case.row, given, now)
    return True


def is_due(shown: Reading) -> bool:
    """Tell whether a clock has used as much time again as its limit allows."""
    return shown.allowed_s is not None and shown.used_s >= 2 * shown.allowed_s


def _is_ordered(session: Session, incident: int, filed: int | None) -> bool:
    asked = select(ORDER.c.id).where(ORDER.c.incident_id == incident, ORDER.c.filed_step == filed)
    return session.execute(asked).first() is not None
