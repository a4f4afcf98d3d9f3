"""When somebody to whom an incident was dispatched first came near it: whoever passes by does not count."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

import shapely
from sqlalchemy import URL
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric
from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.figures.dispatched import Errand, errands_of
from gisgrid.intake.finding import located_frame
from gisgrid.parameters import Period
from gisgrid.patrols.changes import version_of
from gisgrid.patrols.fixes import COUNTS, FIX
from gisgrid.patrols.kept import Kept
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

REACH_M: Final = 100.0


class Basis(NamedTuple):
    """What the arrivals of a day follow from: equal ones give equal arrivals."""

    database: URL
    metric_crs: str
    day: date
    fixes: int
    errands: tuple[Errand, ...]


_kept: Final = Kept[Basis, dict[int, datetime]](most=400)


def responses(session: Session, settings: Settings, records: Sequence[Record], now: datetime) -> dict[int, datetime]:
    """Return when somebody who was dispatched first had a fix within REACH_M of each incident, by their numbers.

    Only those are there that somebody reached, and of which it is known: see `errands_of`. It looks at everything: what
    it tells may reach its reader only as a figure.
    """
    with seeing_everything(session):
        errands = errands_of(session, settings, records)
        return _reached(session, settings, errands, now) if errands else {}


def _reached(session: Session, settings: Settings, errands: Sequence[Errand], now: datetime) -> dict[int, datetime]:
    """Go through the days, one after another: who has been reached is not waited for any more."""
    first = min(each.start for each in errands).astimezone(settings.zone).date()
    last = min(max(each.end for each in errands), now).astimezone(settings.zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    versions, database = version_of(session, days, settings.zone), session.get_bind().engine.url
    found: dict[int, datetime] = {}
    for day in days:
        start, end = (datetime.combine(day + timedelta(days=later), time(), settings.zone) for later in (0, 1))
        waiting = [each for each in errands if each.incident not in found and each.start < end and each.end > start]
        if waiting:
            basis = Basis(database, settings.metric_crs, day, versions[day], tuple(waiting))
            found |= _kept.of(basis, partial(_arrived, session, basis, Period(start, end)))
    return found


def _arrived(session: Session, basis: Basis, during: Period) -> dict[int, datetime]:
    everybody = sorted(frozenset[int]().union(*(each.who for each in basis.errands)))
    times = (FIX.c.fix_at >= during.start, FIX.c.fix_at < during.end)
    where = [visible(session, FIX), COUNTS, *times, FIX.c.patroller_id.in_(everybody), FIX.c.longitude.is_not(None)]
    fixes = located_frame(session, FIX, ("patroller_id", "fix_at", "longitude", "latitude"), "fix_at", where)
    if fixes.empty:
        return {}
    places = shapely.points([(each.x, each.y) for each in basis.errands])
    x, y = points_to_metric(fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy(), basis.metric_crs)
    errand, fix = shapely.STRtree(shapely.points(x, y)).query(places, predicate="dwithin", distance=REACH_M)
    return _first(basis.errands, errand, fixes["patroller_id"].to_numpy()[fix], fixes["fix_at"].iloc[fix])


def _first(errands: Sequence[Errand], numbers: Any, who: Any, moments: Any) -> dict[int, datetime]:
    """Return the first moment of each incident that is of one of its people and within its time."""
    found: dict[int, datetime] = {}
    for number, patroller, stamp in zip(numbers.tolist(), who.tolist(), moments, strict=True):
        its, moment = errands[number], stamp.to_pydatetime()
        if patroller in its.who and its.start <= moment < its.end:
            found[its.incident] = min(moment, found.get(its.incident, moment))
    return found
