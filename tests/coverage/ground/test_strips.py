import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.coverage.ground.borders import borders, share
from gisgrid.coverage.ground.strips import LATTICE_M, Shapes, Strips, covered, each_covered, together
from tests.doses import dose

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
    monkeypatch.setattr("gisgrid.coverage.ground.strips.SLICE", 7)
    assert shares([WINDING, RING], *shapes) == whole


def test_parts_add_up_to_the_whole():
    west, east = shapely.box(0, 0, 473, 1000), shapely.box(473, 0, 1000, 1000)
    random = np.random.default_rng(4)
    shapes = np.column_stack((random.uniform(0, 1000, (40, 4)), np.full(40, 30)))
    parts = shares([SQUARE, west, east], *shapes)
    assert parts[0] == pytest.approx(0.473 * parts[1] + 0.527 * parts[2], abs=1e-4)


# --- parts that are found apart -----------------------------------------------------------------


def drawn(shapes):
    return Shapes(*np.array(shapes, dtype=float).reshape(-1, 5).T)


def alike(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@settings(max_examples=dose(8))
@given(SHAPES, st.integers(0, 12), st.sampled_from([(0, 0), (1, 0), (0, 1), (-1, -2), (3, 2)]))
def test_parts_found_in_windows_that_differ_are_together_what_all_cover(shapes, cut, moved):
    whole = Strips.over(np.array([SQUARE]))
    # wider to each side than anything reaches, so that nothing of a part is cut off
    east, north = (each * LATTICE_M for each in moved)
    other = Strips(
        whole.west - 4 * LATTICE_M + east,
        whole.south - 4 * LATTICE_M + north,
        whole.height,
        whole.rows + round(8 * LATTICE_M / whole.height),
        whole.length + round(8 * LATTICE_M * 16),
    )
    parts = [(whole, covered(whole, drawn(shapes[:cut]))), (other, covered(other, drawn(shapes[cut:])))]
    assert alike(together(whole, parts), covered(whole, drawn(shapes)))
    assert alike(together(whole, reversed(parts)), covered(whole, drawn(shapes)))


def test_what_lies_beyond_a_window_is_left_out():
    near, far = Strips.over(np.array([SQUARE])), Strips.over(np.array([shapely.box(2e5, 0, 2e5 + 1000, 1000)]))
    runs = covered(far, drawn([disc(2e5 + 500, 500)]))
    assert len(runs.start)
    assert len(together(near, [(far, runs)]).start) == 0
    assert alike(together(far, [(far, runs), (near, covered(near, drawn([disc(500, 500)])))]), runs)
    assert len(together(near, []).start) == 0


def test_windows_over_ground_that_moves_a_little_are_the_same():
    one, other = (Strips.over(np.array([shapely.box(x, 0, x + 1000, 1000)])) for x in (0, 7))
    assert one == other


@settings(max_examples=dose(8))
@given(SHAPES, st.lists(st.integers(0, 4), min_size=12, max_size=12))
def test_each_group_covers_what_it_covers_alone(shapes, groups):
    strips = Strips.over(np.array([SQUARE]), 2)
    group = np.array(groups[: len(shapes)], dtype=np.int64)
    start, end, whose = each_covered(strips, drawn(shapes), group)
    for number in range(5):
        alone = covered(strips, drawn([shape for shape, its in zip(shapes, group, strict=True) if its == number]))
        assert alike((start[whose == number], end[whose == number]), alone[:2])
