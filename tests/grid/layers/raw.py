"""Raw layers without a file, as reading gives them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import WGS84
from gisgrid.grid.layers.read import RawLayer
from gisgrid.grid.layers.sources import Source


def raw_layer(
    geometries: Sequence[BaseGeometry | None], crs: str | None = WGS84, **fields: Sequence[object]
) -> RawLayer:
    """A raw layer called cells.shp, with as many rows as geometries."""
    frame = pd.DataFrame({"geometry": pd.Series(list(geometries), dtype=object)})
    return RawLayer(Source(Path("cells.shp"), "cells.shp"), frame, "ESRI Shapefile", CRS(crs).to_wkt() if crs else None)
