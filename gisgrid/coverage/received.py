"""On which days of a period anything was received, by whomever: where nobody sent anything, nobody knows who was there.

The database counts what changed by the hour, see `patrols.changes`: no fix is looked at.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.figures import Measured
from gisgrid.coverage.schemas import Received
from gisgrid.coverage.sealed import midnight
from gisgrid.parameters import Period
from gisgrid.patrols.changes import CHANGED, HOUR

DAY = timedelta(days=1)


def received_in(session: Session, found: Measured, zone: ZoneInfo, now: datetime) -> Received:
    """Tell on how many days of a measured period anything was received, and for how long nothing was."""
    basis = found.basis
    heard = dict(_heard(session, found, zone))
    since = max(min(heard.values()), basis.period.start) if heard else None
    if since is not None and since.astimezone(zone).date() == basis.period.start.astimezone(zone).date():
        since = basis.period.start  # a night before the first round of the first day is waited through like any other
    days = list(_whole_days(basis.period, zone, now))
    silent = [day for day in days if day not in heard]
    begun = max(basis.until, basis.period.start) if since is None else since
    later = [day for day in silent if midnight(day, zone) > begun]
    unheard = begun - basis.period.start + len(later) * DAY
    return Received(
        days=len(days) - len(silent), of_days=len(days), since=since, unheard_s=max(unheard.total_seconds(), 0)
    )


def _heard(session: Session, found: Measured, zone: ZoneInfo) -> Iterator[tuple[date, datetime]]:
    """Yield days on which anything was received, the last word on each being from which hour on.

    Of a day that is sealed, or a file, it may be its midnight.
    """
    basis, period = found.basis, found.basis.period
    if found.without_file is not None:
        yield from (
            (day, midnight(day, zone)) for day in _days(period, zone, basis.until) if day not in found.without_file
        )
        return
    yield from ((day, midnight(day, zone)) for day in basis.sealed.days)
    first, last = (moment.astimezone(UTC).strftime(HOUR) for moment in (period.start, period.last_moment))
    asked = select(CHANGED.c.hour).where(CHANGED.c.what == "fixes", CHANGED.c.hour.between(first, last)).distinct()
    hours = [datetime.fromisoformat(f"{hour}:00+00:00") for hour in session.scalars(asked)]
    for hour in sorted(hours, reverse=True):
        yield hour.astimezone(zone).date(), hour


def _days(period: Period, zone: ZoneInfo, until: datetime) -> Iterator[date]:
    """Yield the local days of a period up to a moment."""
    day, last = (moment.astimezone(zone).date() for moment in (period.start, min(period.last_moment, until)))
    while day <= last:
        yield day
        day += DAY


def _whole_days(period: Period, zone: ZoneInfo, now: datetime) -> Iterator[date]:
    """Yield the local days that lie in a period from midnight to midnight, and are over."""
    for day in _days(period, zone, now):
        if period.start <= midnight(day, zone) and midnight(day, zone, 1) <= min(period.end, now):
            yield day
