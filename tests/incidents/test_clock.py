"""The clocks against worked cases, and against a model that looks at every minute."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.incidents.calendar.read_days import starter_days
from gisgrid.incidents.clock import DAY_S, Calendar, Limit, Tick, elapsed, may_extend, moment_after, reading

SHENZHEN = ZoneInfo("Asia/Shanghai")
OFFICIAL = Calendar(SHENZHEN, {each.day: each.is_working for each in starter_days()})
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NORMAL, URGENT = DAY_S["normal"], DAY_S["urgent"]


def at(text: str, zone: ZoneInfo = SHENZHEN) -> datetime:
    """Return a local time of 2026: "10-01 09:30"; of another year if it names one."""
    return datetime.fromisoformat(text if text[:2] == "20" else f"2026-{text}").replace(tzinfo=zone)


def ticks(story: str) -> list[Tick]:
    """Return what happened: "start 10-01 09:00, pause 10-01 10:00"."""
    split = (part.strip().split(" ", 1) for part in story.split(","))
    return [Tick(act, at(when)) for act, when in split]  # type: ignore[arg-type]


# --- worked cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("11-02 08:00", "11-02 12:00", 4),
        ("11-02 08:00", "11-02 18:00", 8),
        ("11-02 11:30", "11-02 14:30", 1),  # lunch
        ("11-02 12:00", "11-02 14:00", 0),
        ("11-02 17:00", "11-03 09:00", 2),  # a night
        ("11-02 18:00", "11-03 08:00", 0),
        ("11-02 06:00", "11-02 08:00:01", 1 / 3600),
        ("11-02 11:59:59", "11-02 14:00:01", 2 / 3600),
        ("11-06 17:00", "11-09 09:00", 2),  # a weekend
        ("11-07 00:00", "11-09 00:00", 0),
        ("09-30 17:00", "10-08 09:00", 2),  # National Day: 1 to 7 October
        ("10-09 17:00", "10-10 09:00", 2),  # Saturday 10 October makes up for it
        ("09-18 17:00", "09-21 09:00", 10),  # and so does Sunday 20 September
        ("09-24 17:00", "09-28 09:00", 2),  # Mid-Autumn
        ("02-13 17:00", "02-14 09:00", 2),  # before Spring Festival a Saturday is worked
        ("02-14 17:00", "02-24 09:00", 2),  # then nobody works for nine days
        ("02-27 17:00", "03-02 09:00", 10),  # and one more Saturday makes up for it
        ("01-01 00:00", "01-05 00:00", 8),  # only Sunday 4 January
        ("2025-12-31 17:00", "01-04 09:00", 2),
        ("2025-01-24 17:00", "2025-02-05 09:00", 18),  # 26 (Sunday) and 27 January are worked
        ("2025-09-30 17:00", "2025-10-09 09:00", 2),  # eight days, with Mid-Autumn
        ("2027-10-01 08:00", "2027-10-01 18:00", 8),  # a year whose table is not known
        ("2025-01-01 00:00", "2026-01-01 00:00", 8 * 248),
        ("2026-01-01 00:00", "2027-01-01 00:00", 8 * 248),
        ("11-03 09:00", "11-02 09:00", 0),
    ],
)
def test_working_time_between_two_moments(start: str, end: str, hours: float) -> None:
    assert elapsed("normal", OFFICIAL, at(start), at(end)).total_seconds() == pytest.approx(hours * 3600, abs=1e-6)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("11-02 08:00", Limit("normal", 4 * 3600), "11-02 12:00"),  # not 14:00: at noon all is used
        ("11-02 08:00", Limit("normal", 4 * 3600 + 1), "11-02 14:00:01"),
        ("11-02 08:00", Limit("normal", NORMAL), "11-02 18:00"),
        ("11-02 09:15:30", Limit("normal", NORMAL), "11-03 09:15:30"),
        ("11-02 20:00", Limit("normal", NORMAL), "11-03 18:00"),
        ("11-06 16:00", Limit("normal", NORMAL), "11-09 16:00"),
        ("09-30 16:00", Limit("normal", NORMAL), "10-08 16:00"),
        ("09-30 16:00", Limit("normal", 5 * NORMAL), "10-13 16:00"),  # 8, 9, 10 (Saturday), 12, 13
        ("02-13 16:00", Limit("normal", 2 * NORMAL), "02-24 16:00"),
        ("10-03 12:00", Limit("normal", 4 * 3600), "10-08 12:00"),
        ("09-30 16:00", Limit("urgent", URGENT), "10-01 16:00"),
        ("10-03 23:30", Limit("urgent", 2 * 3600), "10-04 01:30"),
    ],
)
def test_when_a_limit_runs_out(start: str, limit: Limit, due: str) -> None:
    shown = reading([Tick("start", at(start))], limit, OFFICIAL, at(start))
    assert (shown.due_at, shown.state, shown.used_s) == (at(due), "green", 0)
    assert shown.due_at is not None
    assert shown.due_at.tzinfo is UTC


DAY = Limit("normal", NORMAL)
TWO_HOURS = Limit("urgent", 7200)
SUSPENDED = "start 11-02 08:00, pause 11-02 10:00"


@pytest.mark.parametrize(
    ("story", "limit", "now", "used_h", "state", "due"),
    [
        ("start 11-02 08:00", DAY, "11-02 10:00", 2, "green", "11-02 18:00"),
        ("start 11-02 08:00", DAY, "11-02 16:24", 6.4, "green", "11-02 18:00"),  # 80 %
        ("start 11-02 08:00", DAY, "11-02 16:24:00.000001", 6.4, "yellow", "11-02 18:00"),
        ("start 11-02 08:00", DAY, "11-02 18:00", 8, "yellow", "11-02 18:00"),  # 100 %
        ("start 11-02 08:00", DAY, "11-03 08:00", 8, "yellow", "11-02 18:00"),  # nothing more is used at night
        ("start 11-02 08:00", DAY, "11-03 08:00:01", 8 + 1 / 3600, "red", "11-02 18:00"),
        ("start 11-02 22:00", TWO_HOURS, "11-02 23:36", 1.6, "green", "11-03 00:00"),
        ("start 11-02 22:00", TWO_HOURS, "11-03 00:00:01", 2 + 1 / 3600, "red", "11-03 00:00"),
        # suspended for ten days, and gone on
        (SUSPENDED, DAY, "11-12 10:00", 2, "paused", None),
        (f"{SUSPENDED}, resume 11-12 15:00", DAY, "11-12 16:00", 3, "green", "11-13 11:00"),
        (
            "start 11-02 22:00, pause 11-02 23:00, resume 11-05 08:00",
            TWO_HOURS,
            "11-05 08:30",
            1.5,
            "green",
            "11-05 09:00",
        ),
        # handled, checked, sent back, handled again, closed: rework keeps the clock
        (
            "start 11-02 08:00, pause 11-02 10:00, resume 11-03 14:00, pause 11-03 17:00, stop 11-04 09:00",
            DAY,
            "11-20 09:00",
            5,
            "stopped",
            "11-04 10:00",
        ),
        # extended once, and twice
        ("start 11-02 08:00, extend 11-02 09:00", DAY, "11-03 09:00", 9, "green", "11-03 18:00"),
        ("start 11-02 08:00, extend 11-02 09:00, extend 11-03 09:00", DAY, "11-04 17:00", 23, "yellow", "11-04 18:00"),
        # closed in time, and too late
        ("start 11-02 08:00, stop 11-02 17:00", DAY, "12-01 09:00", 7, "stopped", "11-02 18:00"),
        ("start 11-02 08:00, stop 11-03 09:00", DAY, "12-01 09:00", 9, "stopped", "11-02 18:00"),
        # overdue, then suspended: it ran out when it ran out
        ("start 11-02 08:00, pause 11-03 09:00", DAY, "11-10 09:00", 9, "paused", None),
        ("start 11-02 08:00, pause 11-03 09:00, resume 11-10 09:00", DAY, "11-10 10:00", 10, "red", "11-02 18:00"),
        # all was used when it was suspended, and no more
        ("start 11-02 08:00, pause 11-02 18:00, resume 11-10 08:00", DAY, "11-10 08:00", 8, "yellow", "11-02 18:00"),
        # opened again: from zero, and without the extension
        (
            "start 11-02 08:00, extend 11-02 09:00, stop 11-03 09:00, start 11-09 14:00",
            DAY,
            "11-09 15:00",
            1,
            "green",
            "11-10 12:00",
        ),
        # what changes nothing
        ("pause 11-01 08:00, start 11-02 08:00, resume 11-02 09:00", DAY, "11-02 10:00", 2, "green", "11-02 18:00"),
        (f"{SUSPENDED}, pause 11-02 11:00", DAY, "11-02 12:00", 2, "paused", None),
        ("start 11-02 08:00, stop 11-02 09:00, resume 11-02 10:00", DAY, "11-02 11:00", 1, "stopped", "11-02 18:00"),
        # one tick is dated before the one before it
        ("start 11-02 09:00, pause 11-02 08:00, resume 11-02 10:00", DAY, "11-02 11:00", 1, "green", "11-03 10:00"),
        (f"{SUSPENDED}, resume 11-02 09:00", DAY, "11-02 11:00", 3, "green", "11-02 18:00"),
        # what comes later has not happened yet
        (f"{SUSPENDED}, stop 11-02 11:00", DAY, "11-02 09:00", 1, "green", "11-02 18:00"),
    ],
)
def test_what_a_clock_shows(story: str, limit: Limit, now: str, used_h: float, state: str, due: str | None) -> None:
    shown = reading(ticks(story), limit, OFFICIAL, at(now))
    assert shown.state == state
    assert shown.used_s == pytest.approx(used_h * 3600, abs=1e-5)
    assert shown.due_at == (at(due) if due else None)
    assert shown.allowed_s == limit.seconds * (1 + shown.extensions)
    assert shown.share == pytest.approx(shown.used_s / shown.allowed_s)
    assert shown.is_overdue == (shown.used_s > shown.allowed_s)


def test_without_a_limit_or_a_start_there_is_nothing_to_show() -> None:
    begun = ticks("start 11-02 08:00")
    shown = reading(begun, None, OFFICIAL, at("11-04 08:00"))
    assert (shown.state, shown.started_at, shown.due_at, shown.share) == ("none", at("11-02 08:00"), None, None)
    for before in ([], begun):
        shown = reading(before, DAY, OFFICIAL, at("11-01 08:00"))
        assert (shown.state, shown.started_at, shown.is_overdue, may_extend(shown)) == ("none", None, False, False)


@pytest.mark.parametrize(
    ("story", "now", "answer"),
    [
        ("start 11-02 08:00", "11-02 18:00", True),
        ("start 11-02 08:00", "11-03 08:01", False),  # overdue
        ("start 11-02 08:00, extend 11-02 09:00", "11-02 18:00", True),
        ("start 11-02 08:00, extend 11-02 09:00, extend 11-02 09:00", "11-02 18:00", False),
        ("start 11-02 08:00, pause 11-02 09:00", "11-02 18:00", True),
        ("start 11-02 08:00, stop 11-02 09:00", "11-02 18:00", False),
    ],
)
def test_an_extension_is_given_twice_and_never_too_late(story: str, now: str, answer: bool) -> None:
    assert may_extend(reading(ticks(story), DAY, OFFICIAL, at(now))) == answer


BERLIN = ZoneInfo("Europe/Berlin")
ROUND_THE_CLOCK = ((time(0), time(0)),)


@pytest.mark.parametrize(
    ("hours", "start", "end", "expected"),
    [
        # 29 March 2026 has 23 hours, 25 October 25; both are Sundays
        (ROUND_THE_CLOCK, "03-29 00:00", "03-30 00:00", 23),
        (ROUND_THE_CLOCK, "10-25 00:00", "10-26 00:00", 25),
        (((time(1), time(4)),), "03-29 00:00", "03-30 00:00", 2),
        (((time(1), time(4)),), "10-25 00:00", "10-26 00:00", 4),
        (((time(8), time(12)),), "03-29 00:00", "03-30 00:00", 4),
        (((time(2), time(3)),), "03-29 00:00", "03-30 00:00", 0),  # an hour that is skipped
        (((time(2, 30), time(2, 50)), (time(3), time(4))), "03-29 00:00", "03-30 00:00", 1),
        (((time(1, 30), time(2, 40)), (time(2, 50), time(4))), "03-29 00:00", "03-30 00:00", 1.5),
    ],
)
def test_hours_are_of_the_wall_where_summer_time_changes(hours: Any, start: str, end: str, expected: float) -> None:
    every_day = {date(2026, 3, 29): True, date(2026, 10, 25): True}
    worked = elapsed("normal", Calendar(BERLIN, every_day, hours), at(start, BERLIN), at(end, BERLIN))
    assert worked == timedelta(hours=expected)


@pytest.mark.parametrize("hours", [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(18)))])
def test_hours_follow_one_another(hours: Any) -> None:
    with pytest.raises(ValueError, match="working hours"):
        Calendar(SHENZHEN, hours=hours)


def test_what_no_clock_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        reading([Tick("start", datetime(2026, 11, 2))], DAY, OFFICIAL, at("11-02 08:00"))  # noqa: DTZ001
    for seconds in (0, -1, 10**12):
        with pytest.raises(ValueError, match="limit"):
            Limit("normal", seconds)


# --- what holds of all clocks ---------------------------------------------------------------------

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
calendars = st.builds(
    Calendar,
    st.sampled_from([SHENZHEN, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), max_size=60),
    st.sampled_from(
        [
            ((time(8), time(12)), (time(14), time(18))),
            ((time(9, 30), time(17, 15)),),
            ROUND_THE_CLOCK,
            ((time(0, 10), time(3, 20)),),
        ]
    ),
)
limits = st.builds(Limit, st.sampled_from(["normal", "urgent"]), st.integers(1, 10 * NORMAL))
moments = st.integers(0, 300 * 86400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@st.composite
def courses(draw: st.DrawFn) -> list[Tick]:
    """One start, then anything but another."""
    gaps = draw(st.lists(st.tuples(st.sampled_from(["pause", "resume", "extend", "stop"]), st.integers(0, 2_000_000))))
    moment = draw(moments)
    story = [Tick("start", moment)]
    for act, gap in gaps:
        moment += timedelta(seconds=gap)
        story.append(Tick(act, moment))  # type: ignore[arg-type]
    return story


@given(calendars, st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5)), st.integers(0, 6 * 24 * 60))  # noqa: DTZ001
def test_working_time_agrees_with_a_look_at_every_minute(calendar: Calendar, begun: datetime, minutes: int) -> None:
    start = begun.replace(second=0, microsecond=0, tzinfo=UTC)
    worked = 0
    for minute in range(minutes):
        local = (start + minute * MINUTE).astimezone(calendar.zone)
        known = calendar.exceptions.get(local.date(), local.weekday() < 5)
        worked += known and any(
            opens <= local.time() and (local.time() < closes or closes == time(0)) for opens, closes in calendar.hours
        )
    assert elapsed("normal", calendar, start, start + minutes * MINUTE) == worked * MINUTE


@given(calendars, limits, courses(), moments, moments)
def test_what_is_used_never_becomes_less(
    calendar: Calendar, limit: Limit, story: list[Tick], one: datetime, other: datetime
) -> None:
    early, late = (reading(story, limit, calendar, now).used_s for now in sorted([one, other]))
    assert early <= late


@given(calendars, limits, courses(), moments)
def test_a_clock_is_due_at_the_first_moment_at_which_all_is_used(
    calendar: Calendar, limit: Limit, story: list[Tick], now: datetime
) -> None:
    shown = reading(story, limit, calendar, now)
    if shown.due_at is None:
        assert shown.state in ("none", "paused")
        return
    assert shown.allowed_s is not None
    if shown.state == "stopped":
        assert shown.due_at > shown.started_at
        return
    so_far = [tick for tick in story if tick.at <= now]  # as of now: what comes later might pause it
    at_due, before = (
        _used(so_far, limit, calendar, shown.due_at - early) for early in (timedelta(0), timedelta(microseconds=1))
    )
    assert at_due == shown.allowed_s
    assert before < shown.allowed_s
    assert shown.is_overdue == (shown.used_s > shown.allowed_s)


def _used(story: list[Tick], limit: Limit, calendar: Calendar, now: datetime) -> float:
    return reading(story, limit, calendar, now).used_s


@given(calendars, limits, courses(), st.integers(1, 3_000_000))
def test_a_pause_uses_nothing(calendar: Calendar, limit: Limit, story: list[Tick], length: int) -> None:
    end = story[-1].at
    paused = [*story, Tick("pause", end)]
    then = end + timedelta(seconds=length)
    assert _used(paused, limit, calendar, then) == _used(story, limit, calendar, end)
    went_on = [*paused, Tick("resume", then)]
    assert _used(went_on, limit, calendar, then) == _used(story, limit, calendar, end)


@given(calendars, limits, courses(), moments, st.data())
def test_a_pause_of_no_length_changes_nothing(
    calendar: Calendar, limit: Limit, story: list[Tick], now: datetime, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(story)))
    running = reading(story[:place], limit, calendar, story[place - 1].at).state in ("green", "yellow", "red")
    until = story[place].at if place < len(story) else story[-1].at + 24 * HOUR
    moment = data.draw(st.datetimes(story[place - 1].at.replace(tzinfo=None), until.replace(tzinfo=None)))
    cut = [Tick("pause", moment.replace(tzinfo=UTC)), Tick("resume", moment.replace(tzinfo=UTC))]
    if running:
        assert reading([*story[:place], *cut, *story[place:]], limit, calendar, now) == reading(
            story, limit, calendar, now
        )


@given(calendars, moments, st.integers(1, 400 * NORMAL))
def test_a_moment_after_a_span_is_that_span_later(calendar: Calendar, start: datetime, seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert elapsed("normal", calendar, start, moment_after("normal", calendar, start, span)) == span
