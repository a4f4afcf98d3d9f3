from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.occasions.define import (
    OCCASIONS,
    REGULAR,
    file_name,
    is_due,
    month_of,
    operation_days,
    regular_period,
)

ZONE = ZoneInfo("Asia/Shanghai")
EIGHT = time(8)
DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2900, 1, 1))


def told(period, zone=ZONE):
    return " ".join(f"{each.astimezone(zone):%Y-%m-%dT%H:%M}" for each in (period.start, period.end))


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("morning", "2026-11-26", "2026-11-25T08:00 2026-11-26T08:00"),
        ("morning", "2027-01-01", "2026-12-31T08:00 2027-01-01T08:00"),  # the year's end
        ("morning", "2028-03-01", "2028-02-29T08:00 2028-03-01T08:00"),  # a leap year
        ("weekly", "2026-11-26", "2026-11-16T00:00 2026-11-23T00:00"),  # a Thursday
        ("weekly", "2026-11-23", "2026-11-16T00:00 2026-11-23T00:00"),  # a Monday: the week that is over
        ("weekly", "2026-11-22", "2026-11-09T00:00 2026-11-16T00:00"),  # a Sunday: its own week is not
        ("weekly", "2027-01-01", "2026-12-21T00:00 2026-12-28T00:00"),
        ("weekly", "2027-01-04", "2026-12-28T00:00 2027-01-04T00:00"),
        ("monthly", "2026-11-26", "2026-10-01T00:00 2026-11-01T00:00"),
        ("monthly", "2027-01-01", "2026-12-01T00:00 2027-01-01T00:00"),
        ("monthly", "2028-03-31", "2028-02-01T00:00 2028-03-01T00:00"),
        ("monthly", "2027-03-01", "2027-02-01T00:00 2027-03-01T00:00"),
    ],
)
def test_over_which_time_an_occasion_tells_on_a_day(name, day, expected):
    assert told(regular_period(name, date.fromisoformat(day), ZONE, EIGHT)) == expected


@pytest.mark.parametrize(
    ("first", "last", "day", "expected"),
    [
        ("2026-11-01", "2026-11-10", "2026-11-26", "2026-11-01T00:00 2026-11-11T00:00"),
        ("2026-11-01", "2026-11-30", "2026-11-26", "2026-11-01T00:00 2026-11-27T00:00"),
        ("2026-11-01", None, "2026-11-02", "2026-11-01T00:00 2026-11-03T00:00"),
        ("2026-12-01", "2026-12-03", "2026-11-26", "2026-12-01T00:00 2026-12-02T00:00"),
    ],
)
def test_an_operation_is_told_of_up_to_the_day(first, last, day, expected):
    first, last, day = (None if each is None else date.fromisoformat(each) for each in (first, last, day))
    assert told(operation_days(first, last, day, ZONE)) == expected


@given(DAYS, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]))
def test_whole_days_are_whole_wherever_clocks_change(day, name):
    zone = ZoneInfo(name)
    week, month = (regular_period(each, day, zone, EIGHT) for each in ("weekly", "monthly"))
    assert (week.start.weekday(), week.end.weekday()) == (0, 0)
    assert week.end.date() - week.start.date() == timedelta(days=7)
    assert week.end.date() <= day < week.end.date() + timedelta(days=7)
    assert (month.start.day, month.end.day) == (1, 1)
    assert month.end == month_of(day, zone).start
    assert {each.time() for each in (week.start, week.end, month.start, month.end)} == {time()}


@pytest.mark.parametrize(
    ("day", "is_working", "due"),
    [
        ("2026-11-26", True, ["morning"]),
        ("2026-11-26", False, []),
        ("2026-11-23", True, ["morning", "weekly"]),
        ("2026-11-23", False, ["weekly"]),
        ("2027-02-01", True, ["morning", "weekly", "monthly"]),
        ("2027-01-01", False, ["monthly"]),
    ],
)
def test_when_an_occasion_comes_round(day, is_working, due):
    asked = date.fromisoformat(day)
    assert [name for name in REGULAR if is_due(name, asked, is_working=is_working)] == due


@given(DAYS, st.sampled_from(REGULAR))
def test_no_two_times_share_a_file(day, name):
    one, other = (regular_period(name, each, ZONE, EIGHT) for each in (day, day + timedelta(days=1)))
    names = {file_name(name, period, ZONE, "pdf") for period in (one, other)}
    assert len(names) == len({one, other})


def test_files_are_named_for_their_time():
    def named(name, number=None):
        period = regular_period(name if name in REGULAR else "weekly", date(2026, 11, 26), ZONE, EIGHT)
        return file_name(name, period, ZONE, "xlsx", number)

    assert [named(name) for name in REGULAR] == [
        "gisgrid-morning-2026-11-26.xlsx",
        "gisgrid-weekly-2026-11-16_2026-11-22.xlsx",
        "gisgrid-monthly-2026-10.xlsx",
    ]
    assert named("operation", 7) == "gisgrid-operation-7-2026-11-16_2026-11-22.xlsx"


def test_every_occasion_has_its_words():
    for each in OCCASIONS.values():
        assert all(words.strip() for words in (*each.called, *each.title))
        assert set(OCCASIONS) > set(REGULAR)
