import math

import numpy as np
import pytest

from gisgrid.coverage.ground.borders import borders
from gisgrid.coverage.ground.reach import ratios, reached, strokes
from gisgrid.coverage.ground.strips import Strips
from tests.coverage.worlds import ORIGIN, SETTINGS, box, metric, walk, world

GRID = world()


def drawn(*fixes, **given):
    """Return the strokes as sorted (x0, y0, x1, y1, accuracy), in whole metres from the corner."""
    found = strokes(walk(*fixes, grid=GRID, **given), SETTINGS)
    rows = np.column_stack(found) - [*ORIGIN, *ORIGIN, 0]
    return sorted(tuple(int(value) for value in row) for row in np.rint(rows))


def disc(x, y, accuracy=5):
    return (x, y, x, y, accuracy)


CASES = {
    "nothing": ({}, [], []),
    "one fix": ({}, [(0, 500, 500)], [disc(500, 500)]),
    "a band holds the discs at its ends": ({}, [(0, 0, 0), (1, 100, 0)], [(0, 0, 100, 0, 5)]),
    "five minutes": ({}, [(0, 0, 0), (5, 100, 0)], [(0, 0, 100, 0, 5)]),
    "a second more": ({}, [(0, 0, 0), (5 + 1 / 60, 100, 0)], [disc(0, 0), disc(100, 0)]),
    "a kilometre": ({}, [(0, 0, 0), (1, 999.9, 0)], [(0, 0, 1000, 0, 5)]),
    "a metre more": ({}, [(0, 0, 0), (1, 1001, 0)], [disc(0, 0), disc(1001, 0)]),
    "two people": ({"patroller_id": [1, 2]}, [(0, 0, 0), (1, 100, 0)], [disc(0, 0), disc(100, 0)]),
    "two patrols": ({"patrol_id": [7, 8]}, [(0, 0, 0), (1, 100, 0)], [disc(0, 0), disc(100, 0)]),
    "two patrols at once": (
        {"patrol_id": [7, 8, 7, 8]},
        [(0, 0, 0), (1, 0, 500), (2, 100, 0), (3, 100, 500)],
        [(0, 0, 100, 0, 5), (0, 500, 100, 500, 5)],
    ),
    "with and without a patrol": (
        {"patrol_id": [7, None, 7]},
        [(0, 0, 0), (1, 0, 500), (2, 100, 0)],
        [(0, 0, 100, 0, 5), disc(0, 500)],
    ),
    "a band is as uncertain as its coarser end; the finer one keeps its disc": (
        {"accuracy_m": [5, 20]},
        [(0, 0, 0), (1, 100, 0)],
        [disc(0, 0), (0, 0, 100, 0, 20)],
    ),
    "unless another band of its own kind holds it": (
        {"accuracy_m": [5, 5, 20]},
        [(0, 0, 0), (1, 100, 0), (2, 200, 0)],
        [(0, 0, 100, 0, 5), (100, 0, 200, 0, 20)],
    ),
    "an unknown accuracy is 30 m": ({"accuracy_m": math.nan}, [(0, 0, 0)], [disc(0, 0, 30)]),
}


@pytest.mark.parametrize("name", CASES)
def test_strokes_by_hand(name):
    given, fixes, expected = CASES[name]
    assert drawn(*fixes, **given) == sorted(expected)


def test_a_fix_a_quarter_round_the_globe_is_nowhere():
    fixes = walk((0, 500, 500), (1, 500, 500), grid=GRID)
    fixes.loc[1, ["longitude", "latitude"]] = [24.0, 0.0]
    found = strokes(fixes, SETTINGS)
    assert np.isfinite(np.column_stack(found)).all()


def within(fixes, reach_m=50.0, **given):
    polygons = np.array([metric(box(0, 0, 1000, 1000))], dtype=object)
    fine, coarse = Strips.over(polygons), Strips.over(polygons, coarser=2)
    found = reached(fine, coarse, strokes(walk(*fixes, grid=GRID, **given), SETTINGS), reach_m)
    return ratios(found, borders(fine, polygons), borders(coarse, polygons))


def test_the_band_of_certainty_is_reach_and_accuracy():
    ratio, low, high = within([(0, 500, 500)], accuracy_m=20)
    assert ratio[0] == pytest.approx(math.pi * 0.0025, abs=1e-4)
    assert low[0] == pytest.approx(math.pi * 0.0009, abs=1e-4)
    assert high[0] == pytest.approx(math.pi * 0.0049, abs=1e-4)


def test_reach_less_accuracy_is_not_below_nothing():
    ratio, low, _ = within([(0, 500, 500)], reach_m=20.0, accuracy_m=20)
    assert low[0] == 0 < ratio[0]


def test_certainty_encloses_the_figure_though_it_is_ruled_more_coarsely():
    ratio, low, high = within([(minute, 7 * minute, 500) for minute in range(100)], accuracy_m=0.0)
    assert low[0] <= ratio[0] <= high[0]
