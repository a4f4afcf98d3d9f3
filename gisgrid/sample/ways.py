"""The sample's ways: roads between settlements, lanes inside them, paths along the shore. All invented."""

from functools import cache
from typing import Final

import geopandas
import numpy as np
import shapely

from gisgrid.geometry import WGS84, from_metric
from gisgrid.sample.cells import DECIMALS, SEED, sample_cells
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.ground import coast, ground, settlements, villages
from gisgrid.sample.paths import WAY_BENDS, neighbours, winding_way
from gisgrid.sample.winding import PIECE_M, wind

BLOCK_M: Final = (240, 190)
"""How far lanes lie apart, from west to east and from south to north."""
LANE_END_M: Final = 40
"""How far inside the edge of a settlement its lanes end."""
SHORE_PATH_M: Final = 70
"""How far inland the path along the shore runs."""
SPUR_M: Final = 1200
"""Settlements up to this far from the shore have a way to it."""
NAMES: Final = {"road": "示意道路", "lane": "示意巷道", "shore": "示意岸线步道"}


def sample_ways() -> geopandas.GeoDataFrame:
    """Return the ways: name, kind ("road" | "lane" | "shore"), is_illustrative, geometry (LineString), EPSG:4326."""
    return _ways().copy()


def known_ways(cells: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame | None:
    """Return the sample's ways when the cells are the sample's; of other ground none are known."""
    street = cells.loc[cells["level"] == "street", "geometry"].iloc[0]
    return sample_ways() if shapely.equals(street, sample_cells().geometry.iloc[0]) else None


@cache
def shore_paths() -> list[shapely.LineString]:
    """Paths along the coast in metres, from west to east."""
    inland = shapely.simplify(ground().buffer(-SHORE_PATH_M), 8).boundary
    paths = shapely.line_merge(inland.intersection(coast().buffer(SHORE_PATH_M * 1.4)))
    parts = [part for part in shapely.get_parts(paths) if part.length > 5 * SHORE_PATH_M]
    return sorted((shapely.normalize(part) for part in parts), key=lambda part: part.bounds)


@cache
def _ways() -> geopandas.GeoDataFrame:
    lines = {"road": _roads(), "lane": _lanes(), "shore": [*shore_paths(), *_spurs()]}
    rows = [
        {"name": f"{NAMES[kind]}{number}", "kind": kind, "is_illustrative": True, "geometry": line}
        for kind, drawn in lines.items()
        for number, line in enumerate(drawn, 1)
    ]
    frame = geopandas.GeoDataFrame(rows, geometry="geometry", crs=METRIC_CRS)
    degrees = from_metric(shapely.simplify(frame.geometry.to_numpy(), 3), METRIC_CRS)
    rounded = shapely.transform(degrees, lambda xy: np.round(xy, DECIMALS))
    return frame.set_geometry(rounded, crs=WGS84)


def _roads() -> list[shapely.LineString]:
    seats, _ = settlements()
    roads = [winding_way(seats[first], seats[second], SEED) for first, second in neighbours(seats)]
    inland = ground().buffer(-20)
    return [road for road in roads if inland.covers(road)]


def _lanes() -> list[shapely.LineString]:
    """A bent net of blocks over the whole street, kept where there are settlements."""
    west, south, east, north = ground().bounds
    columns = [[(x, south), (x, north)] for x in np.arange(west, east, BLOCK_M[0])]
    rows = [[(west, y), (east, y)] for y in np.arange(south, north, BLOCK_M[1])]
    net = shapely.segmentize(shapely.linestrings([*columns, *rows]), PIECE_M)
    built = villages().intersection(ground().buffer(-20)).buffer(-LANE_END_M)
    lanes = shapely.intersection(shapely.transform(net, lambda xy: wind(xy, WAY_BENDS, SEED)), built)
    return [lane for lane in shapely.get_parts(lanes) if lane.length > BLOCK_M[0]]


def _spurs() -> list[shapely.LineString]:
    """Ways from settlements near the sea down to the shore path."""
    seats, _ = settlements()
    paths = shapely.multilinestrings(shore_paths())
    ways = [shapely.shortest_line(shapely.Point(seat), paths) for seat in seats]
    ends = [shapely.get_coordinates(way) for way in ways if way.length < SPUR_M]
    return [winding_way(seat, landing, SEED) for seat, landing in ends]
