"""What all days of a simulation share: the ways, the beats on them, where incidents may be."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import Floats, to_metric, to_wgs84
from gisgrid.sample.happen import spots
from gisgrid.sample.network import Network, network
from gisgrid.sample.paths import ways_through
from gisgrid.sample.walk import Beat, beats

FINEST: Final = "substation"
DECIMALS: Final = 7


@dataclass(frozen=True)
class Scene:
    """The net of ways, a beat per substation, the points of each place, and how to tell places and times."""

    net: Network
    beats: list[Beat]
    places: dict[str, Floats]
    zone: ZoneInfo
    metric_crs: str
    seed: int

    def degrees(self, places: Floats) -> Floats:
        """Return places in metres (n, 2) as longitude and latitude."""
        return np.asarray(np.column_stack(to_wgs84(places[:, 0], places[:, 1], self.metric_crs)).round(DECIMALS))


def lay_out(
    cells: geopandas.GeoDataFrame,
    mask: BaseGeometry | None,
    checkpoints: geopandas.GeoDataFrame,
    ways: geopandas.GeoDataFrame | None,
    zone: ZoneInfo,
    metric_crs: str,
    seed: int,
) -> Scene:
    """Lay out a scene; without ways (None) some are made up. Raises NoWays."""
    shapes = to_metric(cells.loc[cells["level"] == FINEST].sort_values("code").geometry.to_numpy(), metric_crs)
    grounds = shapes if mask is None else shapely.intersection(shapes, to_metric(mask, metric_crs))
    grounds = np.where(shapely.area(grounds) > 0, grounds, shapes)
    posts = shapely.get_coordinates(to_metric(checkpoints.geometry.to_numpy(), metric_crs))
    if ways is None:
        lines, shore = np.array(ways_through(shapes, grounds, posts, seed), dtype=object), np.array([], dtype=object)
    else:
        lines = to_metric(ways.geometry.to_numpy(), metric_crs)
        shore = lines[ways["kind"] == "shore"] if "kind" in ways else lines[:0]
    net = network(lines)
    places = {"way": spots(lines), "shore": spots(shore)}
    return Scene(net, beats(net, shapes, grounds, posts), places, zone, metric_crs, seed)
