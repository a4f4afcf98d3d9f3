from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.parameters import BadBox, BadDay, BadPeriod, Box, Period, parse_box, parse_day

SHENZHEN = ZoneInfo("Asia/Shanghai")
LONG_AFTER = datetime(9000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-01/2026-11-02", "2026-11-01T00:00+08:00", "2026-11-03T00:00+08:00"),
        ("2026-11-01", "2026-11-01T00:00+08:00", "2026-11-02T00:00+08:00"),
        ("2026-11-01T08:00/2026-11-01T09:30", "2026-11-01T08:00+08:00", "2026-11-01T09:30+08:00"),
        ("2026-11-01T00:00:00Z/2026-11-02", "2026-11-01T00:00+00:00", "2026-11-03T00:00+08:00"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    expected = Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert Period.parse(text, SHENZHEN) == expected
    assert Period.parse(expected.text, SHENZHEN) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "a/b",
        "2026-13-01/2026-11-02",
        "2026-11-02/2026-10-01",
        "2026-11-02/2026-11-01",
        "../..",
        "\x00/1",
    ],
)
def test_a_bad_period_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadPeriod):
        Period.parse(text, SHENZHEN)


@pytest.mark.parametrize(
    "text",
    ["0001-01-01/9999-12-31", "2026-11-01/8999-12-31", "1900-12-31", "0000-01-01", "2026-11-01/20261-11-01"],
)
def test_a_year_out_of_range_is_told_as_such(text: str) -> None:
    with pytest.raises(BadPeriod, match=r"年份须在 1901 至 8999 之间.*years 1901 to 8999"):
        Period.parse(text, SHENZHEN)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_periods_and_boxes(text: str) -> None:
    for read in (lambda: Period.parse(text, SHENZHEN), lambda: parse_box(text)):
        try:
            read()
        except (BadPeriod, BadBox):
            continue


def test_last_days_end_with_the_day_named_and_are_half_open() -> None:
    period = Period.last_days(30, date(2026, 11, 22), SHENZHEN)
    assert period.text == "2026-10-24T00:00:00+08:00/2026-11-23T00:00:00+08:00"
    assert period.last_moment.astimezone(SHENZHEN).date() == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-01/2026-11-30", "2026-11-01 – 2026-11-30"),
        ("2026-11-01", "2026-11-01 – 2026-11-01"),
        ("2026-10-31T16:00:00Z/2026-11-01T16:00:00Z", "2026-11-01 – 2026-11-01"),
        ("2026-11-01T08:00/2026-11-02", "2026-11-01 08:00 – 2026-11-03 00:00"),
        ("2026-11-01T00:00/2026-11-01T00:00", "2026-11-01 00:00 – 2026-11-01 00:00"),
    ],
)
def test_people_read_whole_days_or_times(text: str, told: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert Period.parse(text, zone).told(zone) == told


@pytest.mark.parametrize(
    ("zone", "text", "before"),
    [
        ("Asia/Shanghai", "2026-11-01/2026-11-30", "2026-10-01/2026-10-31"),
        ("Asia/Shanghai", "2026-03-01/2026-03-31", "2026-02-01/2026-02-28"),
        ("Asia/Shanghai", "2024-03-01/2024-03-31", "2024-02-01/2024-02-29"),
        ("Asia/Shanghai", "2026-01-01/2026-01-31", "2025-12-01/2025-12-31"),
        ("Asia/Shanghai", "2026-04-01/2026-06-30", "2026-01-01/2026-03-31"),
        ("Asia/Shanghai", "2026-01-01/2026-12-31", "2025-01-01/2025-12-31"),
        ("Asia/Shanghai", "2026-11-02/2026-11-08", "2026-10-26/2026-11-01"),
        ("Asia/Shanghai", "2026-03-03", "2026-03-02"),
        ("Asia/Shanghai", "2026-11-01/2026-11-29", "2026-10-03/2026-10-31"),
        ("Asia/Shanghai", "2026-11-02/2026-12-01", "2026-10-03/2026-11-01"),
        ("Asia/Shanghai", "2026-11-02T08:00/2026-11-02T20:00", "2026-11-01T20:00/2026-11-02T08:00"),
        ("Asia/Shanghai", "2026-11-02T00:00/2026-11-02T06:30", "2026-11-01T17:30/2026-11-02T00:00"),
        ("Asia/Shanghai", "2026-11-02T08:00/2026-11-02T08:00", "2026-11-02T08:00/2026-11-02T08:00"),
        ("Asia/Shanghai", "2026-11-01T00:00/2026-11-01T00:00", "2026-11-01T00:00/2026-11-01T00:00"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29"),  # of 23 hours
        ("Europe/Berlin", "2026-10-26", "2026-10-25"),  # of 25
        ("Europe/Berlin", "2026-03-30/2026-04-05", "2026-03-23/2026-03-29"),
        ("Europe/Berlin", "2026-11-01/2026-11-30", "2026-10-01/2026-10-31"),
        ("Europe/Berlin", "2026-03-29T12:00/2026-03-30T12:00", "2026-03-28T11:00/2026-03-29T12:00"),
    ],
)
def test_the_period_before(zone: str, text: str, before: str) -> None:
    """As long, save that before calendar months there are calendar months, and before days days."""
    place = ZoneInfo(zone)
    period = Period.parse(text, place)
    found = period.before(place, LONG_AFTER)
    assert found.start == Period.parse(before, place).start
    assert found.end == period.start == Period.parse(before, place).end


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-08T00:00", "2026-11-01T00:00"),
        ("2026-11-08T00:14:59", "2026-11-01T00:00"),
        ("2026-11-08T15:31", "2026-11-01T15:30"),
        ("2026-11-14T23:59", "2026-11-07T23:45"),
        ("2026-11-15T00:00", "2026-11-08T00:00"),
        ("2026-11-07T23:59", "2026-11-08T00:00"),
    ],
)
def test_a_period_that_goes_on_is_compared_as_far_as_it_has_come(now: str, end: str) -> None:
    week = Period.parse("2026-11-08/2026-11-14", SHENZHEN)
    before = week.before(SHENZHEN, datetime.fromisoformat(now).replace(tzinfo=SHENZHEN))
    assert before == Period.parse(f"2026-11-01/{end}", SHENZHEN)


