import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from gisgrid.sample.paths import neighbours, ways_through, winding_way

SPOTS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=4, max_size=25, unique=True)


@given(spots=SPOTS)
def test_neighbours_are_those_with_nobody_between(spots: list[tuple[int, int]]) -> None:
    points = np.array(spots, dtype=float)
    assume(np.linalg.matrix_rank(points - points[0]) == 2)  # on one line there are no triangles
    found = {tuple(pair) for pair in neighbours(points).tolist()}
    for first in range(len(points)):
        for second in range(first + 1, len(points)):
            middle, radius = (points[first] + points[second]) / 2, np.hypot(*(points[first] - points[second])) / 2
            others = np.delete(np.hypot(*(points - middle).T), [first, second])
            nearest = others.min()
            if nearest < radius - 0.01:
                assert (first, second) not in found
            if nearest > radius + 0.01:
                assert (first, second) in found


def test_four_corners_and_a_middle() -> None:
    points = np.array([[0.0, 0.0], [1000, 0], [1000, 1000], [0, 1000], [500, 450]])
    pairs = neighbours(points).tolist()
    assert [pair for pair in pairs if 4 in pair] == [[0, 4], [1, 4], [2, 4], [3, 4]]


@pytest.mark.parametrize("end", [(5000.0, 0.0), (100.0, -40.0), (0.0, 31.0)])
def test_a_winding_way_starts_and_ends_exactly(end: tuple[float, float]) -> None:
    way = winding_way((0.0, 0.0), end, 3)
    assert way.coords[0] == (0.0, 0.0)
    assert way.coords[-1] == end
    assert way.length > shapely.LineString([(0, 0), end]).length


def test_ways_stay_on_the_cells_and_reach_every_place() -> None:
    cells = np.array([shapely.box(0, 0, 2000, 2000), shapely.box(2000, 0, 4000, 2000)])
    places = np.array([[100.0, 100.0], [3900.0, 1900.0]])
    ways = ways_through(cells, cells, places, 1)
    assert shapely.covers(shapely.box(-1, -1, 4001, 2001), ways).all()
    net = shapely.union_all(shapely.buffer(ways, 1))
    assert net.geom_type == "Polygon"
    assert shapely.distance(net, shapely.points(places)).max() == 0


def test_no_way_crosses_the_bay() -> None:
    cells = np.array([shapely.box(0, 0, 2000, 2000).difference(shapely.box(500, 500, 1500, 2000))])
    ways = ways_through(cells, cells, np.empty((0, 2)), 1, each=40)
    assert shapely.intersection(shapely.multilinestrings(ways), shapely.box(502, 502, 1498, 1998)).is_empty


def test_even_a_small_cell_has_ways() -> None:
    cells = np.array([shapely.box(0, 0, 80, 60)])
    assert len(ways_through(cells, cells, np.empty((0, 2)), 1)) > 5
