"""What a caller may ask by: a period, a box, a page. Parsed once, for routes and commands alike."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from gisgrid.errors import Refused
from gisgrid.parse import YEARS, near, read_time

MAX_LIMIT = 10_000
QUARTER = timedelta(minutes=15)


class BadPeriod(Refused):
    """A period that is not `start/end` with zones."""


class BadDay(Refused):
    """A text that is no day."""


class BadBox(Refused):
    """A bbox that is not four numbers."""


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time `[start, end)`; both ends carry a zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise BadPeriod(
                "时段的起止时间必须带时区,例如 2026-11-01T00:00:00+08:00", "both ends of a period need a zone"
            )
        if self.end < self.start:
            raise _reversed()

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> Self:
        """Read `start/end`, each an ISO 8601 time or a day; one without a zone is local.

        A day as the end means the end of that day. Raises BadPeriod.
        """
        start, slash, end = text.partition("/")
        try:
            if not slash:
                start = end = text
            period = cls(_moment(start, zone, at_end=False), _moment(end, zone, at_end=True))
        except OverflowError as error:
            raise BadPeriod(f"时段的{YEARS[0]}", f"a period {YEARS[1]}") from error
        except ValueError as error:
            raise BadPeriod(
                f"时段 {text[:60]!r} 无法识别;请写 起/止,例如 2026-11-01/2026-11-30",
                f"cannot read the period {text[:60]!r}; write start/end, for example 2026-11-01/2026-11-30",
            ) from error
        if len(end) == len("2026-11-01") and period.start == period.end:  # the day before the start, to its midnight
            raise _reversed()
        return period

    @classmethod
    def last_days(cls, days: int, until: date, zone: ZoneInfo) -> Self:
        """Return the `days` local days that end with the day `until`."""
        end = until + timedelta(days=1)
        return cls(datetime.combine(end - timedelta(days=days), time(), zone), datetime.combine(end, time(), zone))

    def before(self, zone: ZoneInfo, now: datetime) -> Self:
        """Return the period as long that ends where this one starts; before whole months, as many months.

        Before one that is not over at `now`, as much of it as has passed of this one, to the quarter of an hour: half a
        day is not compared with a whole one. Raises BadPeriod where there are no such years.
        """
        try:
            before = self._before(zone)
            if not self.start <= now < self.end:
                return before
            passed = (now - self.start) // QUARTER * QUARTER
            return type(self)(before.start, min(before.end, (before.start.astimezone(UTC) + passed).astimezone(zone)))
        except (OverflowError, ValueError) as error:
            raise BadPeriod(f"此前同样长的时段{YEARS[0]}", f"the period before, as long, {YEARS[1]}") from error

    def _before(self, zone: ZoneInfo) -> Self:
        start, end = self.start.astimezone(zone), self.end.astimezone(zone)
        months = (end.year - start.year) * 12 + end.month - start.month
        if start < end and all(each.day == 1 and each.time() == time() for each in (start, end)):
            year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
            return type(self)(datetime(year, month + 1, 1, tzinfo=zone), self.start)
        if all(each.time() == time() for each in (start, end)):  # days, one of which may have an hour more
            first = start.date() - (end.date() - start.date())
            return type(self)(datetime.combine(first, time(), zone), self.start)
        began, ended = self.start.astimezone(UTC), self.end.astimezone(UTC)  # clocks may be put back or forward
        return type(self)((began - (ended - began)).astimezone(zone), self.start)

    @property
    def text(self) -> str:
        """The period as it stands on the wire."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @property
    def last_moment(self) -> datetime:
        """The last instant inside the period (its start, if it is empty)."""
        return max(self.start, self.end - timedelta(microseconds=1))

    def told(self, zone: ZoneInfo) -> str:
        """Write the period for people in local time: first and last day if it is whole days, else its two times."""
        start, end = self.start.astimezone(zone), self.end.astimezone(zone)
        if start < end and start.time() == end.time() == time():
            return f"{start:%Y-%m-%d} – {end - timedelta(days=1):%Y-%m-%d}"
        return f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"


def _reversed() -> BadPeriod:
    return BadPeriod("时段的终点早于起点", "the period ends before it starts")


def _moment(text: str, zone: ZoneInfo, *, at_end: bool) -> datetime:
    moment = read_time(text)
    if len(text) == len("2026-11-01"):
        moment = near(datetime.combine(moment.date() + timedelta(days=at_end), time(), zone))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def parse_day(text: str) -> date:
    """Read a day, such as 2026-11-01, in YEARS. Raises BadDay."""
    try:
        if len(text) != len("2026-11-01"):
            raise ValueError
        return read_time(text).date()
    except (ValueError, OverflowError) as error:
        raise BadDay("应为日期,例如 2026-11-01", "must be a day such as 2026-11-01") from error


class Box(NamedTuple):
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float


def parse_box(text: str) -> Box:
    """Read `west,south,east,north`. Raises BadBox."""
    try:
        box = Box(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError):
        box = Box(0, 0, -1, -1)
    if not (-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90):
        raise BadBox(
            "bbox 应为 西,南,东,北 四个经纬度,例如 114.3,22.5,114.6,22.7",
            "bbox must be west,south,east,north in degrees, for example 114.3,22.5,114.6,22.7",
        )
    return box


@dataclass(frozen=True, slots=True)
class Page:
    """Which slice of an answer: `limit` rows after skipping `offset`."""

    limit: int
    offset: int


Text = Annotated[str | None, Query(max_length=200)]


def _period(request: Request, datetime: Text = None) -> Period | None:
    return None if datetime is None else Period.parse(datetime.replace(" ", "+"), request.app.state.settings.zone)


def _day(day: Text = None) -> date | None:
    return None if day is None else parse_day(day)


def _box(bbox: Text = None) -> Box | None:
    return None if bbox is None else parse_box(bbox)


def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 1000, offset: Annotated[int, Query(ge=0, le=2**53)] = 0
) -> Page:
    return Page(limit, offset)


def _zone(request: Request) -> ZoneInfo:
    zone: ZoneInfo = request.app.state.settings.zone
    return zone


LocalZone = Annotated[ZoneInfo, Depends(_zone)]
DayQuery = Annotated[date | None, Depends(_day)]
PeriodQuery = Annotated[Period | None, Depends(_period)]
BoxQuery = Annotated[Box | None, Depends(_box)]
PageQuery = Annotated[Page, Depends(_page)]
