"""The terms of a plan: which places, on which days, at which times, by whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, Self

from gisgrid.errors import Refused

PlaceKind = Literal["checkpoint", "cell"]

DAY_MIN: Final = 24 * 60
MOST_PLACES: Final = 200
WEEK: Final = (1, 2, 3, 4, 5, 6, 7)


class TimesUnclear(Refused):
    """Neither fixed times nor windows with a number of rounds are given, or both."""


class TimesTooClose(Refused):
    """A round would begin before the one before it is over: one visit would do for both."""


class RoundsDoNotFit(Refused):
    """There is no room for so many rounds in the windows."""


class Place(NamedTuple):
    """A place by its code: a checkpoint, or a cell of any level."""

    kind: PlaceKind
    code: str


class Window(NamedTuple):
    """Local times of a shift; one that ends no later than it begins lasts past midnight."""

    start: time
    end: time

    @property
    def minutes(self) -> tuple[int, int]:
        """Begin and end in minutes from midnight, the end above the begin."""
        start, end = minute_of(self.start), minute_of(self.end)
        return start, end if end > start else end + DAY_MIN


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from the local day `since` on.

    Either fixed times, `at`; or `times_a_day` rounds at random times within the windows. `by_anyone`: whoever is on
    duty; else the people who are named beside.
    """

    since: date
    places: tuple[Place, ...]
    by_anyone: bool
    duration_min: int
    grace_min: int
    weekdays: tuple[int, ...] = WEEK
    every_days: int = 1
    at: tuple[time, ...] = ()
    windows: tuple[Window, ...] = ()
    times_a_day: int = 0

    @property
    def is_random(self) -> bool:
        """Whether its times are drawn."""
        return not self.at

    @property
    def over_by(self) -> int:
        """After how many minutes from midnight no round of a day is due any more, not even late."""
        starts, ends = map(minute_of, self.at), (window.minutes[1] for window in self.windows)
        return max((*(start + self.duration_min for start in starts), *ends), default=0) + self.grace_min

    def kept(self) -> dict[str, Any]:
        """Return the terms as they are stored."""
        return {
            "since": self.since.isoformat(),
            "places": [list(place) for place in self.places],
            "by_anyone": self.by_anyone,
            "duration_min": self.duration_min,
            "grace_min": self.grace_min,
            "weekdays": list(self.weekdays),
            "every_days": self.every_days,
            "at": [clock(moment) for moment in self.at],
            "windows": [[clock(moment) for moment in window] for window in self.windows],
            "times_a_day": self.times_a_day,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return terms from what is stored."""
        return cls(
            **{
                **kept,
                "since": date.fromisoformat(kept["since"]),
                "places": tuple(Place(*place) for place in kept["places"]),
                "weekdays": tuple(kept["weekdays"]),
                "at": tuple(map(time.fromisoformat, kept["at"])),
                "windows": tuple(Window(*map(time.fromisoformat, window)) for window in kept["windows"]),
            }
        )


def clock(moment: time) -> str:
    """Write a local time as a clock shows it."""
    return f"{moment:%H:%M}"


def minute_of(moment: time) -> int:
    """Return the minutes since midnight."""
    return 60 * moment.hour + moment.minute


def require_sound(terms: Terms) -> None:
    """Check that there is a time for every round. Raises TimesUnclear, TimesTooClose, RoundsDoNotFit."""
    if bool(terms.at) == bool(terms.windows) or bool(terms.windows) != bool(terms.times_a_day):
        raise TimesUnclear(
            "请给出固定时间(at),或给出时段(windows)和每天次数(times_a_day),二者取一",
            "give fixed times (`at`), or windows with `times_a_day`: one of the two",
        )
    if terms.at:
        _require_apart([minute_of(moment) for moment in terms.at], terms.duration_min)
        return
    spans = sorted(window.minutes for window in terms.windows)
    if any(end > start for (_, end), (start, _) in pairwise([*spans, _next_day(spans[0])])):
        raise TimesTooClose("时段互相重叠", "the windows overlap")
    room = sum(room_in(spans, terms.duration_min))
    if room < terms.times_a_day:
        raise RoundsDoNotFit(
            f"这些时段最多容得下 {room} 次、每次 {terms.duration_min} 分钟的巡查",
            f"the windows have room for {room} rounds of {terms.duration_min} minutes at most",
        )


def _next_day(span: tuple[int, int]) -> tuple[int, int]:
    return span[0] + DAY_MIN, span[1] + DAY_MIN


def _require_apart(starts: Sequence[int], duration_min: int) -> None:
    ordered = sorted(starts)
    if any(later - earlier < duration_min for earlier, later in pairwise([*ordered, ordered[0] + DAY_MIN])):
        raise TimesTooClose(
            "两次巡查的间隔短于一次巡查的时长",
            "two rounds begin closer to each other than one of them lasts",
        )


def room_in(spans: Sequence[tuple[int, int]], duration_min: int) -> list[int]:
    """Return how many rounds of a duration each window has room for, one after another."""
    return [(end - start) // duration_min for start, end in spans]
