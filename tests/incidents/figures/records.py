"""Records with defaults, and the course of an incident written as a line: what happened at which hour."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gisgrid.incidents.clock import Calendar, Limit
from gisgrid.incidents.figures.course import Course, Passed, Record, course_of
from gisgrid.incidents.lifecycle import RULES
from gisgrid.parameters import Period

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
TEN = Limit("urgent", 10 * 3600)
"""Ten hours on the clock that always runs: what is filed at 1 is due at 11."""


def at(hour: float) -> datetime:
    """Return a moment so many hours after the first."""
    return ZERO + timedelta(hours=hour)


def hours(start: float, end: float) -> Period:
    """Return a period of hours."""
    return Period(at(start), at(end))


def steps(line: str) -> list[Passed]:
    """Return the steps of a line such as "report 0 file 1 dispatch 2"; where each leads is looked up."""
    words = line.split()
    found, state = [Passed("report", "reported", at(float(words[1])))], "reported"
    for move, hour in zip(words[2::2], words[3::2], strict=True):
        state = RULES[move].leads[state]  # type: ignore[index]
        found.append(Passed(move, state, at(float(hour))))
    return found


def course(line: str, limit: Limit | None = TEN, now: float = 1000) -> Course:
    """Return the course of a line, as known at an hour."""
    return course_of(steps(line), lambda _: limit, CALENDAR, at(now))


def a_record(line: str = "report 0", number: int = 1, **given: Any) -> Record:
    """Return a record of a line."""
    limit, now = given.pop("limit", TEN), given.pop("now", 1000)
    reported_at = steps(line)[0].at
    return Record(number, given.pop("kind", "E0102"), reported_at, course(line, limit, now), **given)
