"""The sea round the sample's coast: what lies nearer to the coast than to the borders on land. Illustrative."""

from functools import cache
from typing import Final

import geopandas
import numpy as np
import shapely

from gisgrid.geometry import WGS84, Floats
from gisgrid.sample.cells import SEED
from gisgrid.sample.ground import coast, ground, in_degrees
from gisgrid.sample.winding import Octave, wind

REACH_M: Final = 30_000
"""How far the sea is drawn beyond the street: no screen that shows the street shows more."""
STEP_M: Final = 200
AT_THE_COAST_M: Final = 25
"""The coast was bent apart from the cells, in other pieces."""
SHORE_BENDS: Final = (Octave(4000, 900), Octave(2000, 450), Octave(900, 200), Octave(450, 105))
STRAIGHT_M, WOUND_M = 150, 1500
"""At the street the sea keeps to its coast; beyond, the shores of the neighbours wind the more, up to this distance."""
SIMPLER_M: Final = 50
UNDER_M: Final = 60
"""How far the sea reaches under the land, which is drawn over it: nowhere shows a gap."""
CRUMB_M2: Final = 20_000
WEST, EAST = "大鹏湾(示意)", "大亚湾(示意)"


def sample_sea() -> geopandas.GeoDataFrame:
    """Return the two bays: name, is_illustrative, geometry (Polygon), EPSG:4326, from west to east."""
    bays = sorted(shapely.get_parts(_sea()), key=lambda bay: float(bay.bounds[0]))
    rows = [{"name": WEST if bay is bays[0] else EAST, "is_illustrative": True, "geometry": bay} for bay in bays]
    return geopandas.GeoDataFrame(rows, geometry="geometry", crs=WGS84)


@cache
def _sea() -> shapely.MultiPolygon:
    wound = shapely.transform(shapely.segmentize(_nearer_to_the_coast(), STEP_M / 2), _wound)
    dry = shapely.buffer(ground(), -UNDER_M)
    open_sea = shapely.simplify(shapely.difference(shapely.make_valid(wound), dry), SIMPLER_M)
    return in_degrees([part for part in shapely.get_parts(open_sea) if part.area > CRUMB_M2])


def _nearer_to_the_coast() -> shapely.Geometry:
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(ground().exterior, STEP_M))[:-1])
    frame = shapely.box(*shapely.bounds(shapely.buffer(ground(), REACH_M)))
    nearest = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame))
    number, place = shapely.STRtree(nearest).query(points, predicate="within")
    at_sea = place[shapely.dwithin(points[number], coast(), AT_THE_COAST_M)]
    return shapely.intersection(shapely.union_all(nearest[at_sea]), frame)


def _wound(xy: Floats) -> Floats:
    away = shapely.distance(shapely.points(xy), ground().exterior)
    share = np.clip((away - STRAIGHT_M) / (WOUND_M - STRAIGHT_M), 0, 1)[:, None]
    return np.asarray(xy + (wind(xy, SHORE_BENDS, SEED + 2) - xy) * share)
