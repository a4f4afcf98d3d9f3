"""What the figures of merit come to: counts of what happened in a period, and shares of one count in others. Pure.

Everything is counted incident by incident and added up, so that parts add up to the whole, whatever their order.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import numpy as np

from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.sources import PUBLIC
from gisgrid.parameters import Period
from gisgrid.patrols.judge import distance_m

NEAR_M: Final = 50
REPEAT_DAYS: Final = 30
"""Within what distance and time of a closing the same kind counts as the same trouble again: our own choice."""

Dimension = Literal["cell", "level", "department", "kind"]
Tally = Counter[str]
Key = Callable[[Record], str | None]

SHARES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "closing": ("closed", ("closed", "overdue")),
    "closed_in_time": ("in_time", ("closed", "overdue")),
    "filing": ("filed_of_reported", ("to_be_filed",)),
    "dispatch": ("dispatched_right", ("dispatched",)),
    "rework": ("failed", ("handled",)),
    "missed_by_patrols": ("missed", ("filed",)),
    "repeats": ("repeated", ("closed",)),
    "found_by_patrols": ("by_patrols", ("reported",)),
    "settled_at_street": ("settled_at_street", ("closed", "on_the_spot")),
    "settled_at_community": ("settled_at_community", ("closed", "on_the_spot")),
    "settled_at_substation": ("settled_at_substation", ("closed", "on_the_spot")),
}
"""Which count is divided by the sum of which others."""
COUNTS: Final = (
    *("reported", "filed", "closed", "in_time", "overdue", "on_the_spot"),
    *("dispatched", "handled", "suspended", "extended", "returned", "failed"),
)
"""What is printed beside the shares."""
AS_REPORTED: Final = ("case", "dispute", "petition")
"""What the system of 2007 counted as settled."""


class Share(NamedTuple):
    """A share and what it was made of."""

    numerator: int
    denominator: int

    @property
    def ratio(self) -> float | None:
        """The numerator by the denominator; None, which is n/a, where nothing is to be shared."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Measured:
    """The tally of all records that were asked for, and of each group of them, by its key; None is in none."""

    total: Tally
    groups: dict[str | None, Tally]


def measure(
    records: Iterable[Record],
    period: Period,
    now: datetime,
    *,
    again: frozenset[int] = frozenset(),
    group: Key | None = None,
) -> Measured:
    """Count what happened to records in a period, together and by groups.

    `again`: the numbers of the records after whose closing the same came up, see `came_again`.
    """
    total: Tally = Counter()
    groups: dict[str | None, Tally] = {}
    for each in records:
        counted = tally(each, period, now, is_again=each.id in again)
        total.update(counted)
        if group is not None:
            groups.setdefault(group(each), Counter()).update(counted)
    return Measured(total, groups)


def share(counted: Tally, name: str) -> Share:
    """Return one of SHARES."""
    numerator, denominators = SHARES[name]
    return Share(counted[numerator], sum(counted[each] for each in denominators))


def tally(record: Record, period: Period, now: datetime, *, is_again: bool = False) -> Tally:
    """Return what an incident adds to each count of a period."""
    found = Counter({**_come(record, period), **_worked(record, period), **_ended(record, period, is_again=is_again)})
    found["overdue"] = int(is_overdue_at(record, min(period.end, now)))
    return found


def is_overdue_at(record: Record, moment: datetime) -> bool:
    """Tell whether an incident was overdue and not closed just before a moment."""
    return any(start < moment and (end is None or moment <= end) for start, end in record.course.overdue)


def _come(record: Record, period: Period) -> dict[str, int]:
    """Count how it came, and whether it was filed."""
    course = record.course
    is_new, is_to_file = _in(record.reported_at, period), not course.is_on_the_spot
    is_filed = bool(course.filed_at) and _in(course.filed_at[0], period)
    return {
        "reported": is_new,
        "by_patrols": is_new and record.source == "patrol",
        "to_be_filed": is_new and is_to_file,
        "filed_of_reported": is_new and is_to_file and bool(course.filed_at),
        "filed": is_filed,
        "missed": is_filed and record.source in PUBLIC and record.is_patrolled,
    }


def _worked(record: Record, period: Period) -> dict[str, int]:
    """Count how often it was sent and handled, and what held it up."""
    course = record.course
    dispatches = [each for each in course.dispatches if _in(each.at, period)]
    handled = [each for each in course.handled if _in(each.at, period)]
    returned = sum(each.is_undone for each in dispatches)
    return {
        "dispatched": len(dispatches),
        "dispatched_right": len(dispatches) - returned,
        "returned": returned,
        "handled": len(handled),
        "failed": sum(each.is_undone for each in handled),
        "suspended": sum(_in(at, period) for at in course.suspended_at),
        "extended": sum(_in(at, period) for at in course.extended_at),
    }


def _ended(record: Record, period: Period, *, is_again: bool) -> dict[str, int]:
    """Count how it ended: of what is settled on the spot nothing is due, so it is counted apart."""
    course = record.course
    if course.closed_at is None or not _in(course.closed_at, period):
        return {}
    ended = {f"settled_at_{record.level}": 1, **({f"{record.counted_as}_settled": 1} if record.counted_as else {})}
    if course.is_on_the_spot:
        return {**ended, "on_the_spot": 1}
    return {**ended, "closed": 1, "in_time": int(course.is_in_time), "repeated": int(is_again)}


def _in(moment: datetime, period: Period) -> bool:
    return period.start <= moment < period.end


# --- groups ----------------------------------------------------------------------------------------


def by_cell(shown: Callable[[str], bool], below: str | None) -> Key:
    """Return what groups records by the largest cell that is shown, strictly below a cell if one is named."""
    return lambda record: largest(record.cells, shown, below)


def largest(cells: Sequence[str | None], shown: Callable[[str], bool], below: str | None) -> str | None:
    """Return the first of a street, a community and a substation that is shown, and strictly below another."""
    start = cells.index(below) + 1 if below is not None and below in cells else 0
    return next((code for code in cells[start:] if code is not None and shown(code)), None)


KEYS: Final[dict[Dimension, Key]] = {
    "level": lambda record: record.level,
    "department": lambda record: record.department,
    "kind": lambda record: record.kind,
}
"""What groups records otherwise."""


# --- what came again -------------------------------------------------------------------------------


def came_again(records: Iterable[Record], days: int = REPEAT_DAYS, near_m: float = NEAR_M) -> frozenset[int]:
    """Return the numbers of the closed records after which the same kind was reported near by within some days.

    One that was merged into another is that other once more, and what has no place of its own is near to nothing.
    """
    kinds: dict[str, list[Record]] = {}
    for each in records:
        if each.is_placed and not each.is_merged:
            kinds.setdefault(each.kind, []).append(each)
    return frozenset(number for same in kinds.values() for number in _again(same, timedelta(days=days), near_m))


def _again(same: Sequence[Record], within: timedelta, near_m: float) -> Iterable[int]:
    ordered = sorted(same, key=lambda each: each.reported_at)
    reported = np.array([each.reported_at.timestamp() for each in ordered])
    places = np.array([(each.longitude, each.latitude) for each in ordered]).T
    for each in ordered:
        if each.course.closed_at is None:
            continue
        closed = each.course.closed_at.timestamp()
        first = np.searchsorted(reported, closed, side="right")
        last = np.searchsorted(reported, closed + within.total_seconds(), side="right")
        there = [np.full(last - first, value) for value in (each.longitude, each.latitude)]
        if np.any(distance_m(*there, *places[:, first:last]) <= near_m):
            yield each.id