def test_what_goes_on_is_compared_with_no_more_than_the_period_before() -> None:
    march = Period.parse("2026-03-01/2026-03-31", SHENZHEN)
    february = Period.parse("2026-02-01/2026-02-28", SHENZHEN)
    assert march.before(SHENZHEN, datetime(2026, 3, 30, 12, tzinfo=SHENZHEN)) == february


def test_before_the_first_years_there_is_no_period() -> None:
    for text in ("1901-01-01/8999-12-31", "1902-01-01/8999-12-30", "1901-01-01T01:00/8999-12-30T02:00"):
        with pytest.raises(BadPeriod, match="1901"):
            Period.parse(text, ZoneInfo("Asia/Shanghai")).before(ZoneInfo("Asia/Shanghai"), LONG_AFTER)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)), st.timedeltas(timedelta(), timedelta(days=900)))  # noqa: DTZ001
def test_the_period_before_ends_where_the_other_begins(start: datetime, length: timedelta) -> None:
    period = Period(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + length)
    for zone in (SHENZHEN, ZoneInfo("America/New_York")):
        before = period.before(zone, LONG_AFTER)
        assert before.end == period.start
        assert before.start <= before.end


def test_a_period_without_zone_is_refused() -> None:
    with pytest.raises(BadPeriod):
        Period(datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))  # noqa: DTZ001 - that is the point


def test_boxes() -> None:
    assert parse_box("114.3,22.5,114.6,22.7") == Box(114.3, 22.5, 114.6, 22.7)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "nan,1,2,3", "22,114,23,115", "5,0,1,1", "a,b,c,d", "inf,0,inf,1"]
)
def test_bad_boxes(text: str) -> None:
    with pytest.raises(BadBox):
        parse_box(text)


def test_days() -> None:
    assert parse_day("2026-11-01") == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["", "x", "2026-02-30", "2026-11-1", "2026-11-01T08:00", "0001-01-01", "9999-12-31"])
def test_bad_days(text: str) -> None:
    with pytest.raises(BadDay):
        parse_day(text)
