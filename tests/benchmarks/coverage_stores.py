"""A month of check-ins as each way likes it best: the product's own file, a table in PostGIS, Parquet files.

The product's file is filled past its door for check-ins, by plain inserts in slices: nobody is judged, no token is
asked for. What is laid in a folder stays there and is found again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv
from sqlalchemy import Connection, Engine, insert, select

from gisgrid.database import make_engine, make_file, session_scope
from gisgrid.geometry import WGS84
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.migrations import upgrade
from gisgrid.once import table_of
from gisgrid.patrols.tables import Fix, Patrol, Patroller
from gisgrid.sample.load import load_sample
from tests.benchmarks.engines import spatial_duckdb
from tests.benchmarks.month import METRIC, Walked, days_of, sample_grid
from tests.benchmarks.server import address, cpu_s, postmaster_of
from tests.benchmarks.way import NotAvailable
from tests.postgis import cluster, programs
from tests.service import gisgrid

SLICE: Final = 50_000
REDUCED_BY: Final = ("coverage", "rebuild")
"""The command that makes anew what each day comes to."""
FAST: Final = {"shared_preload_libraries": "postgis-3", "shared_buffers": "1GB", "max_wal_size": "8GB", "fsync": "off"}

Counted = dict[str, tuple[int, int, int]]
"""Check-ins, distinct people and distinct outings, by code, of the cells that have any."""
Way = tuple[Callable[[], Counted], Callable[[], float]]
"""What counts, and the seconds computed for it so far."""

LEVEL: Final = """SELECT c.code, count(*), count(DISTINCT f.patroller_id), count(DISTINCT f.patrol_id)
    FROM {fixes} f JOIN cells c ON c.id = f.{level}_id
    WHERE f.fix_at >= TIMESTAMPTZ '{start}' AND f.fix_at < TIMESTAMPTZ '{end}' GROUP BY c.code"""


def counting(fixes: str, walked: Walked) -> str:
    """Return the report as plain SQL: the counts of all levels, by joining on the stored rows of cells."""
    start, end = (moment.isoformat() for moment in (walked.period.start, walked.period.end))
    return " UNION ALL ".join(LEVEL.format(fixes=fixes, level=level, start=start, end=end) for level in LEVELS)


@cache
def cell_rows() -> dict[str | None, int]:
    """Return a row number for each code of the sample."""
    return {code: number for number, code in enumerate(sample_grid().cells["code"], start=1)}


def plain(day: pd.DataFrame) -> pd.DataFrame:
    """Return a day's fixes with rows of cells for codes; <NA> outside."""
    rows = {f"{level}_id": day[f"{level}_code"].map(cell_rows()).astype("Int64") for level in LEVELS}
    return day.drop(columns=[f"{level}_code" for level in LEVELS]).assign(**rows)


# --- Parquet, and DuckDB over it -----------------------------------------------------------------


def lay_parquet(folder: Path, walked: Walked) -> Path:
    """Write a file a day, if they are not there; return the folder."""
    if not folder.exists():
        part = folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        for number, day in enumerate(days_of(walked)):
            pq.write_table(pa.Table.from_pandas(plain(day), preserve_index=False), part / f"{number:03}.parquet")
        part.rename(folder)
    return folder


@contextmanager
def by_duckdb(folder: Path, walked: Walked) -> Iterator[Way]:
    """DuckDB over the files."""
    with spatial_duckdb() as database:
        database.register("known", pa.table({"id": list(cell_rows().values()), "code": list(cell_rows())}))
        database.execute("CREATE TABLE cells AS SELECT * FROM known")
        query = counting(f"read_parquet('{folder}/*.parquet')", walked)
        yield lambda: _counted(database.execute(query).fetchall()), time.process_time


# --- PostGIS -------------------------------------------------------------------------------------


@contextmanager
def by_postgis(folder: Path, walked: Walked) -> Iterator[Way]:
    """A server of its own, with an index on the times; the table is loaded each time, from the Parquet files."""
    try:
        programs()
    except RuntimeError as missing:
        raise NotAvailable(str(missing)) from missing
    with cluster(FAST) as server, psycopg.connect(address(server), autocommit=True) as connection:
        connection.execute("SET work_mem = '256MB'")
        connection.execute("CREATE TABLE cells (id int PRIMARY KEY, code text)")
        connection.cursor().executemany("INSERT INTO cells VALUES (%s, %s)", [row[::-1] for row in cell_rows().items()])
        _copy(connection, folder)
        query = counting("fixes", walked).encode()
        yield lambda: _counted(connection.execute(query).fetchall()), partial(cpu_s, postmaster_of(server))


