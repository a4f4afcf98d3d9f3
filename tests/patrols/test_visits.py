"""Visits in a world of squares of 1 × 1 degree side by side: cell n spans n to n + 1; west of 0 is outside."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.visits import NO_BEATS, Beats, find_visits

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
GAP = 1800


class Squares:
    """A fix with an accuracy below 10 m is certain, any other is not."""

    def cells_at(self, longitude, latitude):
        return np.where((longitude < 0) | (latitude < 0), -1, np.floor(longitude)).astype(np.int64)

    def is_certain(self, cell, longitude, latitude, accuracy_m):
        return accuracy_m < 10


def frame(*fixes, patroller=1):
    """Make fixes of (minute, longitude) or (minute, longitude, accuracy)."""
    full = [(*fix, 5.0)[:3] for fix in fixes]
    return pd.DataFrame(
        {
            "patroller_id": np.full(len(full), patroller, dtype=np.int64),
            "fix_at": pd.Series([NOON + timedelta(minutes=fix[0]) for fix in full], dtype="datetime64[us, UTC]"),
            "longitude": np.array([fix[1] for fix in full], dtype=float),
            "latitude": np.full(len(full), 0.5),
            "accuracy_m": np.array([fix[2] for fix in full], dtype=float),
        }
    )


def visits(fixes, gap=GAP, beats=NO_BEATS):
    ground = Squares()
    cell = ground.cells_at(fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy())
    found = find_visits(fixes, cell, ground, gap, beats)
    start = NOON
    minutes = [((found[end] - start) / timedelta(minutes=1)).round(4) for end in ("started_at", "ended_at")]
    return list(zip(found["patroller_id"], found["cell"], *minutes, strict=True))


VAGUE = 50.0

CASES = {
    "nothing": ([], []),
    "one fix": ([(0, 0.5)], [(0, 0, 0)]),
    "a stay": ([(0, 0.5), (10, 0.6), (20, 0.5)], [(0, 0, 20)]),
    "half an hour is no silence": ([(0, 0.5), (30, 0.5)], [(0, 0, 30)]),
    "a second more is": ([(0, 0.5), (30 + 1 / 60, 0.5)], [(0, 0, 0), (0, 30.0167, 30.0167)]),
    "the border is crossed on the way": ([(0, 0.5), (10, 1.5)], [(0, 0, 5), (1, 5, 10)]),
    "and at a quarter of the way": ([(0, 0.75), (10, 1.75)], [(0, 0, 2.5), (1, 2.5, 10)]),
    "but not in a silence": ([(0, 0.5), (40, 1.5)], [(0, 0, 0), (1, 40, 40)]),
    "a cell crossed between two fixes gets none": ([(0, 0.5), (10, 2.5)], [(0, 0, 2.5), (2, 7.5, 10)]),
    "one vague fix across is jitter": ([(0, 0.9), (5, 1.1, VAGUE), (10, 0.9)], [(0, 0, 10)]),
    "one certain fix across is not": ([(0, 0.5), (10, 1.5), (20, 0.5)], [(0, 0, 5), (1, 5, 15), (0, 15, 20)]),
    "two vague fixes across are not": (
        [(0, 0.5), (10, 1.5, VAGUE), (15, 1.5, VAGUE), (25, 0.5)],
        [(0, 0, 5), (1, 5, 20), (0, 20, 25)],
    ),
    "two vague ones in two other cells are jitter": (
        [(0, 1.1), (5, 0.9, VAGUE), (6, 2.1, VAGUE), (7, 1.1)],
        [(1, 0, 7)],
    ),
    "a vague one on the way stays out of both": (
        [(0, 0.5), (10, 1.5, VAGUE), (20, 2.5)],
        [(0, 0, 5), (2, 15, 20)],
    ),
    "jitter at the end does not end a visit, the border does": ([(0, 0.5), (10, 1.5, VAGUE)], [(0, 0, 5)]),
    "a vague return after jitter still counts": (
        [(0, 0.9), (5, 1.1, VAGUE), (10, 0.9, VAGUE), (15, 1.1, VAGUE)],
        [(0, 0, 12.5)],
    ),
    "vague after a silence is all there is": ([(0, 0.5), (60, 1.5, VAGUE)], [(0, 0, 0), (1, 60, 60)]),
    "outside interrupts and is no visit": ([(0, 0.5), (10, -0.5), (20, 0.5)], [(0, 0, 5), (0, 15, 20)]),
    "a vague fix outside does not": ([(0, 0.5), (10, -0.5, VAGUE), (20, 0.5)], [(0, 0, 20)]),
    "only outside": ([(0, -0.5), (10, -0.5)], []),
    "an hour along a border is one visit": (
        [(minute, 0.99 if minute % 2 else 1.01, VAGUE) for minute in range(0, 61)],
        [(1, 0, 60)],
    ),
    "two fixes in one moment": ([(0, 0.5), (0, 1.5)], [(0, 0, 0), (1, 0, 0)]),
}


@pytest.mark.parametrize("name", CASES)
def test_visits_by_hand(name):
    fixes, expected = CASES[name]
    assert visits(frame(*fixes)) == [(1, *visit) for visit in expected]


def beats(*minutes, patroller=1):
    """Make heartbeats at some minutes."""
    moments = [int((NOON + timedelta(minutes=minute)).timestamp() * 1_000_000) for minute in minutes]
    return Beats(np.full(len(moments), patroller, dtype=np.int64), np.array(moments, dtype=np.int64))


BRIDGES = {
    "none": ([(0, 0.5), (60, 0.5)], beats(), [(0, 0, 0), (0, 60, 60)]),
    "one half-way": ([(0, 0.5), (60, 0.5)], beats(30), [(0, 0, 60)]),
    "one too near an end": ([(0, 0.5), (60, 0.5)], beats(29), [(0, 0, 0), (0, 60, 60)]),
    "two, in any order": ([(0, 0.5), (80, 0.5)], beats(55, 28), [(0, 0, 80)]),
    "of somebody else": ([(0, 0.5), (60, 0.5)], beats(30, patroller=2), [(0, 0, 0), (0, 60, 60)]),
    "before and after make no visit longer": ([(0, 0.5), (60, 0.5)], beats(-10, 30, 70), [(0, 0, 60)]),
    "the border is not guessed over so long a way": ([(0, 0.5), (60, 1.5)], beats(30), [(0, 0, 0), (1, 60, 60)]),
    "across it a vague fix is jitter still": ([(0, 0.9), (40, 1.1, VAGUE), (45, 0.9)], beats(20), [(0, 0, 45)]),
}


@pytest.mark.parametrize("name", BRIDGES)
def test_heartbeats_bridge_a_silence(name):
    fixes, alive, expected = BRIDGES[name]
    assert visits(frame(*fixes), beats=alive) == [(1, *visit) for visit in expected]


def test_people_do_not_share_visits():
    both = pd.concat([frame((0, 0.5), (10, 0.5)), frame((5, 0.5), patroller=2)], ignore_index=True)
    assert visits(both) == [(1, 0, 0, 10), (2, 0, 5, 5)]


def test_a_cell_that_disagrees_with_the_ground_keeps_the_times_of_its_fixes():
    fixes = frame((0, 0.5), (10, 1.5))
    found = find_visits(fixes, np.array([7, 8]), Squares(), GAP)
    assert list(found["cell"]) == [7, 8]
    assert (found["started_at"] == found["ended_at"]).all()


def by_the_rule(fixes):
    """Walk through the fixes one by one, as measures.md says; return (cell, index of first fix, of last)."""
    found, cell, first, last, previous = [], None, 0, 0, None
    for index, (minute, x, accuracy) in enumerate(fixes):
        here = int(np.floor(x)) if x >= 0 else -1
        silent = previous is None or (minute - fixes[index - 1][0]) * 60 > GAP
        second = not silent and previous == here
        if silent or (here != cell and (accuracy < 10 or second)):
            if cell is not None:
                found.append((cell, first, last))
            cell, first = here, index - 1 if second else index
        if here == cell:
            last = index
        previous = here
    return [visit for visit in [*found, (cell, first, last)] if visit[0] not in (None, -1)]


WALKS = st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 3), st.sampled_from([5.0, VAGUE])), max_size=30).map(
    lambda steps: [
        (float(minute), cell + 0.5, accuracy)
        for (_, cell, accuracy), minute in zip(steps, np.cumsum([step[0] for step in steps]), strict=True)
    ]
)


@given(WALKS)
def test_visits_follow_the_rule(walk):
    found = visits(frame(*walk))
    expected = by_the_rule(walk)
    assert [visit[1] for visit in found] == [visit[0] for visit in expected]
    for (_, _, start, end), (_, first, last) in zip(found, expected, strict=True):
        assert start <= walk[first][0]
        assert end >= walk[last][0]
        assert start >= walk[max(first - 1, 0)][0]
        assert end <= walk[min(last + 1, len(walk) - 1)][0]


@given(WALKS, st.lists(st.integers(0, 600), max_size=12), st.randoms(use_true_random=False))
def test_heartbeats_join_visits_and_part_none(walk, minutes, order):
    before = visits(frame(*walk))
    after = visits(frame(*walk), beats=beats(*minutes))
    order.shuffle(minutes)
    assert after == visits(frame(*walk), beats=beats(*minutes))
    assert visits(frame(*walk), beats=beats(*minutes, patroller=2)) == before
    assert len(after) <= len(before)


@given(WALKS)
def test_visits_do_not_overlap(walk):
    found = visits(frame(*walk))
    assert all(earlier[3] <= later[2] for earlier, later in pairwise(found))
