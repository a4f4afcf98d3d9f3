import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.days.idle import idle

SECOND = 1_000_000

BY_HAND = {
    "one visit in the middle": ([(40, 60)], 100, (40**2 + 40**2) / 200, 40),
    "one at the very beginning": ([(0, 10)], 100, 90**2 / 200, 90),
    "one at the very end": ([(90, 100)], 100, 90**2 / 200, 90),
    "one moment": ([(50, 50)], 100, 2 * 50**2 / 200, 50),
    "all the time": ([(0, 100)], 100, 0, 0),
    "two apart": ([(10, 20), (50, 80)], 100, (10**2 + 30**2 + 20**2) / 200, 30),
    "two that touch": ([(10, 20), (20, 80)], 100, (10**2 + 20**2) / 200, 20),
    "two that overlap": ([(10, 60), (20, 80)], 100, (10**2 + 20**2) / 200, 20),
    "one within the other": ([(10, 80), (20, 30)], 100, (10**2 + 20**2) / 200, 20),
    "not in order": ([(50, 80), (10, 20)], 100, (10**2 + 30**2 + 20**2) / 200, 30),
    "one beyond the end of what can be told": ([(40, 60), (150, 160)], 100, (40**2 + 40**2) / 200, 40),
    "one over it": ([(40, 160)], 100, 40**2 / 200, 40),
}


def of(visits, first, last):
    start, end = (pd.Series(each, dtype="int64") * SECOND for each in zip(*visits, strict=True))
    return idle(start, end, first * SECOND, last * SECOND)


@pytest.mark.parametrize("case", BY_HAND)
def test_by_hand(case):
    visits, last, mean, worst = BY_HAND[case]
    assert of(visits, 0, last) == pytest.approx((mean, worst))
    moved = [(start + 7_000_000, end + 7_000_000) for start, end in visits]
    assert of(moved, 7_000_000, 7_000_000 + last) == pytest.approx((mean, worst))


def test_a_window_without_time_has_none():
    assert all(math.isnan(value) for value in of([(5, 6)], 5, 5))


VISITS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), min_size=1, max_size=8)


@given(VISITS, st.integers(1, 300))
def test_it_is_what_somebody_finds_who_looks_each_second(visits, last):
    spans = [(start, start + length) for start, length in visits]
    waited, longest, since = 0.0, 0, 0
    for second in range(last):
        since = 0 if any(start <= second < end for start, end in spans) else since + 1
        if any(start == second for start, _ in spans):
            since = min(since, 1)  # a visit of a moment begins the wait anew
        waited += max(since - 0.5, 0)
        longest = max(longest, since)
    found = of(spans, 0, last)
    assert found.idleness_s == pytest.approx(waited / last)
    assert found.worst_idle_s == longest


@given(VISITS, st.randoms(use_true_random=False))
def test_whose_visit_was_when_they_came_in_changes_nothing(visits, random):
    spans = [(start, start + length) for start, length in visits]
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert np.array_equal(of(spans, 0, 400), of(shuffled, 0, 400))
