"""Where people patrol in the sample: settlements, the sides of ways, the shore. Hills are nobody's round."""

from functools import cache
from typing import Final

import geopandas
import shapely

from gisgrid.geometry import WGS84, to_metric
from gisgrid.sample.figures import METRIC_CRS
from gisgrid.sample.ground import coast, ground, in_degrees, villages
from gisgrid.sample.ways import sample_ways

WAY_SIDE_M: Final = 55
SHORE_M: Final = 110
SMALLEST_M2: Final = 20_000
"""Islands and holes of the mask below this are not drawn."""


def sample_mask() -> shapely.MultiPolygon:
    """Return the patrollable part of the street as one shape in EPSG:4326."""
    return _mask()


def sample_patrollable() -> geopandas.GeoDataFrame:
    """Return the mask as a layer of one row: name, is_illustrative, geometry (MultiPolygon), EPSG:4326."""
    row = {"name": "可巡逻范围(示意)", "is_illustrative": True, "geometry": sample_mask()}
    return geopandas.GeoDataFrame([row], geometry="geometry", crs=WGS84)


@cache
def _mask() -> shapely.MultiPolygon:
    sides = shapely.buffer(to_metric(sample_ways().geometry.to_numpy(), METRIC_CRS), WAY_SIDE_M, quad_segs=3)
    drawn = shapely.union_all([villages(), *sides, coast().buffer(SHORE_M, quad_segs=3)])
    return in_degrees(_without_crumbs(shapely.intersection(shapely.simplify(drawn, 5), ground())))


def _without_crumbs(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return [_without_holes(part) for part in shapely.get_parts(shape) if part.area >= SMALLEST_M2]


def _without_holes(part: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > SMALLEST_M2])
