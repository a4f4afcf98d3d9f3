import numpy as np
import pytest
import shapely

from gisgrid.geometry import to_metric
from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.rings import mended, ring_faults
from tests.grid.builders import METRIC, NORTH, WEST, changed, nested_squares

CODE = "440307009001"


def faults_of(shape: shapely.Geometry) -> list[Fault]:
    """Judge a community of the given shape, in metres from the north-west corner."""
    cells = changed(nested_squares(), CODE, lambda _: shape).assign(file="a.shp", row=1)
    return ring_faults(cells, Limits(0.5, METRIC))


def metres_of(fault: Fault) -> list[tuple[int, int]]:
    """Return a fault's places in metres from the corner."""
    there = shapely.get_coordinates(to_metric(fault.geometry, METRIC)) - [WEST, NORTH]
    return sorted((round(x), round(y)) for x, y in there)


@pytest.mark.parametrize(
    ("ring", "said", "places", "area_m2"),
    [
        # a bow-tie of two triangles of 100 × 50 / 2 each
        ([(0, 0), (100, -100), (100, 0), (0, -100)], "Self-intersection", [(50, -50)], 2500),
        # two knots in one ring: a triangle of 25 and a diamond of 50 are cut off
        (
            [(0, 0), (10, -10), (20, 0), (90, 0), (90, -10), (20, -10), (10, 0), (0, -10)],
            "Self-intersection",
            [(5, -5), (15, -5)],
            75,
        ),
        # the ring goes there and back on one line
        ([(0, 0), (100, 0), (100, -100), (150, -100), (100, -100), (0, -100)], "Self-intersection", [(100, -100)], 0),
        # a ring that touches itself from inside
        ([(0, 0), (100, 0), (100, -100), (50, 0), (0, -100)], "Self-intersection", [(50, 0)], 2500),
    ],
)
def test_a_knot_is_found_where_it_is(
    ring: list[tuple[int, int]], said: str, places: list[tuple[int, int]], area_m2: float
) -> None:
    (fault,) = faults_of(shapely.Polygon(ring))
    assert (fault.kind, fault.codes, fault.file, fault.level) == ("ring", (CODE,), "a.shp", "community")
    assert said in fault.en
    assert set(metres_of(fault)) == set(places)
    assert fault.area_m2 == pytest.approx(area_m2, rel=0.001, abs=0.01)
    assert fault.longitude == pytest.approx(fault.geometry.geoms[0].x)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon([(0, 0), (100, 0), (0, 0), (0, 0)]),
        shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(20, 20), (21, 20), (21, 21)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(5, 5, 20, 20)]),
    ],
)
def test_other_broken_polygons_have_a_place_too(shape: shapely.Geometry) -> None:
    (fault,) = faults_of(shape)
    assert fault.kind == "ring"
    assert fault.where.startswith("114.")
    assert "环不合规" in fault.zh


def test_a_speck_is_a_note() -> None:
    (note,) = faults_of(shapely.MultiPolygon([shapely.box(0, -100, 100, 0), shapely.box(200, 0, 203, 0.2)]))
    assert (note.kind, note.is_note, note.codes) == ("speck", True, (CODE,))
    assert note.area_m2 == pytest.approx(0.6, rel=0.01)


def test_islands_and_lakes_are_fine() -> None:
    lake = shapely.box(0, -100, 100, 0).difference(shapely.box(10, -20, 20, -10))
    assert faults_of(shapely.MultiPolygon([lake, shapely.box(200, 0, 230, 30)])) == []


def test_mended_polygons_are_valid_and_the_others_untouched() -> None:
    bow_tie, square = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), shapely.box(0, 0, 1, 1)
    collapsed = shapely.Polygon([(0, 0), (1, 0), (0, 0), (0, 0)])
    found = mended(np.array([bow_tie, square, collapsed], dtype=object))
    assert shapely.is_valid(found).all()
    assert found[1] is square
    assert [shape.area for shape in found] == [0.5, 1, 0]
