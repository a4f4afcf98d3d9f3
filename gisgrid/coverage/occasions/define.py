"""The ready occasions: over which days each of them tells on a given day, how it is titled, and what it holds. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from gisgrid.coverage.told.sections import ANNEXES, SECTIONS, AnnexName, SectionName
from gisgrid.documents.paper import Both
from gisgrid.parameters import Period

OccasionName = Literal["morning", "weekly", "monthly", "operation"]
Regular = Literal["morning", "weekly", "monthly"]
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occasion. `title` may name the {place} and the {plan}; `called` is what people call it.

    `level` is that of the cells told of; `is_compared`: with the period before.
    """

    name: OccasionName
    called: Both
    title: Both
    level: Literal["all"] = "all"
    sections: tuple[SectionName, ...] = SECTIONS
    annexes: tuple[AnnexName, ...] = ANNEXES
    is_compared: bool = True


OCCASIONS: Final[dict[str, Occasion]] = {
    each.name: each
    for each in (
        Occasion(
            "morning",
            ("晨会简报", "Morning briefing"),
            ("{place}网格巡查晨会简报", "Morning briefing on grid patrols: {place}"),
            sections=("summary", "map", "problems", "next_steps"),
            annexes=("lists",),
        ),
        Occasion(
            "weekly",
            ("每周例会", "Weekly meeting"),
            ("{place}网格巡查周报", "Weekly report on grid patrols: {place}"),
        ),
        Occasion(
            "monthly",
            ("月报", "Monthly report"),
            ("{place}网格巡查月报", "Monthly report on grid patrols: {place}"),
        ),
        Occasion(
            "operation",
            ("专项行动", "Special operation"),
            ("“{plan}”巡查报告", "Report on the special operation “{plan}”"),
            is_compared=False,
        ),
    )
}
REGULAR: Final[tuple[Regular, ...]] = ("morning", "weekly", "monthly")
"""Those that come round by themselves."""


def days(first: date, after: date, zone: ZoneInfo) -> Period:
    """Return the whole local days from `first` to the one before `after`."""
    return Period(datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))


def month_of(day: date, zone: ZoneInfo) -> Period:
    """Return the calendar month in which a day lies."""
    first = day.replace(day=1)
    return days(first, (first + timedelta(days=31)).replace(day=1), zone)


def last_day_hours(day: date, until: time, zone: ZoneInfo) -> Period:
    """Return the 24 hours up to a time of day, as the clock on the wall tells them."""
    return Period(datetime.combine(day - DAY, until, zone), datetime.combine(day, until, zone))


def last_week(day: date, zone: ZoneInfo) -> Period:
    """Return the last Monday to Sunday that is over."""
    monday = day - timedelta(days=day.weekday())
    return days(monday - WEEK, monday, zone)


def last_month(day: date, zone: ZoneInfo) -> Period:
    """Return the last calendar month that is over."""
    return month_of(day.replace(day=1) - DAY, zone)


def operation_days(first: date, last: date | None, day: date, zone: ZoneInfo) -> Period:
    """Return the days of an operation up to a given one; its first one at least."""
    until = day if last is None else min(last, day)
    return days(first, max(first, until) + DAY, zone)


def regular_period(name: str, day: date, zone: ZoneInfo, until: time) -> Period:
    """Return over which time an occasion that comes round tells on a day; `until`: when the morning's 24 hours end."""
    found: dict[str, Callable[[], Period]] = {
        "morning": lambda: last_day_hours(day, until, zone),
        "weekly": lambda: last_week(day, zone),
        "monthly": lambda: last_month(day, zone),
    }
    return found[name]()


def is_due(name: str, day: date, *, is_working: bool) -> bool:
    """Tell whether an occasion comes round on a day: each working day, on Mondays, on the first of a month."""
    if name == "morning":
        return is_working
    return day.weekday() == 0 if name == "weekly" else day.day == 1


def file_name(name: str, period: Period, zone: ZoneInfo, form: str, number: int | None = None) -> str:
    """Return the name of a file: of a morning its day, of a month the month, else the first and the last day."""
    first, last = (each.astimezone(zone).date() for each in (period.start, period.last_moment))
    span = f"{first}_{last}"
    if name == "morning":
        span = f"{last}"
    elif name in ("monthly", "month"):
        span = f"{first:%Y-%m}"
    which = name if number is None else f"{name}-{number}"
    return f"gisgrid-{which}-{span}.{form}"
