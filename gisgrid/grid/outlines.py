"""The cells as a screen needs them: all levels at once, to the metre, made once for each grid."""

import gzip
import json
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import feature, label_place
from gisgrid.grid.locate import KEPT_GRIDS, Grid
from gisgrid.grid.tables import LEVELS

STEP: Final = 1e-5
"""In degrees, about a metre: what no screen shows is left out; of borders that two cells share, the same of both."""
DECIMALS: Final = 5
TOLD: Final = ("code", "name", "level", "parent_code", "is_illustrative")


@lru_cache(maxsize=KEPT_GRIDS)
def packed_outlines(grid: Grid) -> bytes:
    """Return the outlines as gzip: packed once, for everybody who looks at the map."""
    return gzip.compress(outlines(grid), mtime=0)


@lru_cache(maxsize=KEPT_GRIDS)
def outlines(grid: Grid) -> bytes:
    """Return the cells of each level as GeoJSON, by level: `{"street": {"type": "FeatureCollection", …}, …}`.

    Each has its `bbox`, and `label`: the longitude and latitude at which its name stands, and the room there, in
    degrees.
    """
    by_level = {level: _collection(grid.cells[grid.cells["level"] == level]) for level in LEVELS}
    return json.dumps(by_level, ensure_ascii=False, separators=(",", ":")).encode()


def _collection(cells: gpd.GeoDataFrame) -> dict[str, Any]:
    rows = cells[list(TOLD)].to_dict("records")
    shapes = _plain(cells.geometry.to_numpy())
    features = [
        {**feature(shape, {**row, "label": _label(whole)}, row["code"]), "bbox": list(shape.bounds)}
        for shape, whole, row in zip(shapes, cells.geometry, rows, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _label(shape: BaseGeometry) -> list[float]:
    """Return where a cell's name stands, and how much room there is round it, in degrees."""
    place, room = label_place(shape, DECIMALS)
    return [round(place.x, DECIMALS), round(place.y, DECIMALS), room]


def _plain(shapes: NDArray[np.object_]) -> list[Any]:
    if len(shapes) == 0:
        return []
    simple = shapely.coverage_simplify(shapes, STEP)
    return list(shapely.transform(simple, lambda xy: np.round(xy, DECIMALS)))
