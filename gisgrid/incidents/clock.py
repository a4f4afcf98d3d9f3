"""How much of its time something has used, computed from what happened to its clock: nothing counts, nothing drifts.

The urgent clock always runs. The normal one runs in the working hours of working days, 8 hours to a day. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from types import MappingProxyType
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from gisgrid.incidents.wall import hours_on
from gisgrid.parse import Hours, follow_one_another

Clock = Literal["normal", "urgent"]
State = Literal["none", "green", "yellow", "red", "paused", "stopped"]

# what is practice elsewhere: to be chosen by each place, and no law
GREEN_SHARE: Final = 0.8
"""The share of the limit up to which, itself included, a clock is green; then it is yellow to the end, then red."""
MAX_EXTENSIONS: Final = 2
"""How often the original limit may be added once more; never once it is overdue."""
MAX_SUSPENSIONS: Final = 1
MAX_SUSPENSION: Final = timedelta(days=365)
"""How often, and for how long at most, an incident may be suspended (挂账)."""

DAY_S: Final[Mapping[Clock, int]] = {"normal": 8 * 3600, "urgent": 24 * 3600}
"""The seconds of a day of each clock."""
OFFICE: Final[Hours] = ((time(8), time(12)), (time(14), time(18)))
WEEK: Final = 5
LONGEST_S: Final = 10 * 365 * 24 * 3600
NOTHING: Final = timedelta(0)
EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many seconds of which clock something may take. Raises ValueError if that is none, or more than ten years."""

    clock: Clock
    seconds: int

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= LONGEST_S:
            raise ValueError("a limit of no time, or of too much")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, and when. Raises ValueError for hours that are none, or not one after another.

    `exceptions` say of a day whether it is working where that differs from Monday to Friday. Hours are of the
    clock on the wall, see `wall`.
    """

    zone: ZoneInfo
    exceptions: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    hours: Hours = OFFICE

    def __post_init__(self) -> None:
        if not follow_one_another(self.hours):
            raise ValueError("working hours that do not follow one another")

    def is_working(self, day: date) -> bool:
        """Tell whether a local day is worked."""
        known = self.exceptions.get(day)
        return day.weekday() < WEEK if known is None else known


class Tick(NamedTuple):
    """What happened to a clock, and when. It is no more than its act: who may do it is decided elsewhere.

    `start` begins anew from zero, without extensions. `pause` and `resume` enclose what does not count. `extend` adds
    the limit once more. `stop` ends it; only a `start` follows a stop. What changes nothing, as a pause in a pause, is
    passed over.
    """

    act: Literal["start", "pause", "resume", "extend", "stop"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows. Seconds are its own: working time on the normal clock.

    `due_at`, in UTC, is the first moment at which all is used, also one in the past; None while paused and without a
    limit; once stopped, what it would have been had it gone on from its last resume. `share` is used ÷ allowed.
    `state` is "none" without a limit and before the start.
    """

    started_at: datetime | None
    used_s: float
    allowed_s: int | None
    due_at: datetime | None
    state: State
    is_overdue: bool
    share: float | None
    extensions: int = 0


def reading(ticks: Iterable[Tick], limit: Limit | None, calendar: Calendar, now: datetime) -> Reading:
    """Read a clock from what happened to it, in order; what is dated after `now` has not happened yet.

    A tick dated before the one before it counts as of the same moment: time never runs back. Raises ValueError for
    times without a zone.
    """
    now = _utc(now)
    course = _course(ticks, now)
    if limit is None or not course.runs:
        started_at = course.runs[0].start if course.runs else None
        return Reading(started_at, 0.0, None, None, "none", is_overdue=False, share=None, extensions=course.extensions)
    used = sum((elapsed(limit.clock, calendar, start, end or now) for start, end in course.runs), NOTHING)
    allowed_s = limit.seconds * (1 + course.extensions)
    allowed = timedelta(seconds=allowed_s)
    return Reading(
        started_at=course.runs[0].start,
        used_s=used.total_seconds(),
        allowed_s=allowed_s,
        due_at=None if course.is_paused and not course.is_stopped else _due(course, limit.clock, calendar, allowed),
        state=_state(course, used, allowed),
        is_overdue=used > allowed,
        share=used / allowed,
        extensions=course.extensions,
    )


