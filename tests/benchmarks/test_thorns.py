"""Thorny worlds nest and are thorny; the index follows the rule on them."""

import numpy as np
import shapely
from numpy.testing import assert_array_equal

from gisgrid.grid.index import CellIndex
from tests.benchmarks.rule import hard_points, rule
from tests.benchmarks.thorns import thorny
from tests.benchmarks.world import edges, only


def test_a_thorny_world_nests_and_is_thorny() -> None:
    cells = thorny(5).cells
    shapes = only(cells, "substation")
    assert shapely.is_valid(cells.geometry.to_numpy()).all()
    assert shapely.coverage_is_valid(shapes)
    begin, end = edges(shapes)
    lengths = np.hypot(*(end - begin).T)
    assert (lengths < 1e-12).sum() > 50
    assert (shapely.area(shapely.get_parts(shapes)) < 1e-9).sum() > 10
    feet = np.hypot(*(begin[:-1] - end[1:]).T)
    assert ((feet < 1e-7) & (lengths[1:] > 1e-6)).sum() > 10


def test_the_index_follows_the_rule_among_thorns() -> None:
    cells = thorny(6).cells
    shapes = only(cells, "substation")
    lon, lat = hard_points(cells, 20_000, 6)
    assert_array_equal(CellIndex.build(shapes.tolist()).locate(lon, lat), rule(cells, lon, lat)[:, 2])
