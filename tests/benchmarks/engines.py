"""Joins of databases that run inside the process: DuckDB's spatial extension and SedonaDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from tests.benchmarks.way import NotAvailable, Way, lowest
from tests.benchmarks.world import Floats, only

PIECE_VERTICES = 64
PAIRS = "SELECT p.point, c.row FROM points p JOIN cells c ON ST_Intersects(p.geometry, c.geometry)"


def _point_table(lon: Floats, lat: Floats) -> pa.Table:
    return pa.table({"point": np.arange(len(lon), dtype=np.int32), "lon": lon, "lat": lat})


def _cell_table(shapes: NDArray[np.object_], rows: NDArray[np.integer]) -> pa.Table:
    return pa.table({"row": rows.astype(np.int32), "wkb": shapely.to_wkb(shapes)})


def _whole(cells: geopandas.GeoDataFrame) -> pa.Table:
    shapes = only(cells, "substation")
    return _cell_table(shapes, np.arange(len(shapes)))


def _subdivided(cells: geopandas.GeoDataFrame) -> pa.Table:
    pieces = [halved(shape) for shape in only(cells, "substation")]
    rows = np.repeat(np.arange(len(pieces)), [len(own) for own in pieces])
    return _cell_table(np.array([piece for own in pieces for piece in own]), rows)


def halved(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Cut polygons across their longer side until none has more than PIECE_VERTICES vertices."""
    if shapely.get_num_coordinates(shape) <= PIECE_VERTICES:
        return [shape]
    west, south, east, north = shape.bounds
    if east - west > north - south:
        boxes = [(west, south, (west + east) / 2, north), ((west + east) / 2, south, east, north)]
    else:
        boxes = [(west, south, east, (south + north) / 2), (west, (south + north) / 2, east, north)]
    cut = [shapely.intersection(shape, shapely.box(*box)) for box in boxes]
    parts = [part for half in cut for part in shapely.get_parts(half) if part.geom_type == "Polygon"]
    return [piece for part in parts for piece in halved(part)]


# --- DuckDB --------------------------------------------------------------------------------------


@contextmanager
def duckdb_join(subdivided: bool) -> Iterator[Way]:
    """DuckDB's own spatial join operator, on tables with native geometries."""
    with spatial_duckdb() as database:

        def build(cells: geopandas.GeoDataFrame) -> None:
            database.register("raw", _subdivided(cells) if subdivided else _whole(cells))
            database.execute("CREATE OR REPLACE TABLE cells AS SELECT row, ST_GeomFromWKB(wkb) AS geometry FROM raw")

        def load(lon: Floats, lat: Floats) -> int:
            database.register("raw", _point_table(lon, lat))
            database.execute("CREATE OR REPLACE TABLE points AS SELECT point, ST_Point(lon, lat) AS geometry FROM raw")
            database.unregister("raw")
            return len(lon)

        def join(_: None, count: int) -> NDArray[np.int16]:
            found = database.execute(PAIRS).fetchnumpy()
            return lowest(found["point"], found["row"], count)

        yield Way(load=load, build=build, join=join)


@contextmanager
def spatial_duckdb() -> Iterator[Any]:
    """Yield a database in memory that knows geometries."""
    import duckdb

    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as database:
        database.load_extension(str(_extension()))
        database.execute("SET enable_progress_bar = false")
        yield database


def _extension() -> Path:
    import duckdb
    import duckdb_extension_spatial

    folder = Path(duckdb_extension_spatial.__file__).parent
    found = next(folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension"), None)
    if found is None:
        raise NotAvailable(f"duckdb-extension-spatial has nothing for DuckDB {duckdb.__version__}")
    return found


# --- SedonaDB ------------------------------------------------------------------------------------


@contextmanager
def sedona_join() -> Iterator[Way]:
    """SedonaDB's spatial join, on tables in memory."""
    import sedonadb

    database = sedonadb.connect()

    def keep(name: str, raw: pa.Table, query: str) -> None:
        database.create_data_frame(raw).to_view("raw", overwrite=True)
        database.sql(query).to_memtable().to_view(name, overwrite=True)

    def load(lon: Floats, lat: Floats) -> int:
        keep("points", _point_table(lon, lat), "SELECT point, ST_Point(lon, lat) AS geometry FROM raw")
        return len(lon)

    def join(_: Any, count: int) -> NDArray[np.int16]:
        found = pa.table(database.sql(PAIRS))
        return lowest(found["point"].to_numpy(), found["row"].to_numpy(), count)

    yield Way(
        load=load,
        build=lambda cells: keep("cells", _whole(cells), "SELECT row, ST_GeomFromWKB(wkb) AS geometry FROM raw"),
        join=join,
    )
