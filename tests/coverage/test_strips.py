import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.strips import Shapes, Strips, borders, covered, share

SQUARE = shapely.box(0, 0, 1000, 1000)
RING = SQUARE - shapely.box(400, 400, 600, 600)


def shares(polygons, *shapes, coarser=1.0):
    """Measure shapes (x0, y0, x1, y1, radius) in polygons."""
    ground = np.array(polygons, dtype=object)
    strips = Strips.over(ground, coarser)
    runs = covered(strips, Shapes(*np.array(shapes, dtype=float).reshape(-1, 5).T))
    return [share(runs, border) for border in borders(strips, ground)]


def by_shapely(polygons, *shapes):
    drawn = [shapely.LineString([shape[:2], shape[2:4]]).buffer(shape[4], quad_segs=64) for shape in shapes]
    union = shapely.union_all([shape for shape in drawn if not shape.is_empty])
    return [shapely.area(shapely.intersection(polygon, union)) / polygon.area for polygon in polygons]


def disc(x, y, radius=50):
    return (x, y, x, y, radius)


BY_HAND = {
    "nothing": ([], 0),
    "a disc": ([disc(500, 500)], math.pi * 2500),
    "the same disc twice": ([disc(500, 500), disc(500, 500)], math.pi * 2500),
    "two discs apart": ([disc(200, 500), disc(700, 500)], math.pi * 5000),
    "half a disc, over the eastern edge": ([disc(1000, 500)], math.pi * 1250),
    "half a disc, over the northern edge": ([disc(500, 1000)], math.pi * 1250),
    "a quarter, over a corner": ([disc(0, 0)], math.pi * 625),
    "a disc outside that reaches in by nothing": ([disc(1050, 500)], 0),
    "a disc far outside": ([disc(5e6, -5e6)], 0),
    "no radius": ([disc(500, 500, 0)], 0),
    "less than none": ([disc(500, 500, -3)], 0),
    "a level band": ([(300, 500, 700, 500, 50)], math.pi * 2500 + 40_000),
    "an upright band": ([(500, 300, 500, 700, 50)], math.pi * 2500 + 40_000),
    "a slanting band": ([(300, 300, 600, 700, 50)], math.pi * 2500 + 50_000),
    "and back": ([(600, 700, 300, 300, 50)], math.pi * 2500 + 50_000),
    "a band across all": ([(-500, 500, 1500, 500, 50)], 100_000),
    "two bands a metre apart": ([(-500, 448, 1500, 448, 50), (-500, 549, 1500, 549, 50)], 200_000),
    "a band over the southern edge": ([(-500, 0, 1500, 0, 50)], 50_000),
    "all of it": ([disc(500, 500, 2000)], 1_000_000),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_areas_by_hand(name):
    shapes, area = BY_HAND[name]
    assert shares([SQUARE], *shapes) == [pytest.approx(area / 1e6, abs=2e-4)]


def test_all_is_all_and_nothing_is_nothing():
    assert shares([SQUARE, RING], disc(500, 500, 2000)) == [1, 1]
    assert shares([SQUARE, RING]) == [0, 0]


def test_holes_and_parts_count():
    parts = shapely.union_all([shapely.box(0, 0, 300, 300), shapely.box(600, 600, 900, 900)])
    band = (0, 0, 0, 1000, 150)
    assert shares([RING, parts], (500, 500, 500, 500, 99)) == [0, pytest.approx(0, abs=1e-9)]
    assert shares([RING, parts], band) == [pytest.approx(150 / 960, abs=1e-3), pytest.approx(0.25, abs=1e-3)]


def test_a_polygon_without_area_has_no_share():
    found = shares([SQUARE, shapely.MultiPolygon()], disc(500, 500))
    assert math.isnan(found[1])
    assert found[0] > 0
    assert all(math.isnan(value) for value in shares([shapely.MultiPolygon()], disc(0, 0)))


PLACES = st.floats(-200, 1400, allow_nan=False, width=32)
SHAPES = st.lists(st.tuples(PLACES, PLACES, PLACES, PLACES, st.floats(5, 120)), min_size=1, max_size=12)
WINDING = shapely.Polygon(
    [(13, 7), (600, 120), (1180, 40), (1100, 640), (1230, 1210), (480, 1090), (90, 1200), (210, 500)]
)


@given(SHAPES)
def test_no_worse_than_a_fifth_of_a_percentage_point(shapes):
    polygons = [WINDING, shapely.box(0, 0, 300, 300), RING]
    assert shares(polygons, *shapes) == pytest.approx(by_shapely(polygons, *shapes), abs=2e-3)


@given(SHAPES, st.randoms(use_true_random=False))
def test_order_changes_nothing(shapes, random):
    shuffled = list(shapes)
    random.shuffle(shuffled)
    assert shares([WINDING], *shuffled) == shares([WINDING], *shapes)


def test_slices_are_joined(monkeypatch):
    random = np.random.default_rng(2)
    shapes = np.column_stack((random.uniform(0, 1200, (500, 4)), random.uniform(2, 40, 500)))
    whole = shares([WINDING, RING], *shapes)
    monkeypatch.setattr("gisgrid.coverage.strips.SLICE", 7)
    assert shares([WINDING, RING], *shapes) == whole


def test_parts_add_up_to_the_whole():
    west, east = shapely.box(0, 0, 473, 1000), shapely.box(473, 0, 1000, 1000)
    random = np.random.default_rng(4)
    shapes = np.column_stack((random.uniform(0, 1000, (40, 4)), np.full(40, 30)))
    parts = shares([SQUARE, west, east], *shapes)
    assert parts[0] == pytest.approx(0.473 * parts[1] + 0.527 * parts[2], abs=1e-4)
