"""Ways to the covered area of the sample's substations: each is handed the same strokes in metres; m² by code."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Final

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from gisgrid.coverage.ground.borders import borders, share
from gisgrid.coverage.ground.levels import Ground
from gisgrid.coverage.ground.reach import Strokes
from gisgrid.coverage.ground.strips import Shapes, Strips, covered
from tests.benchmarks.engines import spatial_duckdb
from tests.benchmarks.month import METRIC, sample_grid
from tests.benchmarks.server import address, cpu_s, postmaster_of
from tests.benchmarks.way import NotAvailable
from tests.benchmarks.world import Floats
from tests.postgis import cluster, programs

REACH_M: Final = 50.0
SEGMENTS: Final = 16
"""Of a quarter circle: shapely's default, for all."""
FINE_M: Final = 0.25
"""The height of the strips of the reference."""

Areas = Callable[[Strokes], Floats]
Way = tuple[Callable[[], Floats], Callable[[], float]]
"""What measures, and the seconds computed for it so far."""


@cache
def ground() -> Ground:
    """Return the sample's ground, without a mask."""
    return Ground(sample_grid(), None, METRIC)


@cache
def substations() -> NDArray[np.object_]:
    """Return the polygons of the substations in metres, by code."""
    cells = sample_grid().cells
    return np.asarray(cells[cells["level"] == "substation"].to_crs(METRIC).geometry.to_numpy())


def ours(drawn: Strokes) -> Floats:
    """Strips as the product lays them, which are shared with the other levels."""
    level = ground().levels["substation"]
    runs = covered(ground().fine, _shapes(drawn))
    return np.array([share(runs, border) for border in level.fine]) * level.cells["patrollable_area_m2"].to_numpy()


def fine_reference(drawn: Strokes) -> Floats:
    """Strips FINE_M high, some twenty times as fine."""
    usual = Strips.over(substations())
    fine = replace(usual, height=FINE_M, rows=int(usual.rows * usual.height / FINE_M) + 1)
    runs = covered(fine, _shapes(drawn))
    return np.array([share(runs, border) for border in borders(fine, substations())]) * shapely.area(substations())


def _shapes(drawn: Strokes) -> Shapes:
    return Shapes(drawn.x0, drawn.y0, drawn.x1, drawn.y1, np.full(len(drawn.x0), REACH_M))


def lines_of(drawn: Strokes) -> NDArray[np.object_]:
    """Return the strokes as lines; a disc is a line without length."""
    ends = np.column_stack([drawn.x0, drawn.y0, drawn.x1, drawn.y1]).reshape(-1, 2, 2)
    return np.asarray(shapely.linestrings(ends))


def union_of_buffers(drawn: Strokes) -> Floats:
    """A buffer round each stroke, their union, and what of it lies in each cell."""
    union = shapely.union_all(shapely.buffer(lines_of(drawn), REACH_M, quad_segs=SEGMENTS))
    return np.asarray(shapely.area(shapely.intersection(substations(), union)))


def union_by_cell(drawn: Strokes) -> Floats:
    """Buffers found by a tree and united for each cell, so that no union is larger than it must be."""
    buffers = shapely.buffer(lines_of(drawn), REACH_M, quad_segs=SEGMENTS)
    cell, stroke = shapely.STRtree(buffers).query(substations(), predicate="intersects")
    unions = [shapely.union_all(buffers[stroke[cell == number]]) for number in range(len(substations()))]
    return np.asarray(shapely.area(shapely.intersection(substations(), unions)))


def buffer_of_tracks(drawn: Strokes) -> Floats:
    """One buffer round all lines joined to tracks: GEOS unites within it. Quicker than a union by those who know."""
    joined = shapely.line_merge(shapely.multilinestrings(lines_of(drawn)))
    buffers = shapely.buffer(shapely.get_parts(joined), REACH_M, quad_segs=SEGMENTS)
    return np.asarray(shapely.area(shapely.intersection(substations(), shapely.union_all(buffers))))


UNION: Final = """SELECT c.number,
    ST_Area(ST_Intersection(c.geometry, {union}(ST_Buffer(s.geometry, {reach}, {segments}))))
FROM cells c JOIN strokes s ON ST_Intersects(s.near, c.geometry) GROUP BY c.number, c.geometry"""
"""`near`: the stroke's box and the reach round it, so that an index is of use."""


@contextmanager
def by_duckdb(drawn: Strokes) -> Iterator[Way]:
    """DuckDB's spatial extension, on tables with native geometries."""
    import pyarrow as pa

    with spatial_duckdb() as database:
        lines = pa.table({"wkb": shapely.to_wkb(lines_of(drawn)), "near": shapely.to_wkb(_near(drawn))})
        cells = pa.table({"number": np.arange(len(substations())), "wkb": shapely.to_wkb(substations())})
        database.register("raw_strokes", lines)
        database.register("raw_cells", cells)
        geometries = "ST_GeomFromWKB(wkb) AS geometry"
        database.execute(f"CREATE TABLE strokes AS SELECT {geometries}, ST_GeomFromWKB(near) AS near FROM raw_strokes")
        database.execute(f"CREATE TABLE cells AS SELECT number, {geometries} FROM raw_cells")
        query = UNION.format(union="ST_Union_Agg", reach=REACH_M, segments=f"{SEGMENTS}::INTEGER")
        yield lambda: _by_number(database.execute(query).fetchall()), time.process_time


@contextmanager
def by_postgis(drawn: Strokes) -> Iterator[Way]:
    """PostGIS, with an index on the strokes."""
    try:
        programs()
    except RuntimeError as missing:
        raise NotAvailable(str(missing)) from missing
    with cluster() as server, psycopg.connect(address(server), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("SET work_mem = '256MB'")
        connection.execute("CREATE UNLOGGED TABLE strokes (geometry geometry, near geometry)")
        connection.execute("CREATE UNLOGGED TABLE cells (number int, geometry geometry)")
        for table, columns in (
            ("strokes", (shapely.to_wkb(lines_of(drawn), hex=True), shapely.to_wkb(_near(drawn), hex=True))),
            ("cells", (range(len(substations())), shapely.to_wkb(substations(), hex=True))),
        ):
            with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in zip(*columns, strict=True):
                    copy.write_row(row)
        connection.execute("CREATE INDEX ON strokes USING gist (near)")
        connection.execute("VACUUM ANALYZE strokes")
        query = UNION.format(union="ST_Union", reach=REACH_M, segments=SEGMENTS)
        yield lambda: _by_number(connection.execute(query.encode()).fetchall()), partial(cpu_s, postmaster_of(server))


def _near(drawn: Strokes) -> NDArray[np.object_]:
    west, east = np.minimum(drawn.x0, drawn.x1), np.maximum(drawn.x0, drawn.x1)
    south, north = np.minimum(drawn.y0, drawn.y1), np.maximum(drawn.y0, drawn.y1)
    return np.asarray(shapely.box(west - REACH_M, south - REACH_M, east + REACH_M, north + REACH_M))


def _by_number(rows: Sequence[tuple[int, float]]) -> Floats:
    found = np.zeros(len(substations()))
    for number, area in rows:
        found[number] = area
    return found


IN_PROCESS: Final[dict[str, Areas]] = {
    "gisgrid": ours,
    "shapely, union_all": union_of_buffers,
    "shapely, tree + union_all by cell": union_by_cell,
    "shapely, tracks buffered": buffer_of_tracks,
}
ENGINES: Final[dict[str, Callable[[Strokes], AbstractContextManager[Way]]]] = {
    "DuckDB": by_duckdb,
    "PostGIS": by_postgis,
}
