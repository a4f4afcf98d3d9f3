"""How far it is to walk: along ways, or straight."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.patrols.suggest.ways import network_of, walks_between

BEND = [np.array([[0.0, 0], [300, 0], [300, 400]])]
CROSS = [np.array([[0.0, 0], [100, 0], [200, 0]]), np.array([[100.0, -100], [100, 0], [100, 100]])]


def metres(places: list[tuple[float, float]], lines: list[np.ndarray], most_m: float = 5000) -> list[list[float]]:
    return np.round(walks_between(np.array(places), network_of(lines), 1.5, most_m).metres, 1).tolist()


@pytest.mark.parametrize(
    ("places", "lines", "between"),
    [
        ([(0, 0), (300, 400)], [], 750.0),
        ([(0, 0), (300, 400)], BEND, 700.0),
        ([(0, 0), (310, 400)], BEND, 715.0),
        ([(0, 0), (100, 100)], CROSS, 200.0),
        ([(0, 0), (5, 5)], BEND, 10.6),
        ([(0, 0), (1000, 0)], [*CROSS, np.array([[1000.0, 0], [1000, 50]])], 1500.0),
    ],
)
def test_between_two(places: list[tuple[float, float]], lines: list[np.ndarray], between: float) -> None:
    found = metres(places, lines)
    assert found[0][1] == pytest.approx(between, abs=3)
    assert found[0][1] == found[1][0]


def test_the_line_goes_where_one_walks() -> None:
    walks = walks_between(np.array([(0.0, 10), (290.0, 400)]), network_of(BEND), 1.0, 5000)
    line = walks.line(0, 1)
    assert (line[0], line[-1]) == ((0.0, 10.0), (290.0, 400.0))
    assert (300.0, 0.0) in line
    assert walks_between(np.array([(0.0, 0), (3.0, 4)]), None, 1.0, 9).line(0, 1) == [(0.0, 0.0), (3.0, 4.0)]


@given(st.lists(st.tuples(st.integers(-50, 400), st.integers(-50, 500)), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_a_walk_is_never_shorter_than_straight(places: list[tuple[int, int]]) -> None:
    at = np.array(places, dtype=float)
    walked = walks_between(at, network_of(BEND), 1.3, 5000).metres
    straight = np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))
    assert (walked >= straight - 0.1).all()
    assert np.allclose(walked, walked.T)
    assert (np.diag(walked) == 0).all()
