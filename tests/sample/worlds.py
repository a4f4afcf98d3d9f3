"""Small worlds to simulate on."""

import geopandas
import numpy as np
import shapely

from gisgrid.geometry import WGS84
from gisgrid.sample.network import Network, network

CROSSING = [
    shapely.LineString([(0, 0), (1000, 0)]),
    shapely.LineString([(1000, 0), (1000, 1000)]),
    shapely.LineString([(1000, 1000), (0, 1000)]),
    shapely.LineString([(0, 1000), (0, 0)]),
    shapely.LineString([(0, 500), (1000, 500)]),
]
"""A square of a kilometre with a bar across the middle: six crossings, seven ways."""


def ladder() -> Network:
    """The net of CROSSING."""
    return network(CROSSING)


def blocks() -> Network:
    """Six by six blocks of 100 m."""
    lines = [[(x, 0), (x, 600)] for x in range(0, 700, 100)] + [[(0, y), (600, y)] for y in range(0, 700, 100)]
    return network(shapely.linestrings(lines))


def crossing_at(net: Network, x: float, y: float) -> int:
    """The number of the crossing at a place."""
    (found,) = np.flatnonzero((net.crossings == (x, y)).all(axis=1))
    return int(found)


def no_checkpoints() -> geopandas.GeoDataFrame:
    """A frame of checkpoints without rows."""
    columns = {"code": [], "name": [], "radius_m": [], "is_illustrative": []}
    return geopandas.GeoDataFrame(columns, geometry=[], crs=WGS84)
