"""The table of figures from which the sample is built: names, codes, places, an approximate outline.

Codes and names of the street and its communities: National Bureau of Statistics of China, 2023 division codes.
Places of communities: GeoNames 1804658 (CC BY 4.0) for 葵涌, public map labels or an estimate for the others.
Everything else (outline, substations, hamlets, radii) is drawn by hand and illustrative. data/README.md says more.
"""

from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd
import shapely

from gisgrid.geometry import Floats, points_to_metric

METRIC_CRS: Final = "EPSG:4547"
"""The sample is drawn in metres of this system."""


@cache
def cell_figures() -> pd.DataFrame:
    """All cells: level, code, name, parent_code; substations also x, y (metres), pull, radius_m."""
    return _figures("cells")


@cache
def hamlet_figures() -> pd.DataFrame:
    """Settlements without a substation: x, y (metres), radius_m."""
    return _figures("hamlets")


@cache
def outline_figures() -> pd.DataFrame:
    """The street's limit, clockwise from the south-west: x, y; side is what lies between this point and the next."""
    return _figures("outline")


def station_figures() -> pd.DataFrame:
    """The substations only."""
    cells = cell_figures()
    return cells[cells["level"] == "substation"].reset_index(drop=True)


def coast_lines() -> list[shapely.LineString]:
    """The two stretches of coast before they are bent, in metres."""
    outline = outline_figures()
    points, is_coast = outline[["x", "y"]].to_numpy(), (outline["side"] == "coast").to_numpy()
    count = len(points)
    segments = [shapely.LineString([points[k], points[(k + 1) % count]]) for k in range(count) if is_coast[k]]
    return list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments))))


def places(figures: pd.DataFrame) -> Floats:
    """The points of a table, (n, 2), in metres."""
    return figures[["x", "y"]].to_numpy(dtype=float)


def _figures(name: str) -> pd.DataFrame:
    table = pd.read_csv(Path(__file__).with_name(f"{name}.csv"), dtype={"code": str, "parent_code": str})
    table["x"], table["y"] = points_to_metric(table["longitude"], table["latitude"], METRIC_CRS)
    return table
