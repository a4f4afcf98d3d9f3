"""Gaps that stay open go up by themselves: from the substation to the community, and then to the street."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, record
from gisgrid.database import session_scope
from gisgrid.jobs import one_by_one
from gisgrid.patrols.plans.gap_steps import GapStep, add_step, goes_up, level_above
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.judge_rounds import judged, known_rounds
from gisgrid.patrols.plans.read_plans import plans_between
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.tell_gaps import answering_code, tell_risen
from gisgrid.settings import Settings
from gisgrid.sight import visible


def let_gaps_go_up(
    engine: Engine, settings: Settings, now: datetime, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Let the gaps go up that are due for it, each in a transaction of its own; return how many did.

    However long nobody looked, a gap goes up one level at a time, and each level has as long as the one before.
    """
    with session_scope(engine) as session:
        due = _due(session, settings, now)
    return one_by_one(engine, due, lambda session, gap: _raise(session, settings, gap, now), is_stopping)


def _due(session: Session, settings: Settings, now: datetime) -> list[int]:
    """Return the gaps that have been with a level for too long, the longest first."""
    its = (visible(session, GAP), GAP.c.closed_as.is_(None), GAP.c.level != "street")
    waiting = GAP.c.level_since < now - timedelta(hours=settings.gap_hours)
    return list(session.scalars(select(GAP.c.id).where(*its, waiting).order_by(GAP.c.level_since, GAP.c.id)))


def _raise(session: Session, settings: Settings, number: int, now: datetime) -> bool:
    gap = session.scalar(select(Gap).where(visible(session, GAP), GAP.c.id == number).with_for_update())
    limit = timedelta(hours=settings.gap_hours)
    if gap is None or not goes_up(gap.closed_as, gap.level, gap.level_since, now, limit):
        return False
    level = level_above(gap.level)
    if level is None or _may_be_done(session, settings, gap, now):
        return False
    add_step(gap, GapStep("went_up", now, level))
    session.flush()
    tell_risen(session, settings.zone, gap)
    record(session, PROGRAM, "gap.went_up", ("gap", gap.id), level=level, cell=answering_code(session, gap))
    return True


def _may_be_done(session: Session, settings: Settings, gap: Gap, now: datetime) -> bool:
    """Tell whether a round counts as missed no more: done, or not known (待补传) since a device has yet to tell."""
    if now - gap.last_at > timedelta(hours=settings.upload_grace_hours):
        return False
    plans = plans_between(session, gap.day, gap.day, [gap.plan_id])
    rounds = judged(session, settings, known_rounds(plans, [gap.day], settings, now), now)
    return any(each.state != "missed" for each in rounds if each.round.number == gap.number)
