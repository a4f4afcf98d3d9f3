"""The database's history, up and down, with data, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from geoalchemy2 import Geometry
from sqlalchemy import Engine, inspect, text

from gisgrid.database import Base, make_engine, session_scope
from gisgrid.migrations import (
    DatabaseNewer,
    DatabaseNotReady,
    configuration,
    downgrade,
    require_current,
    upgrade,
)
from tests.rows import fill

NEWEST_FIRST = [
    script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()
]  # newest first


@pytest.fixture
def new(new_database_url: str) -> Iterator[Engine]:
    """A database with nothing in it at all."""
    engine = make_engine(new_database_url)
    yield engine
    engine.dispose()


def counts(engine: Engine) -> dict[str, int]:
    """Return the rows of each table that exists."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) & set(Base.metadata.tables)
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}


def spatial(engine: Engine) -> dict[str, tuple[str, int, int]]:
    """Return the kind of geometry, its system and the entries of the index, for each table that has one."""
    if engine.dialect.name == "postgresql":
        columns = "SELECT f_table_name, type, srid FROM geometry_columns"
        index = "SELECT count(*) FROM pg_indexes WHERE tablename = '{0}' AND indexdef LIKE '%gist (geometry)%'"
    else:
        columns = (
            "SELECT f_table_name, CASE geometry_type WHEN 0 THEN 'GEOMETRY' WHEN 1 THEN 'POINT' WHEN 3 THEN 'POLYGON'"
            " WHEN 6 THEN 'MULTIPOLYGON' END, srid"
            " FROM geometry_columns WHERE spatial_index_enabled = 1"
        )
        index = "SELECT count(*) FROM idx_{0}_geometry"
    with engine.connect() as connection:
        return {
            table: (kind, srid, connection.scalar(text(index.format(table))) or 0)
            for table, kind, srid in connection.execute(text(columns)).all()
        }


def declared() -> dict[str, tuple[str, int]]:
    """Return the kind and system of the geometries of our tables."""
    return {
        name: (table.c.geometry.type.geometry_type, table.c.geometry.type.srid)
        for name, table in Base.metadata.tables.items()
        if "geometry" in table.c and isinstance(table.c.geometry.type, Geometry)
    }


def test_tables_are_as_declared(new: Engine) -> None:
    upgrade(new)
    config = configuration()
    with new.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_every_step_down_and_up_again_keeps_rows_geometries_and_indexes(new: Engine) -> None:
    upgrade(new)
    with session_scope(new, write=True) as session:
        fill(session)
    assert all(counts(new).values())
    for revision, older in zip(NEWEST_FIRST, [*NEWEST_FIRST[1:], "base"], strict=True):
        downgrade(new, older)
        kept = counts(new)
        upgrade(new, revision)
        assert {name: counts(new)[name] for name in kept} == kept
        downgrade(new, older)
    assert counts(new) == {}
    upgrade(new)
    with session_scope(new, write=True) as session:
        fill(session)
    found = spatial(new)
    assert {name: entry[:2] for name, entry in found.items()} == declared()
    # PostGIS: one index a table; SpatiaLite: an entry of the index for each row
    rows = dict.fromkeys(found, 1) if new.dialect.name == "postgresql" else counts(new)
    assert {name: entry[2] for name, entry in found.items()} == {name: rows[name] for name in found}


def test_upgrading_twice_changes_nothing(new: Engine) -> None:
    upgrade(new)
    upgrade(new)
    require_current(new)


def test_a_new_file_knows_the_one_system_in_use(tmp_path: Path) -> None:
    """All of them, each in a transaction of its own, would take eleven seconds."""
    engine = make_engine(f"sqlite:///{tmp_path}/new.sqlite")
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT srid FROM spatial_ref_sys WHERE srid > 0")).all() == [4326]
    engine.dispose()


def test_a_database_of_a_later_program_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099_01_01_0000'"))
    with pytest.raises(DatabaseNewer, match="2099_01_01_0000"):
        require_current(engine)
    with pytest.raises(DatabaseNewer):
        upgrade(engine)


def test_a_database_that_was_never_made_is_not_ready(new: Engine) -> None:
    with pytest.raises(DatabaseNotReady, match="gisgrid init"):
        require_current(new)


def test_asking_for_a_missing_file_makes_none(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/none.sqlite")
    with pytest.raises(DatabaseNotReady):
        require_current(engine)
    assert list(tmp_path.iterdir()) == []


def test_files_sort_by_time_and_read_as_a_sentence() -> None:
    folder = Path(ScriptDirectory.from_config(configuration()).versions)
    names = sorted(path.stem for path in folder.glob("2*.py"))
    assert [name[:15] for name in names] == [*reversed(NEWEST_FIRST)]
    assert all(len(name.split("_")) > 5 for name in names)
