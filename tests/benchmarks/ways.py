"""The ways that are compared, by the names under which they are reported."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.benchmarks.engines import duckdb_join, sedona_join
from tests.benchmarks.libraries import (
    geopandas_sjoin,
    gisgrid_index,
    gisgrid_levels,
    polars_sjoin,
    shapely_prepared,
)
from tests.benchmarks.server import postgis_join
from tests.benchmarks.way import Opened

OURS: Final = "gisgrid"
OURS_LEVELS: Final = "gisgrid, 3 levels, all cores"

WAYS: Final[dict[str, Callable[[], Opened]]] = {
    OURS: gisgrid_index,
    OURS_LEVELS: gisgrid_levels,
    "shapely, box + prepared": shapely_prepared,
    "geopandas within": partial(geopandas_sjoin, "within"),
    "geopandas intersects": partial(geopandas_sjoin, "intersects"),
    "polars-st": polars_sjoin,
    "SedonaDB": sedona_join,
    "DuckDB": partial(duckdb_join, subdivided=False),
    "DuckDB, subdivided": partial(duckdb_join, subdivided=True),
    "PostGIS": partial(postgis_join, subdivided=False),
    "PostGIS, ST_Subdivide": partial(postgis_join, subdivided=True),
}
