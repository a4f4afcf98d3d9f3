"""Evenness and demand match, by hand and against formulas that are written differently."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.work.spread import gini, match, spread, spread_over

NAN = float("nan")
AMOUNTS = st.lists(st.integers(0, 1000), min_size=0, max_size=12)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], NAN),
        ([5], NAN),
        ([0, 0], NAN),
        ([1, NAN], NAN),
        ([3, 3, 3], 0),
        ([0, 7], 1),
        ([0, 0, 0, 9], 1),
        ([1, 3], 0.5),  # (−1·1 + 1·3) ⁄ (2·4) · 2
        ([3, 1, 2], 1 / 3),  # (−2·1 + 0·2 + 2·3) ⁄ (3·6) · 3⁄2
    ],
)
def test_evenness_by_hand(values, expected):
    assert gini(np.array(values, dtype=float)) == pytest.approx(expected, nan_ok=True)


@given(AMOUNTS)
def test_evenness_is_half_the_mean_difference_by_the_mean(values):
    found = gini(np.array(values, dtype=float))
    n, total = len(values), sum(values)
    if n < 2 or not total:
        assert math.isnan(found)
        return
    apart = sum(abs(x - y) for x, y in product(values, repeat=2)) / (n * (n - 1))
    assert found == pytest.approx(apart / (2 * total / n), abs=1e-12)
    assert -1e-12 <= found <= 1 + 1e-12
    assert gini(np.array(values[::-1], dtype=float) * 7) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(
    ("effort", "demand", "expected"),
    [
        ([], [], NAN),
        ([0, 0], [1, 2], NAN),
        ([1, 2], [0, 0], NAN),
        ([1, NAN], [1, 1], NAN),
        ([4], [1], 1),
        ([1, 3], [2, 6], 1),
        ([1, 0], [0, 1], 0),
        ([3, 1], [1, 1], 0.75),
    ],
)
def test_match_by_hand(effort, demand, expected):
    assert match(np.array(effort, dtype=float), np.array(demand, dtype=float)) == pytest.approx(expected, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=8))
def test_match_is_what_both_have_in_common(pairs):
    effort, demand = (np.array([pair[side] for pair in pairs], dtype=float) for side in (0, 1))
    if not effort.sum() or not demand.sum():
        assert math.isnan(match(effort, demand))
        return
    common = sum(min(e / effort.sum(), q / demand.sum()) for e, q in zip(effort, demand, strict=True))
    assert match(effort, demand) == pytest.approx(common)
    assert match(demand, effort) == pytest.approx(common)


def children(*rows):
    """Return frames of (code, parent, seconds, square metres, reported)."""
    frame = pd.DataFrame(rows, columns=["code", "parent_code", "dwell_s", "patrollable_area_m2", "reported"])
    return frame.set_index("code")


def test_cells_are_told_of_their_parts():
    substations = children(
        ("A1", "A", 100.0, 10.0, 1),
        ("A2", "A", 300.0, 10.0, 1),
        ("A3", "A", 0.0, 0.0, 2),  # nothing to patrol there, and yet something happened
        ("B1", "B", 50.0, 5.0, 4),
    )
    communities = children(("A", "X", 400.0, 20.0, 4), ("B", "X", 50.0, 5.0, 4))
    streets = children(("X", None, 450.0, 25.0, 8))
    found = spread({"street": streets, "community": communities, "substation": substations})
    assert list(found) == ["street", "community"]
    assert found["community"].index.name == "code"
    assert found["community"].loc["A"].tolist() == [0.5, pytest.approx(1 - (0 + 0.5 + 0.5) / 2)]
    assert found["community"].loc["B"].isna().tolist() == [True, False]  # a single part is even with nothing
    assert found["community"].loc["B", "demand_match"] == 1
    assert found["street"].loc["X"].tolist() == pytest.approx([(20 - 10) / (20 + 10), 1 - (8 / 9 - 0.5)])


def test_what_is_not_known_is_not_told():
    told = spread_over(children(("A1", "A", None, 10.0, 1), ("A2", "A", 300.0, 10.0, 1)))
    assert told.loc["A"].isna().all()
    whole = children(("A1", "A", 100, 10.0, 1), ("A2", "A", 300, 10.0, 1)).astype(
        {"dwell_s": "Int64", "reported": "Int64"}
    )
    assert spread_over(whole).loc["A"].tolist() == pytest.approx([0.5, 0.75])
    assert spread_over(whole.iloc[:0]).empty
