"""Tables that are brought: a year is replaced as a whole, and the calendar in force is what they say."""

from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.incidents.calendar.brought import Brought, bring
from gisgrid.incidents.calendar.read_days import BadCalendar, Day
from gisgrid.incidents.calendar.stored import calendar_of, is_next_year_missing, warning
from gisgrid.settings import Settings
from tests.staff.builders import audited

NATIONAL_DAY, SATURDAY = date(2026, 10, 1), date(2026, 10, 10)
JANUARY = [Day(date(2026, 1, 1) + timedelta(days=n), is_working=False, name="休整") for n in range(12)]


def brought(engine: Engine, days: Sequence[Day], year: int | None = None) -> list[Brought]:
    with session_scope(engine, write=True) as session:
        return bring(session, OPERATOR, days, year)


def working(engine: Engine, settings: Settings, *days: date) -> list[bool]:
    with session_scope(engine) as session:
        calendar = calendar_of(session, settings)
    return [calendar.is_working(day) for day in days]


def test_what_is_shipped_is_in_force_until_a_table_is_brought(engine: Engine, settings: Settings) -> None:
    asked = (NATIONAL_DAY, SATURDAY, date(2026, 1, 1), date(2026, 1, 4), date(2025, 10, 8))
    assert working(engine, settings, *asked) == [False, True, False, True, False]
    assert brought(engine, JANUARY) == [Brought(2026, off=12, working=0, before=39)]
    # nothing of 2026 is left, and 2025 is as it was
    assert working(engine, settings, *asked) == [True, False, False, False, False]
    assert brought(engine, [Day(SATURDAY, is_working=True)], 2026) == [Brought(2026, off=0, working=1, before=12)]
    assert working(engine, settings, *asked) == [True, True, True, False, False]
    entries = audited(engine, "calendar")
    assert [(action, by, detail) for action, by, _, detail in entries] == [
        ("calendar.brought", "operator", {"year": 2026, "days": 12}),
        ("calendar.brought", "operator", {"year": 2026, "days": 1}),
    ]


def test_a_notice_may_reach_over_new_year(engine: Engine, settings: Settings) -> None:
    eve = Day(date(2026, 12, 31), is_working=False)
    table = [eve, *(Day(date(2027, 1, 1) + timedelta(days=n), is_working=False) for n in range(10))]
    for _ in range(2):
        assert [each.year for each in brought(engine, table)] == [2027]
    assert working(engine, settings, eve.day, NATIONAL_DAY, date(2027, 1, 4)) == [False, False, False]


@pytest.mark.parametrize(
    ("days", "year", "words"),
    [
        (JANUARY[:9], None, "少于 10 天.*2026-01-01"),
        ([*JANUARY, Day(date(2062, 5, 1), is_working=False)], None, "2062-05-01"),
        ([*JANUARY, Day(date(2025, 5, 1), is_working=False)], 2026, "2025-05-01"),
        (JANUARY, 2027, "没有 2027 年"),
    ],
)
def test_a_part_of_a_year_never_takes_its_place(
    engine: Engine, settings: Settings, days: list[Day], year: int | None, words: str
) -> None:
    with pytest.raises(BadCalendar, match=words):
        brought(engine, days, year)
    assert working(engine, settings, NATIONAL_DAY, SATURDAY) == [False, True]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 11, 30), []),
        (date(2026, 12, 1), [2027]),
        (date(2025, 12, 31), []),
        (date(2027, 1, 1), [2027]),
        (date(2027, 12, 1), [2027, 2028]),
    ],
)
def test_a_missing_table_is_warned_of_until_it_is_brought(engine: Engine, today: date, missing: list[int]) -> None:
    with session_scope(engine) as session:
        told = warning(session, today)
        assert is_next_year_missing(session, today) == bool(missing) == (told is not None)
    for year in missing:
        assert told is not None
        assert all(str(year) in words and "gisgrid calendar import" in words for words in told)
        brought(engine, [Day(date(year, 1, 1), is_working=False)], year)
    with session_scope(engine) as session:
        assert warning(session, today) is None


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_hours_and_zone_are_those_of_the_settings(engine: Engine, settings: Settings) -> None:
    changed = settings.model_copy(update={"working_hours": "9:00–12:30、13:30-24:00", "timezone": "Asia/Urumqi"})
    with session_scope(engine) as session:
        calendar = calendar_of(session, changed)
    assert calendar.hours == ((time(9), time(12, 30)), (time(13, 30), time(0)))
    assert calendar.zone == changed.zone
