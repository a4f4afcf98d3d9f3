"""Keeping what each day comes to, once it is over, so that a report over months need not look at a single fix."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from gisgrid.coverage.days.find import Part, content_of, is_kept, keep_day
from gisgrid.coverage.figures import local_day, parts_between
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoGrid
from gisgrid.jobs import Stopping
from gisgrid.patrols.fixes import COUNTS, FIX
from gisgrid.patrols.plans.judged_days import keep_judged_days
from gisgrid.settings import Settings

DAY: Final = timedelta(days=1)


def keep_what_is_over(engine: Engine, settings: Settings, now: datetime, is_stopping: Stopping) -> Counter[str]:
    """Keep the days before today that are not kept yet, or of which something has changed; return how many: `days`.

    Also what became of their rounds.
    """
    done = _keep(engine, settings, None, local_day(now, settings) - DAY, is_stopping, is_anew=False)
    if not is_stopping():
        keep_judged_days(engine, settings, now)
    return done


def rebuild(engine: Engine, settings: Settings, first: date | None = None, last: date | None = None) -> Counter[str]:
    """Make what is kept of days anew, of all up to yesterday if none are named; sealed ones stay as they are.

    Return how many: `days`, and of them `differing`, which were up to date and come to something else now.
    """
    now = datetime.now(UTC)
    yesterday = local_day(now, settings) - DAY
    keep_judged_days(engine, settings, now)
    return _keep(engine, settings, first, min(last or yesterday, yesterday), lambda: False, is_anew=True)


def _keep(
    engine: Engine, settings: Settings, first: date | None, last: date, is_stopping: Stopping, *, is_anew: bool
) -> Counter[str]:
    with session_scope(engine) as session:
        parts = _parts(session, settings, first, last)
        due = [part for part in parts if is_anew or not is_kept(session, part)]
    done = Counter(days=0, differing=0)
    for part in due:
        if is_stopping():
            break
        with session_scope(engine) as session:  # measured before others have to wait
            content = content_of(session, settings, part)
        with session_scope(engine, write=True) as session:
            former = keep_day(session, part, content)
        done.update(days=1, differing=former is not None and former != content)
    return done


def _parts(session: Session, settings: Settings, first: date | None, last: date) -> list[Part]:
    oldest = session.scalar(select(func.min(FIX.c.fix_at)).where(COUNTS))
    if oldest is None:
        return []
    begin = max(local_day(oldest, settings), first or date.min)
    try:
        parts = parts_between(session, settings, begin, last) if begin <= last else []
    except NoGrid:  # all of it lies before the first grid
        return []
    return [part for part in parts if part.changes]
