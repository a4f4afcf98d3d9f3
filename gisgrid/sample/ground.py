"""What the sample's ways and mask are drawn on, in metres: the street's shape, its coast, its settlements."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import shapely

from gisgrid.geometry import Floats, from_metric, to_metric
from gisgrid.sample.cells import BENDS, DECIMALS, SEED, sample_cells
from gisgrid.sample.figures import METRIC_CRS, coast_lines, hamlet_figures, places, station_figures
from gisgrid.sample.winding import PIECE_M, Octave, wind

EDGE_BENDS: Final = (Octave(500, 90), Octave(240, 45), Octave(110, 18))


@cache
def ground() -> shapely.Polygon:
    """The street's shape."""
    cells = sample_cells()
    return to_metric(cells.loc[cells["level"] == "street", "geometry"].iloc[0], METRIC_CRS)


@cache
def coast() -> shapely.MultiLineString:
    """The two stretches of coast, bent as the cells are."""
    pieces = shapely.segmentize(coast_lines(), PIECE_M)
    return shapely.multilinestrings(shapely.transform(pieces, lambda xy: wind(xy, BENDS, SEED)))


@cache
def settlements() -> tuple[Floats, Floats]:
    """Return the places of all settlements (n, 2) and their radii (n,); those with a station first."""
    stations, hamlets = station_figures(), hamlet_figures()
    radii = np.concatenate((stations["radius_m"].to_numpy(float), hamlets["radius_m"].to_numpy(float)))
    return np.concatenate((places(stations), places(hamlets))), radii


@cache
def villages() -> shapely.MultiPolygon:
    """The built-up ground: a blob with an uneven edge round each settlement, those that touch joined."""
    seats, radii = settlements()
    discs = shapely.segmentize(shapely.buffer(shapely.points(seats), radii), 40)
    return shapely.union_all(shapely.transform(discs, lambda xy: wind(xy, EDGE_BENDS, SEED + 1)))


def in_degrees(parts: Sequence[shapely.Polygon]) -> shapely.MultiPolygon:
    """Return polygons in metres as one shape in EPSG:4326, rounded, the same bytes each time."""
    degrees = shapely.set_precision(from_metric(shapely.multipolygons(parts), METRIC_CRS), 10.0**-DECIMALS)
    rounded = shapely.transform(shapely.get_parts(degrees), lambda xy: np.round(xy, DECIMALS))
    return shapely.normalize(shapely.orient_polygons(shapely.multipolygons(rounded)))
