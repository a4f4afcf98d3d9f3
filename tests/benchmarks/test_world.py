"""The worlds are what the benchmark's text says: nested exactly, of the stated size, walked on."""

import numpy as np
import pytest
import shapely

from tests.benchmarks.world import SHARES, only, points, street


@pytest.mark.parametrize(("vertices", "least", "most"), [(100, 80, 125), (2000, 1800, 2200)])
def test_cells_nest_and_share_every_vertex(vertices: int, least: int, most: int) -> None:
    cells = street("x", vertices, 1).cells
    assert cells["level"].value_counts().to_dict() == {"substation": 22, "community": 9, "street": 1}
    shapes = only(cells, "substation")
    assert shapely.is_valid(cells.geometry.to_numpy()).all()
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_type_id(cells.geometry.to_numpy()) == shapely.GeometryType.POLYGON).all()
    assert least < np.mean(shapely.get_num_coordinates(shapes)) < most
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(only(cells, "street"))[0])


def test_points_lie_where_they_should_and_come_back_the_same() -> None:
    world = street("x", 100, 1)
    lon, lat = points(world, 20_000, 3)
    again = points(world, 20_000, 3)
    assert np.array_equal(lon, again[0])
    assert np.array_equal(lat, again[1])
    whole = only(world.cells, "street")[0]
    inside = shapely.intersects_xy(whole, lon, lat).mean()
    assert SHARES[0] - 0.01 < inside < 1 - SHARES[2] + 0.01
    covered = [shapely.intersects_xy(shape, lon, lat).any() for shape in only(world.cells, "substation")]
    assert all(covered)
