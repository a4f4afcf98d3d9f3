"""Rounds: the same for everybody, none that was not due, and how each stands whatever arrives when."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gisgrid.errors import Refused
from gisgrid.patrols.plans.rounds import Planned, State, has_delivered, rounds_on, state_of
from gisgrid.patrols.plans.stays import done_at, stays_at
from gisgrid.patrols.plans.terms import Place, Window, require_sound
from tests.patrols.plans.arrivals import arrived_in
from tests.patrols.plans.builders import (
    DAY,
    NINE,
    QUAY,
    ZONE,
    a_plan,
    a_round,
    a_spot,
    after_nine,
    fixes,
    terms,
)

PIER = Place("checkpoint", "C2")
DAY_LATER = timedelta(hours=24)


def starts(plan: Planned, day: date = DAY) -> list[str]:
    return [f"{each.start_at.astimezone(ZONE):%d %H:%M}" for each in rounds_on(plan, day, ZONE)]


def test_a_round_at_a_fixed_time() -> None:
    (its,) = rounds_on(a_plan(), DAY, ZONE)
    assert (its.id, its.place, its.start_at) == ("3/2026-11-26/1", QUAY, NINE)
    assert (its.end_at, its.last_at) == (after_nine(60), after_nine(75))


def test_each_place_each_time_in_order() -> None:
    plan = a_plan(terms(at=("15:00", "09:00"), places=(PIER, QUAY)))
    found = [
        (each.number, each.place.code, f"{each.start_at.astimezone(ZONE):%H}") for each in rounds_on(plan, DAY, ZONE)
    ]
    assert found == [(1, "C2", "09"), (2, "C1", "09"), (3, "C2", "15"), (4, "C1", "15")]


@pytest.mark.parametrize(
    ("at", "grace", "lasts"),
    [
        (("09:00", "12:00"), 15, [75, 255]),
        (("09:00", "10:10"), 15, [70, 145]),  # what is late for the first is not early for the second
        (("09:00", "10:00"), 15, [60, 135]),
        (("00:30", "23:20"), 60, [-510 + 120, 860 + 120 - 50]),  # nor for tomorrow's first
    ],
)  # fmt: skip
def test_the_grace_ends_where_the_next_round_begins(at: tuple[str, ...], grace: int, lasts: list[int]) -> None:
    found = rounds_on(a_plan(terms(at=at, grace_min=grace)), DAY, ZONE)
    assert [each.last_at for each in found] == [after_nine(minutes) for minutes in lasts]


@pytest.mark.parametrize(
    ("plan", "days"),
    [
        (a_plan(), range(1, 31)),
        (a_plan(first_day=date(2026, 11, 5), last_day=date(2026, 11, 7)), (5, 6, 7)),
        (a_plan(terms(weekdays=(6, 7))), (1, 7, 8, 14, 15, 21, 22, 28, 29)),
        (a_plan(terms(every_days=7), first_day=date(2026, 11, 3)), (3, 10, 17, 24)),
        (a_plan(terms(every_days=2, weekdays=(1,))), (9, 23)),
        (a_plan(terms(since=date(2026, 11, 28))), (28, 29, 30)),
    ],
)
def test_the_days_of_a_plan(plan: Planned, days: range) -> None:
    due = [day for day in range(1, 31) if rounds_on(plan, date(2026, 11, day), ZONE)]
    assert due == list(days)


def test_the_newest_terms_hold_from_their_day_on() -> None:
    plan = a_plan(terms(), terms(since=DAY, at=("14:00",)))
    assert (starts(plan, DAY - timedelta(days=1)), starts(plan)) == (["25 09:00"], ["26 14:00"])


@pytest.mark.parametrize(
    ("change", "numbers"),
    [
        ({"made_at": NINE}, [1, 2]),
        ({"made_at": after_nine(1)}, [2]),
        ({"ended_at": NINE}, []),
        ({"ended_at": after_nine(360)}, [1]),
        ({"ended_at": after_nine(361)}, [1, 2]),
    ],
)
def test_what_began_before_the_plan_or_after_its_end_is_no_round(
    change: dict[str, datetime], numbers: list[int]
) -> None:
    found = rounds_on(a_plan(terms(at=("09:00", "15:00")), **change), DAY, ZONE)
    assert [each.number for each in found] == numbers


# --- random times ----------------------------------------------------------------------------------


def test_a_round_past_midnight_is_of_the_day_before() -> None:
    plan = a_plan(terms(windows=("23:00-02:00",), times_a_day=3))
    assert starts(plan) == ["26 23:00", "27 00:00", "27 01:00"]


def test_random_times_are_the_same_for_everybody_and_others_each_day_and_for_each_secret() -> None:
    night = terms(windows=("08:00-20:00",), times_a_day=3)
    plan = a_plan(night)
    assert starts(plan) == starts(a_plan(night))
    days = {tuple(starts(plan, DAY + timedelta(days=number))) for number in range(20)}
    others = [starts(a_plan(night, seed=b"another")), starts(a_plan(night, id=4))]
    assert len({tuple(text[3:] for text in day) for day in days}) == 20
    assert starts(plan) not in others


def test_random_times_do_not_change_with_the_program() -> None:
    """Rounds are not stored: another draw would undo what was done."""
    plan = a_plan(terms(windows=("08:00-12:00", "14:00-18:00"), times_a_day=3))
    assert starts(plan) == ["26 08:49", "26 14:46", "26 17:00"]


@given(
    windows=st.lists(st.tuples(st.integers(0, 23), st.integers(1, 6)), min_size=1, max_size=3),
    times=st.integers(1, 6),
    minutes=st.integers(5, 90),
    day=st.dates(date(2026, 11, 1), date(2027, 11, 1)),
    seed=st.binary(min_size=1, max_size=32),
)
def test_random_rounds_lie_in_their_windows_one_after_another(
    windows: list[tuple[int, int]], times: int, minutes: int, day: date, seed: bytes
) -> None:
    spans = [f"{hour:02}:00-{(hour + length) % 24:02}:00" for hour, length in windows]
    its = terms(windows=spans, times_a_day=times, duration_min=minutes)
    try:
        require_sound(its)
    except Refused:
        assume(False)
    found = rounds_on(a_plan(its, seed=seed), day, ZONE)
    assert len(found) == times
    assert all(one.end_at <= other.start_at and one.last_at <= other.start_at for one, other in pairwise(found))
    assert all(any(_holds(window, each.start_at, each.end_at, day) for window in its.windows) for each in found)


def _holds(window: Window, start: datetime, end: datetime, day: date) -> bool:
    first, last = window.minutes
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return midnight + timedelta(minutes=first) <= start and end <= midnight + timedelta(minutes=last)


def test_every_moment_of_a_window_may_be_drawn() -> None:
    plan = a_plan(terms(windows=("08:00-09:00", "20:00-20:40"), times_a_day=1, duration_min=30))
    drawn = {starts(plan, DAY + timedelta(days=number))[0][3:] for number in range(1500)}
    early, late = {f"08:{minute:02}" for minute in range(31)}, {f"20:{minute:02}" for minute in range(11)}
    assert drawn == early | late


# --- how they stand --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "minutes", "is_delivered", "state"),
    [
        (None, -1, False, "ahead"),
        (None, 0, False, "due"),
        (None, 75, True, "due"),  # the last moment of the grace
        (None, 75.01, True, "missed"),
        (None, 75.01, False, "unconfirmed"),
        (None, 75 + 24 * 60, False, "unconfirmed"),
        (None, 75.01 + 24 * 60, False, "missed"),
        (0, 0, False, "done"),
        (60, 61, False, "done"),
        (60.01, 61, True, "done_late"),
        (75, 10_000, True, "done_late"),
    ],
)
def test_how_a_round_stands(done: float | None, minutes: float, is_delivered: bool, state: State) -> None:
    moment = None if done is None else after_nine(done)
    assert state_of(a_round(), moment, after_nine(minutes), DAY_LATER, is_delivered=is_delivered) == state


@pytest.mark.parametrize(
    ("awaited", "until", "has"),
    [
        ((), {}, True),
        ((1,), {}, False),
        ((None,), {1: NINE}, False),
        ((1,), {1: NINE}, True),
        ((1,), {1: after_nine(-1)}, False),
        ((1, 2), {1: NINE}, False),
        ((1, 2), {1: NINE, 2: after_nine(1)}, True),
    ],
)
def test_everybody_who_is_awaited_has_delivered(awaited: tuple[int | None, ...], until: dict, has: bool) -> None:
    assert has_delivered(awaited, until, NINE) == has


A_FIX = st.tuples(st.integers(1, 2), st.integers(-30, 120), st.sampled_from([0, 30, 52, 90]))


SOME = st.lists(A_FIX, max_size=14, unique_by=lambda row: row[:2])


@given(rows=SOME, data=st.data(), dwell=st.sampled_from([0, 600]))
def test_whatever_order_fixes_arrive_in_the_state_is_the_same(
    rows: list[tuple[int, int, int]], data: st.DataObject, dwell: int
) -> None:
    spot, its = a_spot(dwell_s=dwell), a_round()
    orders = [arrived_in(rows), arrived_in(data.draw(st.permutations(rows)))]
    done = [done_at(spot, stays_at(spot, each, 1800), None, its.start_at, its.last_at) for each in orders]
    assert done[0] == done[1]


@given(rows=SOME)
def test_a_visit_in_time_that_arrives_late_corrects_a_miss(rows: list[tuple[int, int, int]]) -> None:
    spot, its = a_spot(), a_round()
    others = sorted({row for row in rows if row[:2] != (9, 30)})
    late = sorted([*others, (9, 30, 10)])
    states = []
    for known in (others, late):
        done = done_at(spot, stays_at(spot, fixes(known), 1800), None, its.start_at, its.last_at)
        states.append(state_of(its, done, after_nine(9999), DAY_LATER, is_delivered=True))
    assert states[1] == "done"
    assert states[0] in ("done", "done_late", "missed")
