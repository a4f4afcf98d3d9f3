"""The course of an incident, made of its steps: when it was filed, sent, handled and closed, and when it was overdue.

Everything is as it is known now: a closing that was undone later is none, and the clock is held to have gone on. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

from gisgrid.incidents.clock import Calendar, Limit, Reading, Tick, reading
from gisgrid.incidents.kinds.edition import Count
from gisgrid.incidents.lifecycle import DONE, RULES, Move
from gisgrid.incidents.sources import Source

Level = Literal["street", "community", "substation"]
CLOSES: Final = frozenset[str]({"pass", "settle"})
UNDOES: Final = frozenset[str]({"reopen", "fail"})


class Passed(NamedTuple):
    """A step, as far as figures ask: `move` is "report" for the first. `condition` is that under which it was filed."""

    move: str
    to_state: str
    at: datetime
    condition: str | None = None


Limits = Callable[[str | None], Limit | None]
"""The limit of a filing condition, by its code."""


class Try(NamedTuple):
    """Something done at a time, and whether it had to be done again: a dispatch sent back, work that failed."""

    at: datetime
    is_undone: bool


class Spell(NamedTuple):
    """Time in which an incident was overdue and not closed; without an end it is so still."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Course:
    """What the steps come to. `closed_at` is of the closing that stands, `is_on_the_spot` whether by 即办."""

    filed_at: tuple[datetime, ...] = ()
    dispatches: tuple[Try, ...] = ()
    handled: tuple[Try, ...] = ()
    suspended_at: tuple[datetime, ...] = ()
    extended_at: tuple[datetime, ...] = ()
    closed_at: datetime | None = None
    is_on_the_spot: bool = False
    is_in_time: bool = False
    overdue: tuple[Spell, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An incident for figures.

    `cells` are the codes of its street, community and substation, None outside; `level` is that of the cell which
    answers for it; `department` the code of the one in the lead. `is_kept`: confidential, or a complaint. `is_placed`:
    whether its position is its own, in WGS 84 degrees, and not that of a whole cell. `is_merged`: into another.
    """

    id: int
    kind: str
    reported_at: datetime
    course: Course
    source: Source = "patrol"
    cells: tuple[str | None, str | None, str | None] = (None, None, None)
    level: Level = "street"
    department: str | None = None
    counted_as: Count = ""
    longitude: float = 0.0
    latitude: float = 0.0
    is_patrolled: bool = False
    is_kept: bool = False
    is_placed: bool = True
    is_merged: bool = False


def course_of(steps: Sequence[Passed], limits: Limits, calendar: Calendar, now: datetime) -> Course:
    """Return the course of an incident: its steps in order, the limits of filing conditions, as known at a moment.

    What is dated after `now` has not happened yet.
    """
    steps = [step for step in steps if step.at <= now]
    closing = _closing(steps)
    done = steps[: closing + 1] if closing is not None else []
    shown = reading(_ticks(done), _limit(done, limits), calendar, now)
    return Course(
        filed_at=_times(steps, "file"),
        dispatches=tuple(_tries(steps, "dispatch", "send_back", ("dispatch", "file"))),
        handled=tuple(_tries(steps, "finish", "fail", ("finish", "pass", "file"))),
        suspended_at=_times(steps, "suspend"),
        extended_at=_times(steps, "extend"),
        closed_at=None if closing is None else steps[closing].at,
        is_on_the_spot=closing is not None and steps[closing].move == "settle",
        is_in_time=closing is not None and not shown.is_overdue,
        overdue=tuple(_overdue(steps, closing, limits, calendar, now)),
    )


def _limit(steps: Sequence[Passed], limits: Limits) -> Limit | None:
    """Return the limit under which an incident was filed last: reopening it forgets the condition."""
    filed = next((step for step in reversed(steps) if step.move == "file"), None)
    return None if filed is None else limits(filed.condition)


def _times(steps: Iterable[Passed], move: Move) -> tuple[datetime, ...]:
    return tuple(step.at for step in steps if step.move == move)


def _tries(steps: Sequence[Passed], move: Move, undo: Move, ends: Sequence[Move]) -> Iterator[Try]:
    """Yield each time that a move was made, and whether the undoing move came before any that ends it."""
    for at, step in enumerate(steps):
        if step.move == move:
            after = next((each.move for each in steps[at + 1 :] if each.move in (undo, *ends)), None)
            yield Try(step.at, after == undo)


def _closing(steps: Sequence[Passed]) -> int | None:
    """Return which step closed the incident for good, as far as is known; the check of one settled closes nothing."""
    if not steps or steps[-1].to_state not in DONE:
        return None
    undone = max((at for at, step in enumerate(steps) if step.move in UNDOES), default=-1)
    return next(at for at, step in enumerate(steps) if at > undone and step.move in CLOSES)


def _ticks(steps: Iterable[Passed]) -> list[Tick]:
    """Return what moves did to the clock, as `loop.steps.ticks` does."""
    moved = ((RULES[step.move].clock, step.at) for step in steps if step.move in RULES)
    return [Tick(effect, at) for effect, at in moved if effect is not None]


# --- when it was overdue ---------------------------------------------------------------------------


def _overdue(
    steps: Sequence[Passed], closing: int | None, limits: Limits, calendar: Calendar, now: datetime
) -> Iterator[Spell]:
    """Yield the spells in which the incident was overdue and not closed: at most one each time it was filed."""
    filed = [at for at, step in enumerate(steps) if step.move == "file"]
    for start, following in zip_longest(filed, filed[1:]):
        part = steps[start:following]
        stands = closing is not None and following is None
        end = _end(part, steps[following].at if following else None, steps[closing].at if stands and closing else None)
        since = _since(part, _limit(part, limits), calendar, end or now, is_void=not stands)
        if since is not None and (end is None or since < end):
            yield Spell(since, end)


def _end(part: Sequence[Passed], filed_again: datetime | None, closed: datetime | None) -> datetime | None:
    """Return when a filed incident was off the list: closed for good, filed anew, merged or rejected."""
    gone = next((step.at for step in part if step.to_state in ("merged", "rejected")), None)
    return min((at for at in (filed_again, closed, gone) if at is not None), default=None)


def _since(
    part: Sequence[Passed], limit: Limit | None, calendar: Calendar, until: datetime, *, is_void: bool
) -> datetime | None:
    """Return since when the limit was used up; for a closing that was undone, as if the clock had gone on."""
    ticks = [tick for tick in _ticks(part) if tick.at <= until]
    shown = reading(ticks, limit, calendar, until)
    if shown.is_overdue:
        return _stopped(ticks, limit, calendar, until).due_at
    if shown.state != "stopped" or not is_void or shown.due_at is None:
        return None
    return max(shown.due_at, next(tick.at for tick in ticks if tick.act == "stop"))


def _stopped(ticks: Sequence[Tick], limit: Limit | None, calendar: Calendar, until: datetime) -> Reading:
    """Read a clock as if it was stopped: only so does one that is paused tell when its limit was used up."""
    return reading([*ticks, Tick("stop", until)], limit, calendar, until)
