from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import shapely

from gisgrid.geometry import WGS84, from_metric, to_metric
from gisgrid.sample.scene import Scene, lay_out
from tests.grid.builders import METRIC, NORTH, WEST, nested_squares, only
from tests.sample.worlds import no_checkpoints

ZONE = ZoneInfo("Asia/Shanghai")


def ways(*lines: tuple[tuple[float, float], ...]) -> geopandas.GeoDataFrame:
    """Lines given in metres from the north-west corner, y to the south."""
    metres = [shapely.LineString([(WEST + x, NORTH - y) for x, y in line]) for line in lines]
    return geopandas.GeoDataFrame(geometry=from_metric(np.array(metres), METRIC), crs=WGS84)


def a_scene(mask: shapely.Geometry | None, given: geopandas.GeoDataFrame | None) -> Scene:
    return lay_out(nested_squares(), mask, no_checkpoints(), given, ZONE, METRIC, 1)


def test_one_beat_per_substation_in_the_order_of_codes() -> None:
    scene = a_scene(None, None)
    assert len(scene.beats) == 6
    homes = scene.net.crossings[[beat.home for beat in scene.beats]]
    squares = to_metric(only(nested_squares(), "substation").geometry.to_numpy(), METRIC)
    assert shapely.distance(squares, shapely.points(homes)).max() < 5


def test_given_ways_are_the_ways() -> None:
    scene = a_scene(None, ways(((0, 500), (6000, 500))))
    assert np.abs(scene.net.crossings[:, 1] - (NORTH - 500)).max() < 3
    assert len(scene.places["shore"]) == 0


def test_ways_of_the_shore_are_known_by_their_kind() -> None:
    given = ways(((0, 500), (6000, 500)), ((0, 900), (6000, 900))).assign(kind=["road", "shore"])
    scene = a_scene(None, given)
    assert np.abs(scene.places["shore"][:, 1] - (NORTH - 900)).max() < 3
    assert len(scene.places["way"]) > len(scene.places["shore"])


def test_people_start_on_patrollable_ground() -> None:
    squares = only(nested_squares(), "substation").geometry.to_numpy()
    mask = from_metric(shapely.box(WEST + 100, NORTH - 300, WEST + 300, NORTH - 100), METRIC)
    scene = a_scene(mask, None)
    home = scene.net.crossings[scene.beats[0].home]
    assert shapely.distance(to_metric(mask, METRIC), shapely.Point(home)) < 5
    assert len(scene.beats) == len(squares)


def test_metres_become_degrees() -> None:
    scene = a_scene(None, None)
    back = to_metric(shapely.points(scene.degrees(np.array([[WEST, NORTH]]))), METRIC)
    assert shapely.distance(back[0], shapely.Point(WEST, NORTH)) < 0.02
