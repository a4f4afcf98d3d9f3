"""Shares of odd polygons and what runs cover of them, against shapely's areas."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.coverage.ground.borders import area_within, borders, insides, share
from gisgrid.coverage.ground.strips import Shapes, Strips, covered, each_covered
from tests.doses import dose

SQUARE = shapely.box(0, 0, 1000, 1000)
STAR = shapely.Polygon(
    [
        (500 + length * math.sin(turn), 500 + length * math.cos(turn))
        for turn, length in zip(np.linspace(0, 2 * math.pi, 14, endpoint=False), [620, 210] * 7, strict=True)
    ]
)
COMB = shapely.union_all([shapely.box(0, 0, 900, 120), *(shapely.box(x, 0, x + 60, 800) for x in range(0, 900, 140))])
HOLES = shapely.Polygon(
    [(-40, 10), (980, -60), (1100, 500), (940, 1080), (-90, 900)],
    holes=[[(100, 100), (400, 130), (330, 420)], [(500, 500), (900, 480), (880, 900), (520, 870)]],
)
PARTS = shapely.MultiPolygon(
    [
        *((shapely.box(600, 600, 690, 690)), shapely.box(720, 100, 1010, 130)),
        shapely.box(0, 0, 400, 400) - shapely.box(100, 100, 300, 300),
        shapely.Polygon([(120, 130), (280, 150), (200, 260)]),
    ]
)
SLIVER = shapely.box(-50, 480, 1050, 490)
POLYGONS = np.array([SQUARE, STAR, COMB, HOLES, PARTS, SLIVER, shapely.reverse(HOLES)], dtype=object)
STRIPS = Strips.over(POLYGONS)
BORDERS, INSIDES = borders(STRIPS, POLYGONS), insides(STRIPS, POLYGONS)

PLACES = st.floats(-200, 1200, width=32)
SHAPES = st.lists(st.tuples(PLACES, PLACES, PLACES, PLACES, st.floats(5, 150)), max_size=9)


def drawn(shapes):
    return Shapes(*np.array(shapes, dtype=float).reshape(-1, 5).T)


def union(shapes):
    return shapely.union_all([shapely.LineString([each[:2], each[2:4]]).buffer(each[4], 64) for each in shapes])


@settings(max_examples=dose(8))
@given(SHAPES)
def test_shares_are_those_of_unions(shapes):
    runs = covered(STRIPS, drawn(shapes))
    for polygon, border in zip(POLYGONS, BORDERS, strict=True):
        true = (union(shapes) & polygon).area / polygon.area
        assert share(runs, border) == pytest.approx(true, abs=2e-3 * max(1, 3e5 / polygon.area))


@settings(max_examples=dose(8))
@given(SHAPES)
def test_what_runs_cover_of_a_polygon_is_as_much_as_its_share(shapes):
    runs = covered(STRIPS, drawn(shapes))
    for polygon, border, inside in zip(POLYGONS, BORDERS, INSIDES, strict=True):
        area = area_within(STRIPS, inside, runs.start, runs.end).sum()
        assert area == pytest.approx(share(runs, border) * polygon.area, abs=0.004 * max(polygon.area, 3e5))
        assert area == pytest.approx((union(shapes) & polygon).area, abs=0.004 * max(polygon.area, 3e5))


@settings(max_examples=dose(5))
@given(SHAPES, st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_each_group_has_an_area_of_its_own(shapes, groups):
    group = np.array(groups[: len(shapes)], dtype=np.int64)
    start, end, whose = each_covered(STRIPS, drawn(shapes), group)
    for number in range(4):
        mine = [shape for shape, each in zip(shapes, group, strict=True) if each == number]
        its = whose == number
        area = area_within(STRIPS, INSIDES[3], start[its], end[its]).sum()
        assert area == pytest.approx((union(mine) & HOLES).area, abs=0.004 * HOLES.area)


def test_what_a_polygon_holds_is_its_area():
    for polygon, inside in zip(POLYGONS, INSIDES, strict=True):
        length = float((inside.end - inside.start).sum())
        assert length == inside.before[-1] + inside.end[-1] - inside.start[-1]
        whole = area_within(STRIPS, inside, inside.start, inside.end).sum()
        assert whole == pytest.approx(polygon.area, rel=0.01)


def test_the_way_a_ring_is_drawn_changes_nothing():
    runs = covered(STRIPS, drawn([(0, 500, 1000, 480, 90)]))
    assert share(runs, BORDERS[3]) == share(runs, BORDERS[-1])
    assert all(np.array_equal(one, other) for one, other in zip(INSIDES[3], INSIDES[-1], strict=True))


def test_all_is_one_and_nothing_is_none():
    everything, nothing = covered(STRIPS, drawn([(500, 500, 500, 500, 2000)])), covered(STRIPS, drawn([]))
    assert [share(everything, border) for border in BORDERS] == [1] * len(POLYGONS)
    assert [share(nothing, border) for border in BORDERS] == [0] * len(POLYGONS)
    assert area_within(STRIPS, INSIDES[0], nothing.start, nothing.end).tolist() == []


def test_a_polygon_without_area_holds_nothing():
    ground = np.array([SQUARE, shapely.MultiPolygon(), shapely.Polygon()], dtype=object)
    strips = Strips.over(ground)
    runs = covered(strips, drawn([(500, 500, 500, 500, 100)]))
    assert [math.isnan(share(runs, border)) for border in borders(strips, ground)] == [False, True, True]
    held = [area_within(strips, inside, runs.start, runs.end).sum() for inside in insides(strips, ground)]
    assert held == [pytest.approx(math.pi * 1e4, rel=1e-2), 0, 0]
