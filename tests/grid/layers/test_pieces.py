import numpy as np
import pytest
import shapely

from gisgrid.geometry import from_metric
from gisgrid.grid.layers.pieces import Leftovers, Limits, area_of, leftovers, polygon_parts
from tests.grid.builders import METRIC, NORTH, WEST

LIMITS = Limits(0.5, METRIC)


def measured(*shapes: shapely.Geometry) -> Leftovers:
    """Measure shapes given in metres from a round corner."""
    corner = np.array([WEST, NORTH])
    there = from_metric(shapely.transform(list(shapes), lambda xy: xy + corner), METRIC)
    return leftovers(there, LIMITS)


@pytest.mark.parametrize(
    ("shape", "width"),
    [
        (shapely.box(0, 0, 1300, 2), 2.0),
        (shapely.box(0, 0, 0.6, 4000), 0.6),
        (shapely.box(0, 0, 100, 100), 100),
        (shapely.Polygon([(0, 0), (3, 0), (0, 4)]), 2.0),  # a right triangle's inner circle has the radius 1
        (
            shapely.box(0, 0, 100, 100).difference(shapely.box(10, 10, 90, 90)),
            2 * 10 / (1 + 1 / np.sqrt(2)),
        ),  # a corner
    ],
)
def test_width_is_the_diameter_of_the_largest_circle(shape: shapely.Geometry, width: float) -> None:
    (piece,) = measured(shape).wide
    assert piece.width_m == pytest.approx(width, rel=0.05)
    assert piece.width_m <= width * 1.0001
    assert piece.area_m2 == pytest.approx(shape.area, rel=1e-6)
    assert piece.geometry.contains(shapely.Point(piece.longitude, piece.latitude))


def test_pieces_are_parted_by_the_tolerance_and_sorted() -> None:
    found = measured(
        shapely.box(0, 0, 9, 3), shapely.box(0, 9, 9, 9.4), shapely.box(20, 0, 29, 5), shapely.box(0, 20, 9, 20.3)
    )
    assert [round(piece.width_m, 1) for piece in found.wide] == [5, 3]
    assert [round(piece.width_m, 2) for piece in found.narrow] == [0.38, 0.29], "their mean width"


def test_just_at_the_tolerance_is_narrow() -> None:
    assert measured(shapely.box(0, 0, 100, 0.499)).wide == []
    assert len(measured(shapely.box(0, 0, 100, 0.501)).wide) == 1


@pytest.mark.parametrize("width", np.linspace(0.47, 0.53, 13).tolist())
def test_the_width_compared_is_the_width_told(width: float) -> None:
    wedge = shapely.Polygon([(0, 0), (30, 0), (30, 2 * width), (0, width / 2)])
    for shape in (shapely.box(0, 0, 7, width), shapely.Point(0, 0).buffer(width / 2, quad_segs=64), wedge):
        found = measured(shape)
        assert len(found.wide) + len(found.narrow) == 1
        assert all(piece.width_m >= LIMITS.tolerance_m for piece in found.wide)
        assert all(piece.width_m < LIMITS.tolerance_m for piece in found.narrow)
    is_wide = bool(measured(shapely.box(0, 0, 7, width)).wide)
    assert is_wide == (width > LIMITS.tolerance_m) or width == pytest.approx(0.5, abs=0.002)


def test_a_long_thin_strip_is_measured_in_no_time() -> None:
    steps = np.linspace(0, 20_000, 3000)
    line = shapely.LineString(np.column_stack([steps, 300 * np.sin(steps / 500)]))
    (piece,) = measured(line.buffer(1)).wide
    assert piece.width_m == pytest.approx(2.0, rel=0.05)


def test_rounding_is_no_leftover() -> None:
    degenerate = shapely.Polygon([(114, 22.6), (114.01, 22.6), (114.01, 22.6 + 1e-15), (114, 22.6)])
    assert leftovers(degenerate, LIMITS) == Leftovers()


def test_lines_and_points_are_left_out() -> None:
    box = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection([box, shapely.Point(0, 0), shapely.MultiPolygon([box])])
    assert polygon_parts(mixed).tolist() == [box, box]
    assert area_of(shapely.LineString([(0, 0), (1, 1)])).is_empty
    assert leftovers(shapely.Point(0, 0), LIMITS) == Leftovers()
