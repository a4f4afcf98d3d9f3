"""The join of PostGIS, on a server of its own. Its answer stays in the database; its processors' time counts."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import geopandas
import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from tests.benchmarks.way import NotAvailable, One, Way
from tests.benchmarks.world import Floats, only
from tests.postgis import Cluster, cluster, programs

PIECE_VERTICES = 64
JOIN = """CREATE UNLOGGED TABLE answer AS
    SELECT p.point, min(c.row) AS row FROM points p JOIN cells c ON ST_Intersects(c.geometry, p.geometry)
    GROUP BY p.point"""
ONE = "SELECT min(row) FROM cells WHERE ST_Intersects(geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"


@contextmanager
def postgis_join(subdivided: bool) -> Iterator[Way]:
    """A GiST index on the cells, whole or cut by ST_Subdivide; another on the points. The planner decides."""
    try:
        programs()
    except RuntimeError as missing:
        raise NotAvailable(str(missing)) from missing
    with cluster() as server, psycopg.connect(address(server), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("SET jit = off")
        connection.execute("SET work_mem = '256MB'")
        yield Way(
            load=partial(_load, connection),
            build=partial(_build, connection, subdivided),
            join=lambda _, __: _join(connection),
            answer=lambda _, count, __: _answer(connection, count),
            one=lambda _: _one(connection),
            cpu_s=partial(cpu_s, postmaster_of(server)),
            in_process=False,
        )


def address(server: Cluster) -> str:
    """Return where psycopg finds the server."""
    return server.url("postgres").replace("+psycopg", "")


def _load(connection: psycopg.Connection, lon: Floats, lat: Floats) -> int:
    connection.execute("DROP TABLE IF EXISTS raw, points")
    connection.execute("CREATE UNLOGGED TABLE raw (point int, lon float8, lat float8)")
    with connection.cursor().copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_binary(lon, lat))
    connection.execute(
        "CREATE UNLOGGED TABLE points AS SELECT point, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geometry FROM raw"
    )
    connection.execute("CREATE INDEX ON points USING gist (geometry)")
    connection.execute("VACUUM ANALYZE points")
    return len(lon)


def _binary(lon: Floats, lat: Floats) -> bytes:
    """Return points in the binary format of COPY: every field behind its length, high bytes first."""
    kinds = [("fields", ">i2")]
    for name, kind in (("point", ">i4"), ("lon", ">f8"), ("lat", ">f8")):
        kinds += [(f"{name}_size", ">i4"), (name, kind)]
    rows = np.empty(len(lon), dtype=kinds)
    rows["fields"], rows["point_size"], rows["lon_size"], rows["lat_size"] = 3, 4, 8, 8
    rows["point"], rows["lon"], rows["lat"] = np.arange(len(lon)), lon, lat
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def _build(connection: psycopg.Connection, subdivided: bool, cells: geopandas.GeoDataFrame) -> None:
    connection.execute("DROP TABLE IF EXISTS cells")
    connection.execute("CREATE UNLOGGED TABLE cells (row int, geometry geometry)")
    piece = f"ST_Subdivide(shape, {PIECE_VERTICES})" if subdivided else "shape"
    connection.cursor().executemany(
        f"INSERT INTO cells SELECT %s, {piece} FROM ST_GeomFromWKB(%s, 4326) AS shape".encode(),
        [(row, shapely.to_wkb(shape)) for row, shape in enumerate(only(cells, "substation"))],
    )
    connection.execute("CREATE INDEX ON cells USING gist (geometry)")
    connection.execute("VACUUM ANALYZE cells")


def _join(connection: psycopg.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS answer")
    connection.execute(JOIN)


def _answer(connection: psycopg.Connection, count: int) -> NDArray[np.int16]:
    found = np.full(count, -1, dtype=np.int16)
    pairs = np.array(connection.execute("SELECT point, row FROM answer").fetchall(), dtype=np.int64).reshape(-1, 2)
    found[pairs[:, 0]] = pairs[:, 1]
    return found


def _one(connection: psycopg.Connection) -> One:
    cursor = connection.cursor()
    return lambda lon, lat: cursor.execute(ONE, (lon, lat), prepare=True).fetchone()


def cpu_s(postmaster: int) -> float:
    """Return the seconds that this process and the server have computed."""
    return time.process_time() + server_s(postmaster)


def server_s(postmaster: int) -> float:
    """Return the seconds that a server, its workers of the past included, has computed."""
    ticks = sum(_ticks(path, postmaster) for path in Path("/proc").glob("[0-9]*/stat"))
    return ticks / os.sysconf("SC_CLK_TCK")


def postmaster_of(server: Cluster) -> int:
    """Return the first process of a server."""
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def _ticks(stat: Path, postmaster: int) -> int:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile; its parent has its time
        return 0
    parent, times = int(fields[1]), [int(field) for field in fields[11:15]]
    if int(stat.parent.name) == postmaster:
        return sum(times)
    return sum(times[:2]) if parent == postmaster else 0
