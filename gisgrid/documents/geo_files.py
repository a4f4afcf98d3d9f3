"""Shapes with their columns as files for GIS: GeoPackage, GeoParquet, KML. Names and text stay as they are."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import geopandas as gpd

GeoForm = Literal["gpkg", "parquet", "kml"]
DRIVERS: Final[dict[str, str]] = {"gpkg": "GPKG", "kml": "LIBKML"}


def geo_file(frame: gpd.GeoDataFrame, form: GeoForm, layer: str) -> bytes:
    """Return shapes in WGS 84 with all their columns as a file with one layer, called `layer`.

    In KML the column `name` is what a place is called. GDAL writes files, and SQLite ones at that, so it gets a folder
    of its own that is gone afterwards: never near a database.
    """
    if form == "parquet":
        held = io.BytesIO()
        frame.to_parquet(held, index=False)
        return held.getvalue()
    with TemporaryDirectory(prefix="gisgrid-") as folder:
        path = Path(folder) / f"{layer}.{form}"
        frame.to_file(path, driver=DRIVERS[form], layer=layer, engine="pyogrio", index=False)
        return path.read_bytes()
