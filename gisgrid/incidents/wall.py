"""At which moments a clock on the wall shows a time, also where summer time begins and ends. Pure."""

from bisect import bisect
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from gisgrid.parse import Hours, into_day

WHOLE_DAY: Final = timedelta(days=1)

Span = tuple[datetime, datetime]


@lru_cache(maxsize=4096)  # a list of incidents asks for the same days again and again
def hours_on(day: date, hours: Hours, zone: ZoneInfo) -> tuple[Span, ...]:
    """Return the hours of a local day in UTC; one that ends at 00:00 ends with the day.

    Of a time that comes twice the first counts; one that is skipped is the moment of the jump.
    """
    midnight = datetime.combine(day, time.min)
    marks = [(midnight + into_day(opens), midnight + (into_day(closes) or WHOLE_DAY)) for opens, closes in hours]
    return tuple((_moment(opens, zone), _moment(closes, zone)) for opens, closes in marks)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)  # by the later offset: before the jump
    seconds = range(int((moment - before).total_seconds()))
    offset = moment.astimezone(zone).utcoffset()
    jump = bisect(seconds, False, key=lambda n: (before + timedelta(seconds=n)).astimezone(zone).utcoffset() == offset)
    return before + timedelta(seconds=jump)
