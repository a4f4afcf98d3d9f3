"""How the rounds of whole days stood: judged once, and kept until something that made them changes.

A day is closed when nothing of it waits for anybody's device. From then on its rounds follow from what `day_basis` has
in one word, by which they are kept: in the database, where the service puts them by itself, and in this process.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import URL, Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.once import table_of
from gisgrid.patrols.kept import Kept
from gisgrid.patrols.plans.day_basis import bases, over_at
from gisgrid.patrols.plans.judge_rounds import judged, known_rounds
from gisgrid.patrols.plans.read_plans import PLAN, Known, plans_between
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.tables import JudgedDay
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

JUDGED_DAY: Final = table_of(JudgedDay)


class Stood(NamedTuple):
    """Rounds of a plan on a day that stood alike, in one street, community and substation; the seconds they began."""

    plan: int
    day: date
    codes: tuple[str | None, ...]
    state: State
    began: tuple[int, ...]


_kept: Final = Kept[tuple[URL, date, str], list[Stood]](most=400)


def judged_days(session: Session, settings: Settings, days: Sequence[date], now: datetime) -> list[Stood]:
    """Return how the rounds of all plans stand on some days in order, none of them sealed or to come.

    It looks at everything: whoever shows x.
    """
    if not days:
        return []
    with seeing_everything(session):
        plans = plans_between(session, days[0], days[-1])
        closed = [day for day in days if is_closed(plans, day, settings, now)]
        url, words = session.get_bind().engine.url, bases(session, settings, plans, closed)
        found: list[Stood] = []
        for day, basis in words.items():
            found += _kept.of((url, day, basis), partial(_of_closed, session, settings, plans, day, basis, now))
        waiting = [day for day in days if day not in words]
        return found + _judged(session, settings, plans, waiting, now)


def is_closed(plans: Sequence[Known], day: date, settings: Settings, now: datetime) -> bool:
    """Tell whether all rounds of a day are over, and no device is waited for any more."""
    return over_at(plans, day, settings) + timedelta(hours=settings.upload_grace_hours) < now


def _of_closed(
    session: Session, settings: Settings, plans: Sequence[Known], day: date, basis: str, now: datetime
) -> list[Stood]:
    asked = select(JUDGED_DAY.c.rounds).where(JUDGED_DAY.c.day == day, JUDGED_DAY.c.basis == basis)
    rows = session.scalar(asked)
    if rows is None:
        return _judged(session, settings, plans, [day], now)
    return [Stood(plan, day, tuple(codes), state, tuple(began)) for plan, codes, state, began in rows]


def _judged(
    session: Session, settings: Settings, plans: Sequence[Known], days: Sequence[date], now: datetime
) -> list[Stood]:
    found = judged(session, settings, known_rounds(plans, days, settings, now), now)
    alike: dict[tuple[int, date, tuple[str | None, ...], State], list[int]] = defaultdict(list)
    for each in found:
        its = each.round
        alike[its.plan_id, its.day, each.spot.codes, each.state].append(int(its.start_at.timestamp()))
    return [Stood(*key, tuple(began)) for key, began in alike.items()]


# --- kept in the database --------------------------------------------------------------------------


def keep_judged_days(engine: Engine, settings: Settings, now: datetime) -> int:
    """Judge the closed days that are not sealed, as far as they are not kept as they are; return how many.

    Each is stored by itself, so that nobody waits for long. What is kept of sealed days goes.
    """
    with session_scope(engine) as session:
        days, plans = _closed_days(session, settings, now)
        words = bases(session, settings, plans, days) if days else {}
        known = dict(session.execute(select(JUDGED_DAY.c.day, JUDGED_DAY.c.basis)).all())
    stale = [day for day, basis in words.items() if known.get(day) != basis]
    for day in stale:
        with session_scope(engine) as session:
            rounds = [
                [plan, codes, state, began]
                for plan, _, codes, state, began in _judged(session, settings, plans, [day], now)
            ]
        with session_scope(engine, write=True) as session:
            session.execute(delete(JUDGED_DAY).where(JUDGED_DAY.c.day == day))
            session.execute(insert(JUDGED_DAY), {"day": day, "basis": words[day], "rounds": rounds})
    gone = set(known) - set(words)
    if gone:
        with session_scope(engine, write=True) as session:
            session.execute(delete(JUDGED_DAY).where(JUDGED_DAY.c.day.in_(gone)))
    return len(stale)


def _closed_days(session: Session, settings: Settings, now: datetime) -> tuple[list[date], list[Known]]:
    """Return the closed days that are not sealed, since there are plans, and all plans of theirs."""
    first = session.scalar(select(func.min(PLAN.c.first_day)).where(visible(session, PLAN)))
    last, newest = now.astimezone(settings.zone).date(), sealed_until(session)
    if first is None or first > last:
        return [], []
    start = max(first, last - timedelta(days=settings.fix_days))
    start = start if newest is None else max(start, newest + timedelta(days=1))
    every = (start + timedelta(days=number) for number in range((last - start).days + 1))
    plans = plans_between(session, start, last)
    return [day for day in every if is_closed(plans, day, settings, now)], plans
