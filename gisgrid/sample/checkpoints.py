"""The sample's checkpoints: one at each substation, one at each hamlet, others along the shore. All invented."""

from functools import cache
from typing import Final

import geopandas
import numpy as np
import pandas as pd
import shapely

from gisgrid.geometry import WGS84, from_metric
from gisgrid.sample.cells import DECIMALS, sample_cells
from gisgrid.sample.figures import METRIC_CRS, hamlet_figures, places, station_figures
from gisgrid.sample.ways import shore_paths

RADIUS_M: Final = 50.0
SHORE_STEP_M: Final = 3000


def sample_checkpoints() -> geopandas.GeoDataFrame:
    """Return the checkpoints: code, name, radius_m, is_illustrative, geometry (Point), EPSG:4326, sorted by code."""
    return _checkpoints().copy()


@cache
def _checkpoints() -> geopandas.GeoDataFrame:
    spots = pd.concat(
        [
            _spots("站前", shapely.points(places(station_figures()))),
            _spots("村口", shapely.points(places(hamlet_figures()))),
            _spots("岸边", _along_shore()),
        ],
        ignore_index=True,
    )
    frame = geopandas.GeoDataFrame(spots, geometry="geometry", crs=WGS84)
    frame = frame.join(_substation_of(frame))
    number = frame.groupby("substation_code").cumcount() + 1
    frame["code"] = frame["substation_code"] + "-" + number.astype(str).str.zfill(2)
    frame["name"] = frame["substation_name"].str.removesuffix("工作分站") + frame["spot"] + _count_of_kind(frame)
    frame["radius_m"], frame["is_illustrative"] = RADIUS_M, True
    columns = ["code", "name", "radius_m", "is_illustrative", "geometry"]
    return frame[columns].sort_values("code", ignore_index=True)


def _count_of_kind(frame: pd.DataFrame) -> pd.Series:
    """The number behind the name; a substation has one station only, which needs none."""
    count = (frame.groupby(["substation_code", "spot"]).cumcount() + 1).astype(str)
    return count.where(frame["spot"] != "站前", "")


def _spots(spot: str, points: object) -> pd.DataFrame:
    degrees = shapely.transform(from_metric(points, METRIC_CRS), lambda xy: np.round(xy, DECIMALS))
    return pd.DataFrame({"spot": spot, "geometry": degrees})


def _along_shore() -> list[shapely.Point]:
    return [
        path.interpolate(along)
        for path in shore_paths()
        for along in np.arange(SHORE_STEP_M / 2, path.length, SHORE_STEP_M)
    ]


def _substation_of(frame: geopandas.GeoDataFrame) -> pd.DataFrame:
    """The substation that covers each point; none of them lies on an edge."""
    cells = sample_cells()
    cells = cells[cells["level"] == "substation"].reset_index(drop=True)
    spot, cell = cells.sindex.query(frame.geometry, predicate="covered_by")
    found = pd.DataFrame({"substation_code": cells["code"].take(cell), "substation_name": cells["name"].take(cell)})
    return found.set_axis(spot)
