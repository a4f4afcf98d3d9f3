import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.sample.cells import BENDS
from gisgrid.sample.paths import WAY_BENDS
from gisgrid.sample.winding import Octave, wind

METRES = st.floats(-1e6, 3e6, allow_nan=False).map(lambda x: round(x, 3))
POINTS = st.lists(st.tuples(METRES, METRES), min_size=1, max_size=30).map(np.array)


def test_figures_never_change() -> None:
    moved = wind(np.array([[545_000.0, 2_504_000.0], [-10.5, 3.25]]), BENDS, 18)
    assert moved.tolist() == [[544983.3162689465, 2503987.57654919], [-70.11275878695456, 39.36752577408882]]


@given(points=POINTS)
def test_a_point_moves_alike_whatever_company_it_is_in(points: np.ndarray) -> None:
    together = wind(points, BENDS, 1)
    alone = np.concatenate([wind(point[None, :], BENDS, 1) for point in points])
    assert (together == alone).all()


@given(points=POINTS, seed=st.integers(0, 1000))
def test_no_point_moves_further_than_the_reaches(points: np.ndarray, seed: int) -> None:
    moved = np.abs(wind(points, BENDS, seed) - points).max()
    assert moved <= sum(octave.reach_m for octave in BENDS) + 1e-6


def test_the_plane_is_not_folded() -> None:
    axis = np.arange(0, 6000, 5.0)
    x, y = np.meshgrid(axis, axis)
    for bends in (BENDS, WAY_BENDS):
        moved = wind(np.column_stack((x.ravel(), y.ravel())), bends, 18).reshape(len(axis), len(axis), 2)
        east, north = np.diff(moved, axis=1)[:-1], np.diff(moved, axis=0)[:, :-1]
        turned = east[..., 0] * north[..., 1] - east[..., 1] * north[..., 0] <= 0
        assert turned.mean() < 0.001


def test_seeds_and_octaves_differ() -> None:
    points = np.array([[123.0, 456.0]])
    bend = (Octave(100, 20),)
    found = {tuple(wind(points, bend, seed)[0]) for seed in range(50)}
    assert len(found) == 50
    assert len(set(wind(points, (Octave(100, 20),) * 2, 1)[0]) | set(wind(points, bend, 1)[0])) == 4


def test_no_reach_no_move() -> None:
    points = np.array([[123.0, 456.0]])
    assert (wind(points, (Octave(100, 0),), 1) == points).all()
