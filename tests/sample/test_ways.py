import numpy as np
import shapely

from gisgrid.geometry import to_metric
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.ground import settlements
from gisgrid.sample.ways import known_ways, sample_ways
from tests.grid.builders import nested_squares


def joined() -> list[shapely.Geometry]:
    """The ways in metres, those that touch joined."""
    lines = to_metric(sample_ways().geometry.to_numpy(), METRIC_CRS)
    return list(shapely.get_parts(shapely.union_all(shapely.buffer(lines, 0.5))))


def test_all_ways_are_lines_on_the_ground() -> None:
    ways = sample_ways()
    assert set(ways["kind"]) == {"road", "lane", "shore"}
    assert ways["name"].is_unique
    assert ways["is_illustrative"].all()
    assert (ways.geom_type == "LineString").all()
    assert sample_cells().geometry.iloc[0].covers(shapely.multilinestrings(ways.geometry.to_numpy()))


def test_nearly_all_can_be_walked_from_anywhere() -> None:
    parts = sorted(shapely.area(joined()), reverse=True)
    assert parts[0] > 0.97 * sum(parts)


def test_every_settlement_is_on_the_net() -> None:
    net = max(joined(), key=shapely.area)
    seats, _ = settlements()
    assert shapely.distance(shapely.points(seats), net).max() < 5


def test_ways_wind() -> None:
    roads = sample_ways().query("kind == 'road'")
    lines = to_metric(roads.geometry.to_numpy(), METRIC_CRS)
    ends = shapely.distance(shapely.get_point(lines, 0), shapely.get_point(lines, -1))
    assert 1.02 < np.median(shapely.length(lines) / ends) < 1.5


def test_the_sample_is_known_again_as_a_database_gives_it_back() -> None:
    cells = sample_cells()
    cells["geometry"] = [shapely.MultiPolygon([shape]) for shape in cells.geometry]
    known = known_ways(cells)
    assert known is not None
    assert len(known) == len(sample_ways())


def test_of_other_ground_no_ways_are_known() -> None:
    assert known_ways(nested_squares()) is None