def _copy(connection: psycopg.Connection, folder: Path) -> None:
    ids = ", ".join(f"{level}_id int" for level in LEVELS)
    connection.execute(
        f"CREATE TABLE fixes (patroller_id int, patrol_id int, fix_at timestamptz, longitude float8, latitude float8,"
        f" accuracy_m float8, flags int, {ids})".encode()
    )
    for path in sorted(folder.glob("*.parquet")):
        text = pa.BufferOutputStream()
        csv.write_csv(pq.read_table(path), text, csv.WriteOptions(include_header=False))
        with connection.cursor().copy("COPY fixes FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue().to_pybytes())
    connection.execute("CREATE INDEX ON fixes (fix_at)")
    connection.execute("VACUUM ANALYZE fixes")


def _counted(rows: Sequence[tuple[Any, ...]]) -> Counted:
    return {code: (check_ins, people, outings) for code, check_ins, people, outings in rows}


# --- the product's own file ----------------------------------------------------------------------


def lay_file(path: Path, months: Sequence[Walked]) -> str:
    """Make the product's database with the sample's grid and the check-ins, if it is not there; return its address.

    It is brought up to date and reduced anew whenever it is asked for.
    """
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        engine = make_engine(f"sqlite:///{part}")
        make_file(engine)
        upgrade(engine)
        _fill(engine, months)
        engine.dispose()
        part.rename(path)
    return _reduced(f"sqlite:///{path}", path.parent)


def _reduced(address: str, home: Path) -> str:
    engine = make_engine(address)
    upgrade(engine)
    engine.dispose()
    done = gisgrid(*REDUCED_BY, home=home, GISGRID_DATABASE_URL=address)
    assert done.returncode == 0, done.stderr
    return address


def _fill(engine: Engine, months: Sequence[Walked]) -> None:
    """Insert everything; the indexes are made afterwards."""
    fixes = table_of(Fix)
    with session_scope(engine, write=True) as session:
        load_sample(session, METRIC)
    with engine.execution_options(write=True).connect() as connection:
        rows = dict(connection.execute(select(Cell.code, Cell.id)).all())
        for index in fixes.indexes:
            index.drop(connection)
        connection.commit()
        for day in (day for walked in months for day in days_of(walked)):
            _people(connection, day)
            columns = _columns(day, rows)
            statement = f"INSERT INTO fixes ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            for start in range(0, len(day), SLICE):
                values = (column[start : start + SLICE] for column in columns.values())
                connection.exec_driver_sql(statement, list(zip(*values, strict=True)))
                connection.commit()
        for index in fixes.indexes:
            index.create(connection)
        connection.commit()


def _people(connection: Connection, day: pd.DataFrame) -> None:
    """Store the patrollers and patrols of a day that are not there yet."""
    people = [{"id": row, "ref": f"P{row}"} for row in day["patroller_id"].unique().tolist()]
    outings = day[["patrol_id", "patroller_id"]].drop_duplicates().itertuples(index=False)
    patrols = [{"id": int(row), "patroller_id": int(whose), "ref": f"R{row}"} for row, whose in outings]
    for table, rows in ((table_of(Patroller), people), (table_of(Patrol), patrols)):
        there = set(connection.scalars(select(table.c.id)))
        if new := [row for row in rows if row["id"] not in there]:
            connection.execute(insert(table), new)


def _columns(day: pd.DataFrame, rows: Mapping[str, int]) -> dict[str, list[Any]]:
    """Return the columns of a day's fixes as the file keeps them; the others have their defaults."""
    moments = day["fix_at"].dt.strftime("%Y-%m-%d %H:%M:%S.%f").tolist()
    numbers, outings = day["patroller_id"].tolist(), day["patrol_id"].tolist()
    longitude, latitude = day["longitude"].tolist(), day["latitude"].tolist()
    return {
        "client_id": moments,  # nobody sends two at one moment
        "sender_id": numbers,
        "patroller_id": numbers,
        "patrol_id": outings,
        "fix_at": moments,
        "received_at": moments,
        "longitude": longitude,
        "latitude": latitude,
        "accuracy_m": day["accuracy_m"].tolist(),
        "crs": [WGS84] * len(day),
        "raw_longitude": longitude,
        "raw_latitude": latitude,
        **{f"{level}_id": [rows.get(code) for code in day[f"{level}_code"]] for level in LEVELS},
    }
