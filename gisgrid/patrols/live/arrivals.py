"""How many check-ins of today lie in which cell, kept up to date for all who watch at the cost of the new.

The triggers of the database count every change: where as many rows are new as have changed, only they are added; else
all of the day is counted anew. So no count is wrong for longer than one look.
"""

from collections import Counter
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from gisgrid.database import pool_of
from gisgrid.intake.finding import cell_codes
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.changes import fixes_changed
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, sight_of, visible

FIX: Final = table_of(Fix)

Cells = tuple[int | None, int | None, int | None]
"""The rows of street, community and substation in which something lies."""


class _Day(NamedTuple):
    """The counted fixes of a period up to row `last`, by their cells, after so many changes; and the cells' codes."""

    period: Period
    changes: int
    last: int
    counts: Counter[Cells]
    codes: dict[int | None, str]


_days: WeakKeyDictionary[Pool, _Day] = WeakKeyDictionary()
_counting = Lock()


def arrivals(session: Session, settings: Settings, now: datetime) -> dict[str, int]:
    """Return how many check-ins of today lie in each substation that this session may see, by its code.

    They tell how much has come in, and nothing of whom.
    """
    sight = sight_of(session)
    with _counting, seeing_everything(session):
        today = Period.last_days(1, now.astimezone(settings.zone).date(), settings.zone)
        pool = pool_of(session)
        day = _days[pool] = _counted(session, today, _days.get(pool))
    found: Counter[str] = Counter()
    for cells, count in day.counts.items():
        code = day.codes.get(cells[-1])
        if code is not None and sight.holds(cells):
            found[code] += count
    return dict(found)


def _counted(session: Session, period: Period, before: _Day | None) -> _Day:
    changes = fixes_changed(session, period)
    if before is not None and (before.period, before.changes) == (period, changes):
        return before
    last = session.scalar(select(func.max(FIX.c.id)).where(visible(session, FIX))) or 0
    if before is not None and before.period == period:
        rows, counts = _between(session, period, before.last, last)
        if rows == changes - before.changes:
            return _Day(period, changes, last, before.counts + counts, cell_codes(session))
    return _Day(period, changes, last, _between(session, period, 0, last)[1], cell_codes(session))


def _between(session: Session, period: Period, after: int, last: int) -> tuple[int, Counter[Cells]]:
    """Return how many fixes of a period are in the rows `(after, last]`, and how many of them count, by their cells."""
    cells = (FIX.c.street_id, FIX.c.community_id, FIX.c.substation_id)
    its_time = (FIX.c.fix_at >= period.start, FIX.c.fix_at < period.end)
    asked = select(*cells, FIX.c.standing, func.count()).group_by(*cells, FIX.c.standing)
    rows = session.execute(asked.where(visible(session, FIX), FIX.c.id > after, FIX.c.id <= last, *its_time)).all()
    counts: Counter[Cells] = Counter()
    for street, community, substation, standing, count in rows:
        if standing == "counted":
            counts[street, community, substation] += count
    return sum(row[-1] for row in rows), counts