def may_extend(shown: Reading) -> bool:
    """Tell whether a clock may be extended: at most twice, never once overdue, not after its end."""
    is_open = shown.state not in ("none", "stopped")
    return is_open and not shown.is_overdue and shown.extensions < MAX_EXTENSIONS


# --- what happened to a clock ----------------------------------------------------------------------


class _Run(NamedTuple):
    """Time in which a clock ran; without an end it runs still."""

    start: datetime
    end: datetime | None


@dataclass(slots=True)
class _Course:
    """What the ticks come to: the runs since the last start."""

    runs: list[_Run] = field(default_factory=list)
    extensions: int = 0
    is_stopped: bool = False

    @property
    def is_paused(self) -> bool:
        return bool(self.runs) and self.runs[-1].end is not None

    def take(self, tick: Tick, at: datetime) -> None:
        if tick.act == "start":
            self.runs, self.extensions, self.is_stopped = [_Run(at, None)], 0, False
        elif self.runs and not self.is_stopped:
            self._go_on(tick, at)

    def _go_on(self, tick: Tick, at: datetime) -> None:
        if tick.act == "extend":
            self.extensions += 1
        elif tick.act == "resume":
            if self.is_paused:
                self.runs.append(_Run(at, None))
        else:
            self.is_stopped = tick.act == "stop"
            if not self.is_paused:
                self.runs[-1] = _Run(self.runs[-1].start, at)


def _course(ticks: Iterable[Tick], now: datetime) -> _Course:
    course, latest = _Course(), EVER
    for tick in ticks:
        latest = max(_utc(tick.at), latest)
        if latest > now:
            break
        course.take(tick, latest)
    return course


def _state(course: _Course, used: timedelta, allowed: timedelta) -> State:
    if course.is_stopped:
        return "stopped"
    if course.is_paused:
        return "paused"
    if used > allowed:
        return "red"
    return "green" if used <= allowed * GREEN_SHARE else "yellow"


def _due(course: _Course, clock: Clock, calendar: Calendar, allowed: timedelta) -> datetime:
    """Return when all is used: in one of the runs, else in the last if it went on."""
    left = allowed
    *ended, last = course.runs
    for start, end in ended:
        used = elapsed(clock, calendar, start, end or start)
        if used >= left:
            return moment_after(clock, calendar, start, left)
        left -= used
    return moment_after(clock, calendar, last.start, left)


# --- time of a clock -------------------------------------------------------------------------------


def elapsed(clock: Clock, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much time of a clock lies between two moments; none if the second is not after the first."""
    start, end = _utc(start), _utc(end)
    if clock == "urgent":
        return max(end - start, NOTHING)
    passed = NOTHING
    for opens, closes in _openings(calendar, start):
        if opens >= end:
            break
        passed += max(min(closes, end) - max(opens, start), NOTHING)
    return passed


def moment_after(clock: Clock, calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """Return the first moment, in UTC, at which a span of a clock, longer than nothing, has passed since a start."""
    start = _utc(start)
    if clock == "urgent":
        return start + span
    for opens, closes in _openings(calendar, start):
        begun = max(opens, start)
        if closes - begun >= span:
            return begun + span
        span -= max(closes - begun, NOTHING)
    raise AssertionError("days without end have ended")


def _openings(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working hours in UTC, one after another and without end, from those of a moment's local day on."""
    first = since.astimezone(calendar.zone).date().toordinal()
    for day in map(date.fromordinal, count(first)):
        if calendar.is_working(day):
            yield from hours_on(day, calendar.hours, calendar.zone)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)
