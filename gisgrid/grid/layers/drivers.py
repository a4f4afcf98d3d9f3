"""Which formats GDAL may open: an allow-list, in force while a layer is read.

A file called `.geojson` can be a virtual format that opens any other file of the machine, or runs a pipeline. GDAL asks
every registered driver, so for the time of reading only harmless ones stay registered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyogrio
from pyogrio._ogr import _register_drivers

ALLOWED: Final = frozenset({"GeoJSON", "GPKG", "ESRI Shapefile", "LIBKML", "KML", "FlatGeobuf"})
FORMATS: Final = "GeoJSON, GeoPackage, Shapefile (.shp, .zip), KML/KMZ, FlatGeobuf, GeoParquet"


@contextmanager
def allowed_drivers(allowed: frozenset[str] = ALLOWED) -> Iterator[None]:
    """Leave GDAL its allow-listed drivers only; all of them are back at the end. Not for several threads at once."""
    before = pyogrio.get_gdal_config_option("GDAL_SKIP")
    _skip(",".join(sorted(set(pyogrio.list_drivers()) - allowed)))
    try:
        left = set(pyogrio.list_drivers()) - allowed
        if left:
            raise RuntimeError(f"GDAL keeps drivers that may open other files: {sorted(left)}")
        yield
    finally:
        _skip(before)


def _skip(names: str | None) -> None:
    pyogrio.set_gdal_config_options({"GDAL_SKIP": names})
    _register_drivers()  # obeys GDAL_SKIP anew each time, and registers what is no longer skipped
