"""Sealing a day: the figures of its cells and plans take the place of its fixes. If interrupted, either of them counts.

A day is sealed in one transaction, in which its first fixes go; the others of a long day follow in slices, and do not
count any more.
"""

import time
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.coverage.days.find import forget_days
from gisgrid.coverage.figures import measured
from gisgrid.coverage.measure import Figures
from gisgrid.coverage.sealed import CELL_DAY, KEPT, cell_days, midnight
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoGrid
from gisgrid.grid.tables import LEVELS, LayerSet
from gisgrid.jobs import Stopping
from gisgrid.parameters import Period
from gisgrid.patrols.duty.heartbeats import beats_version
from gisgrid.patrols.fixes import fixes_frame, fixes_version
from gisgrid.patrols.plans.kept_days import PLAN_DAY, plan_days
from gisgrid.patrols.sealed import begin_sealing, sealed_until
from gisgrid.patrols.tables import SealedDay
from gisgrid.privacy.limits import Limits
from gisgrid.privacy.rules import FIX, is_held, letting_go
from gisgrid.settings import Settings

SLICE: Final = 1000
"""Rows that go in one transaction: about a tenth of a second on an embedded database."""
PAUSE_S: Final = 0.03
"""Between slices, so that whoever waits for an embedded database gets it."""


class DayDue(NamedTuple):
    """A day that is to be sealed, its fixes, and how many of them stay as evidence."""

    day: date
    fixes: int
    evidence: int


def due_days(session: Session, settings: Settings, limits: Limits) -> list[DayDue]:
    """Return the days that are older than fixes are kept, from the oldest on, and sealed ones that still have fixes."""
    newest = sealed_until(session)
    end = limits.fixes_since
    if newest is not None:
        end = max(end, midnight(newest, settings.zone, 1))
    found: list[DayDue] = []
    asked = select(func.min(FIX.c.fix_at)).where(FIX.c.standing == "counted", FIX.c.fix_at < end)
    oldest = session.scalar(asked)
    while oldest is not None:
        period = Period.last_days(1, oldest.astimezone(settings.zone).date(), settings.zone)
        found.append(_day_due(session, period, limits))
        oldest = session.scalar(asked.where(FIX.c.fix_at >= period.end))
    return found


def _day_due(session: Session, period: Period, limits: Limits) -> DayDue:
    fixes = select(func.count()).select_from(FIX).where(*_of(period))
    held = fixes.where(is_held(limits))
    return DayDue(period.start.date(), session.scalar(fixes) or 0, session.scalar(held) or 0)


def _of(period: Period) -> tuple[Any, ...]:
    return FIX.c.standing == "counted", FIX.c.fix_at >= period.start, FIX.c.fix_at < period.end


def seal(engine: Engine, settings: Settings, due: DayDue, limits: Limits, actor: Actor, is_stopping: Stopping) -> None:
    """Seal a day and let its fixes go, or go on with it."""
    period = Period.last_days(1, due.day, settings.zone)
    with session_scope(engine) as session:
        is_sealed = session.get(SealedDay, due.day) is not None
    gone = SLICE if is_sealed else _seal(engine, settings, period, limits, actor)
    while gone == SLICE and not is_stopping():
        time.sleep(PAUSE_S)
        with session_scope(engine, write=True) as session:
            begin_sealing(session)
            gone = _let_go(session, period, limits)


def _seal(engine: Engine, settings: Settings, period: Period, limits: Limits, actor: Actor) -> int:
    """Seal a day, if it is not, and return how many fixes are done with. Measured before others have to wait."""
    day = period.start.date()
    while True:
        with session_scope(engine) as session:
            stamp, rows = _stamp(session, period), _rows(session, settings, period)
            rounds = plan_days(session, settings, day, limits.now)
        with session_scope(engine, write=True) as session:
            begin_sealing(session)
            is_new = session.get(SealedDay, day) is None
            if is_new and stamp != _stamp(session, period):
                continue
            if is_new and rows:
                session.add(SealedDay(day=day, sealed_at=datetime.now(UTC), fixes=stamp[0]))
                session.flush()
                session.execute(insert(CELL_DAY), rows)
                forget_days(session, [day])
                if rounds:
                    session.execute(insert(PLAN_DAY), rounds)
            gone = _let_go(session, period, limits)
            if is_new and rows:
                record(session, actor, "retention.sealed", day=day.isoformat(), fixes=stamp[0])
            return gone


def _let_go(session: Session, period: Period, limits: Limits) -> int:
    ids = session.scalars(select(FIX.c.id).where(*_of(period)).limit(SLICE)).all()
    letting_go(limits)(session, ids)
    return len(ids)


def _stamp(session: Session, period: Period) -> tuple[Any, ...]:
    """Return what is another once the day's figures are: how many fixes, and more."""
    grids = session.execute(select(LayerSet.id, LayerSet.first_day, LayerSet.created_at).order_by(LayerSet.id)).all()
    return (*fixes_version(session, period), *beats_version(session, period), *(tuple(row) for row in grids))


def _rows(session: Session, settings: Settings, period: Period) -> list[dict[str, Any]]:
    try:
        figures = measured(session, settings, period).figures
    except NoGrid:  # from before the first grid, or by the wrong clock of a phone: all of it lies outside
        figures = _without_grid(fixes_frame(session, period))
    return cell_days(period.start.date(), figures)


def _without_grid(fixes: pd.DataFrame) -> dict[str, Figures]:
    counts = {"check_ins": len(fixes), **{f"{one}s": fixes[f"{one}_id"].nunique() for one in ("patroller", "patrol")}}
    nothing = pd.DataFrame(columns=["code", *KEPT, "coverage_ratio"], dtype="float64")
    return {level: Figures(nothing, {**counts}, {}, np.empty(0, dtype=np.int64)) for level in LEVELS}
