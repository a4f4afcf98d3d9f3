"""Stays at a place: what breaks one, what it takes to have done a round, and whose it has to be."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import Fixes, done_at, stays_at
from gisgrid.patrols.plans.terms import Place
from tests.patrols.plans.arrivals import arrived_in
from tests.patrols.plans.builders import NINE, a_spot, after_nine, fixes

GAP_S = 1800.0
IN, NEAR, OUT = 10.0, 52.0, 200.0
"""Metres from the middle of a place of 50 m: inside, beyond its edge by less than the fix is exact, and elsewhere."""

Rows = list[tuple[Any, ...]]


def stays(rows: Rows, **columns: Any) -> list[tuple[int, list[float]]]:
    """Return who stayed, and the minutes after nine of the fixes of each stay."""
    found = stays_at(a_spot(), fixes(rows, **columns), GAP_S)
    return [(stay.patroller, ((stay.moments - _us(NINE)) / 60e6).tolist()) for stay in found]


def _us(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], []),
        ([(1, 0, OUT)], []),
        ([(1, 0, IN), (1, 5, IN)], [(1, [0, 5])]),
        ([(1, 0, 50)], [(1, [0])]),  # on the edge is inside
        ([(1, 0, IN), (1, 5, OUT), (1, 6, IN)], [(1, [0]), (1, [6])]),
        ([(1, 0, IN), (1, 5, NEAR), (1, 6, IN)], [(1, [0, 6])]),  # it could have been inside
        ([(1, 0, NEAR)], []),  # it could have been outside
        ([(1, 0, IN), (1, 30, IN)], [(1, [0, 30])]),
        ([(1, 0, IN), (1, 30.1, IN)], [(1, [0]), (1, [30.1])]),  # a silence
        ([(1, 0, IN), (2, 5, IN)], [(1, [0]), (2, [5])]),
        ([(1, 0, OUT), (2, 0, IN), (2, 1, IN), (2, 2, OUT)], [(2, [0, 1])]),
    ],
)
def test_a_stay_is_unbroken(rows: Rows, found: list[tuple[int, list[float]]]) -> None:
    assert stays(rows) == found


def test_the_less_exact_a_fix_the_less_it_says() -> None:
    rows: Rows = [(1, 0, IN), (1, 5, 120.0), (1, 6, IN)]
    assert stays(rows, accuracy_m=[5, 70, 5]) == [(1, [0, 6])]
    assert stays(rows, accuracy_m=[5, 69, 5]) == [(1, [0]), (1, [6])]


def test_in_a_cell_is_whoever_is_located_in_it_at_any_level() -> None:
    cell = a_spot(place=Place("cell", "B"), radius_m=None, row=0)
    cells = np.array([["A", "B", "C"], ["A", "X", None], ["B", None, None], [None] * 3], dtype=object)
    found = stays_at(cell, fixes([(1, minute, 0) for minute in range(4)], cells=cells), GAP_S)
    assert [len(stay.moments) for stay in found] == [1, 1]


# --- done ------------------------------------------------------------------------------------------


def done(its: Fixes, spot: Spot, who: set[int] | None = None) -> float | None:
    """Return after how many minutes a round from nine to ten, with fifteen minutes' grace, was done."""
    moment = done_at(spot, stays_at(spot, its, GAP_S), who, NINE, after_nine(75))
    return None if moment is None else (moment - NINE).total_seconds() / 60


@pytest.mark.parametrize(
    ("rows", "dwell_min", "after"),
    [
        ([(1, 0, IN)], 0, 0),
        ([(1, 75, IN)], 0, 75),
        ([(1, -0.1, IN), (1, 75.1, IN)], 0, None),
        ([(1, 20, IN), (2, 10, IN)], 0, 10),
        ([(1, 20, IN)], 5, None),
        ([(1, 20, IN), (1, 24, IN), (1, 26, IN)], 5, 26),
        ([(1, 20, IN), (1, 22, OUT), (1, 26, IN)], 5, None),
        ([(1, 20, IN), (2, 26, IN)], 5, None),  # two people for two minutes are nobody for five
        ([(1, -10, IN), (1, 1, IN)], 5, None),  # what came before is not part of it
        ([(1, -10, IN), (1, 1, IN), (1, 6, IN)], 5, 6),
        ([(1, 70, IN), (1, 76, IN)], 5, None),
    ],
)
def test_a_round_is_done_once_somebody_was_there_long_enough(rows: Rows, dwell_min: int, after: float | None) -> None:
    assert done(fixes(sorted(rows)), a_spot(dwell_s=60.0 * dwell_min)) == after


def test_only_the_people_of_the_plan_do_its_rounds() -> None:
    its = fixes([(1, 20, IN), (2, 10, IN)])
    assert [done(its, a_spot(), who) for who in (None, {1}, {1, 2}, {3}, set())] == [10, 20, 10, None, None]


@pytest.mark.parametrize(
    ("proved", "dwell_min", "after"),
    [
        ((-1, -1, -1), 0, None),
        ((7, -1, -1), 0, 20),
        ((-1, -1, 7), 0, 30),
        ((8, 8, 8), 0, None),  # the code of another checkpoint
        ((7, -1, -1), 5, 25),
        ((-1, -1, 7), 5, 30),
    ],
)
def test_where_a_code_is_asked_for_it_is_shown_during_the_stay(
    proved: tuple[int, ...], dwell_min: int, after: float | None
) -> None:
    its = fixes([(1, 20, IN), (1, 25, IN), (1, 30, IN)], proved=proved)
    assert done(its, a_spot(needs_code=True, dwell_s=60.0 * dwell_min)) == after


def test_the_code_of_another_stay_does_not_count() -> None:
    its = fixes([(1, 10, IN), (1, 15, OUT), (1, 20, IN), (1, 26, IN)], proved=[7, -1, -1, -1])
    assert done(its, a_spot(needs_code=True, dwell_s=300.0)) is None


@given(rows=st.permutations([(1, 0, 10), (1, 5, 40), (1, 9, 300), (2, 3, 60), (1, 12, 0), (1, 20, 51)]))
def test_fixes_are_the_same_in_whatever_order_they_arrived(rows: list[tuple[int, int, int]]) -> None:
    one, other = arrived_in(rows), arrived_in(sorted(rows))
    assert all((mine == its).all() for mine, its in zip(one[:5], other[:5], strict=True))
    assert one.x.round().tolist() == [10, 40, 300, 0, 51, 60]


def test_a_clock_that_runs_ahead_does_no_rounds_beforehand() -> None:
    rows = [(1, 30, 0)]
    assert arrived_in(rows).moment.tolist() == [_us(NINE) + 30 * 60_000_000]
    ahead = arrived_in(rows, arrived=-5)
    assert ahead.moment.tolist() == [_us(NINE) - 5 * 60_000_000]
