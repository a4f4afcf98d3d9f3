"""From a session to the days of a period: those that are kept and up to date as they are, the others made anew."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from threading import RLock
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from gisgrid.coverage.days.packing import packed, unpacked
from gisgrid.coverage.days.reduce import Day, reduce_day
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.group import Group
from gisgrid.coverage.tables import KeptDay
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.changes import version_of
from gisgrid.patrols.duty.heartbeats import beats_in
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.settings import Settings

FORM: Final = 1
"""Of what is kept: raised once days are reduced in another way."""
MOST_HELD: Final = 100
"""Days held in memory, a megabyte or so each."""
KEPT_DAY: Final = table_of(KeptDay)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
RULES: Final = ("timezone", "metric_crs", "reach_m", "visit_gap_s", "band_gap_s", "band_length_m")


Progress = Callable[[int, int], None]
"""Is told how many days are done, and of how many."""


def silent(done: int, of: int) -> None:
    """Tell nobody."""


class GroundOn(NamedTuple):
    """The ground in force from a day on; `name` tells it from all others, under whatever settings."""

    first_day: date
    ground: Ground
    name: str


class Part(NamedTuple):
    """A local day of a period, or that part of it that the period holds; `changes` as `version_of` counts them."""

    day: date
    period: Period
    is_whole: bool
    on: GroundOn
    changes: int


_held: OrderedDict[tuple[Any, ...], Day] = OrderedDict()
_holding = RLock()


def name_of(settings: Settings, *more: object) -> str:
    """Return a name that is another once what a day comes to may be, but for its fixes and heartbeats."""
    told = (FORM, *(getattr(settings, rule) for rule in RULES), *more)
    return sha256(repr(told).encode()).hexdigest()


def parts_of(
    session: Session, settings: Settings, period: Period, grounds: Sequence[GroundOn], without: Collection[date] = ()
) -> list[Part]:
    """Return the days of a period, but for some, on the grounds in force on them, which are in the order of time."""
    spans = [(day, span) for day, span in _local_days(period, settings) if day not in without]
    changes = version_of(session, [day for day, _ in spans], settings.zone)
    return [
        Part(day, span, span == Period.last_days(1, day, settings.zone), _on(grounds, day), changes[day])
        for day, span in spans
    ]


def days_of(
    session: Session, settings: Settings, parts: Sequence[Part], group: Group | None = None, progress: Progress = silent
) -> list[Day]:
    """Return what days come to; those on which nothing was sent are left out.

    Those of a group are made anew each time, and not kept. `progress` is told of each day that is done.
    """
    told = [part for part in parts if part.changes]
    found = []
    if group is not None:
        for part in told:
            found.append(_reduced(session, settings, part, group))
            progress(len(found), len(told))
        return found
    with _holding:
        database = database_of(session)
        known = {part.day: day for part in told if (day := _held.get(_key(database, part)))}
        kept = _kept(session, [part for part in told if part.day not in known])
        known |= {part.day: _hold(database, part, unpacked(content)) for part, content in kept}
        for part in told:  # of a long period more days are known than memory holds afterwards
            found.append(known.get(part.day) or _hold(database, part, _reduced(session, settings, part)))
            progress(len(found), len(told))
    return found


def is_kept(session: Session, part: Part) -> bool:
    """Tell whether what a whole day comes to is kept and up to date."""
    asked = select(KEPT_DAY.c.day).where(KEPT_DAY.c.day == part.day, *_is_current(part))
    return session.scalar(asked) is not None


def content_of(session: Session, settings: Settings, part: Part) -> bytes:
    """Return what a day comes to, made anew, as bytes."""
    return packed(_reduced(session, settings, part))


def keep_day(session: Session, part: Part, content: bytes) -> bytes | None:
    """Keep what a day comes to in place of what was kept; return that if it should be the same."""
    former = session.scalar(select(KEPT_DAY.c.content).where(KEPT_DAY.c.day == part.day, *_is_current(part)))
    forget_days(session, [part.day])
    told = {"made_of": part.on.name, "changes": part.changes, "made_at": datetime.now(UTC)}
    session.add(KeptDay(day=part.day, content=content, **told))
    session.flush()
    return former


def forget_days(session: Session, days: Collection[date] | None = None) -> None:
    """Drop what is kept of some days, or of all: it names people, and is made anew where it is needed."""
    session.execute(delete(KEPT_DAY) if days is None else delete(KEPT_DAY).where(KEPT_DAY.c.day.in_(days)))


def _is_current(part: Part) -> tuple[ColumnElement[bool], ...]:
    return KEPT_DAY.c.made_of == part.on.name, KEPT_DAY.c.changes == part.changes


def microseconds(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def _local_days(period: Period, settings: Settings) -> Iterator[tuple[date, Period]]:
    day, last = (each.astimezone(settings.zone).date() for each in (period.start, period.last_moment))
    while day <= last:
        whole = Period.last_days(1, day, settings.zone)
        yield day, Period(max(whole.start, period.start), max(min(whole.end, period.end), period.start))
        day += timedelta(days=1)


def _on(grounds: Sequence[GroundOn], day: date) -> GroundOn:
    before = [each for each in grounds if each.first_day <= day]
    return before[-1] if before else grounds[0]


def database_of(session: Session) -> str:
    """Return which database a session is on: a copy has the same grids, and days that changed as often."""
    return str(session.get_bind().engine.url)


def _key(database: str, part: Part) -> tuple[Any, ...]:
    return database, part.period.start, part.period.end, part.on.name, part.changes


def _hold(database: str, part: Part, day: Day) -> Day:
    _held[_key(database, part)] = day
    while len(_held) > MOST_HELD:
        _held.popitem(last=False)
    return day


def _kept(session: Session, parts: Sequence[Part]) -> Iterator[tuple[Part, bytes]]:
    """Yield those days that are kept and up to date."""
    asked = {part.day: part for part in parts if part.is_whole}
    columns = (KEPT_DAY.c.day, KEPT_DAY.c.made_of, KEPT_DAY.c.changes, KEPT_DAY.c.content)
    for row in session.execute(select(*columns).where(KEPT_DAY.c.day.in_(asked))):
        part = asked[row.day]
        if (row.made_of, row.changes) == (part.on.name, part.changes):
            yield part, row.content


def _reduced(session: Session, settings: Settings, part: Part, group: Group | None = None) -> Day:
    fixes = fixes_frame(session, part.period)
    span = microseconds(part.period.start), microseconds(part.period.end)
    beats = beats_in(session, part.period)
    return reduce_day(fixes if group is None else group.of(fixes), part.on.ground, settings, beats, *span)
