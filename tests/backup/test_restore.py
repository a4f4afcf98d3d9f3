"""Backup and restore of both real databases, while another process writes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from gisgrid.backup.alone import DatabaseInUse
from gisgrid.backup.archive import BackupExists, BadBackup
from gisgrid.backup.fingerprint import fingerprint
from gisgrid.backup.postgis import ClientProgramFailed
from gisgrid.backup.restore import DatabaseNotEmpty, NotEqual, OtherKindOfDatabase, restore
from gisgrid.backup.take import back_up
from gisgrid.database import make_engine, session_scope
from gisgrid.migrations import DatabaseNewer, DatabaseNotReady, upgrade
from gisgrid.patrols.tables import Fix, Patroller
from tests.postgis import Cluster
from tests.rows import an_incident, fill

ONLY_SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
ONLY_POSTGIS = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    with session_scope(engine, write=True) as session:
        fill(session)
    return engine


@pytest.fixture
def new(new_database_url: str) -> Iterator[Engine]:
    engine = make_engine(new_database_url)
    yield engine
    engine.dispose()


@contextmanager
def writing(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the writer; its first row is stored when this yields."""
    command = [sys.executable, "-m", "tests.backup.writer", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1000\n"
        yield process
        process.kill()


def numbers(engine: Engine) -> list[int]:
    with session_scope(engine) as session:
        found = session.scalars(select(Fix.client_id).where(Fix.id > 3).order_by(Fix.id))
        return [int(name.removeprefix("fix ")) for name in found]


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_backup_taken_under_writes_restores_equal(filled: Engine, new: Engine, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    with writing(url_of(filled)) as writer:
        before = numbers(filled)
        taken = back_up(filled, file)
        after_backup = numbers(filled)
        assert writer.poll() is None
    assert len(after_backup) > len(before)  # the writer was not held up for all that time
    assert restore(new, file).tables == taken.tables
    with new.connect() as connection:
        assert fingerprint(connection) == taken.tables
    kept = numbers(new)
    assert set(before) <= set(kept) <= set(after_backup)  # nothing that had been stored is missing
    assert kept == list(range(1000, 1000 + len(kept)))  # one moment: no hole


def test_a_restored_database_goes_on_working(filled: Engine, new: Engine, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip")
    restore(new, tmp_path / "b.zip")
    upgrade(new)
    with session_scope(new, write=True) as session:
        session.add_all([Patroller(ref="P2"), an_incident(2)])
    near = "SELECT count(*) FROM incidents WHERE ST_Intersects(geometry, ST_GeomFromText('POINT(114.5 22.5)', 4326))"
    by_index = "SELECT count(*) FROM idx_incidents_geometry" if new.dialect.name == "sqlite" else near
    with new.connect() as connection:
        assert (connection.scalar(text(near)), connection.scalar(text(by_index))) == (2, 2)


def test_data_is_replaced_only_when_told_so_and_then_wholly(filled: Engine, tmp_path: Path) -> None:
    taken = back_up(filled, tmp_path / "b.zip")
    with session_scope(filled, write=True) as session:
        session.add(Patroller(ref="P2"))
    filled.dispose()
    with pytest.raises(DatabaseNotEmpty, match="--force"):
        restore(filled, tmp_path / "b.zip")
    with session_scope(filled) as session:
        assert len(session.scalars(select(Patroller)).all()) == 2
    filled.dispose()
    assert restore(filled, tmp_path / "b.zip", is_forced=True).tables == taken.tables
    with session_scope(filled) as session:
        assert len(session.scalars(select(Patroller)).all()) == 1


def test_never_under_a_running_service_however_idle(filled: Engine, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip")
    with writing(url_of(filled)), pytest.raises(DatabaseInUse, match="gisgrid serve"):
        restore(filled, tmp_path / "b.zip", is_forced=True)
    idle = make_engine(url_of(filled))
    with idle.connect() as connection:
        connection.execute(text("SELECT count(*) FROM fixes"))
    filled.dispose()  # only the connection in the other's pool is left
    with pytest.raises(DatabaseInUse):
        restore(filled, tmp_path / "b.zip", is_forced=True)
    idle.dispose()
    restore(filled, tmp_path / "b.zip", is_forced=True)


def test_a_truncated_backup_changes_nothing(filled: Engine, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    with filled.connect() as connection:
        before = fingerprint(connection)
    filled.dispose()
    with pytest.raises(BadBackup):
        restore(filled, tmp_path / "b.zip", is_forced=True)
    with filled.connect() as connection:
        assert fingerprint(connection) == before


def test_an_existing_file_and_an_unmade_database_are_told_before_any_work(
    engine: Engine, new: Engine, tmp_path: Path
) -> None:
    (tmp_path / "b.zip").touch()
    with pytest.raises(BackupExists):
        back_up(engine, tmp_path / "b.zip")
    with pytest.raises(DatabaseNotReady):
        back_up(new, tmp_path / "c.zip")
    assert not (tmp_path / "c.zip").exists()


@ONLY_SPATIALITE
def test_the_kinds_do_not_mix(filled: Engine, tmp_path: Path, postgis: "object") -> None:
    back_up(filled, tmp_path / "b.zip")
    other = make_engine(postgis.url("template"))  # type: ignore[attr-defined]
    with pytest.raises(OtherKindOfDatabase, match="sqlite"):
        restore(other, tmp_path / "b.zip")
    other.dispose()


def test_a_backup_of_a_later_program_is_refused(
    filled: Engine, new: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("gisgrid.backup.take.require_current", lambda _: None)
        with filled.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '2099'"))
        back_up(filled, tmp_path / "b.zip")
    with pytest.raises(DatabaseNewer, match="2099"):
        restore(new, tmp_path / "b.zip")


def test_a_restore_that_is_not_equal_says_so(
    filled: Engine, new: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(filled, tmp_path / "b.zip")
    monkeypatch.setattr("gisgrid.backup.spatialite.put_back", lambda *_: None)
    monkeypatch.setattr("gisgrid.backup.postgis.put_back", lambda *_: None)
    with pytest.raises(NotEqual):
        restore(new, tmp_path / "b.zip")


@ONLY_POSTGIS
def test_a_failure_half_way_leaves_the_old_tables(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(filled, tmp_path / "b.zip")
    monkeypatch.setattr("gisgrid.backup.restore.is_empty", lambda _: True)
    with filled.begin() as connection:
        connection.execute(text("CREATE TYPE in_the_way AS (x int)"))
        connection.execute(text("CREATE FUNCTION ours() RETURNS int LANGUAGE sql AS 'SELECT 1'"))
    back_up(filled, tmp_path / "c.zip")
    with filled.connect() as connection:
        before = fingerprint(connection)
    filled.dispose()
    with pytest.raises(ClientProgramFailed, match="already exists"):
        restore(filled, tmp_path / "c.zip")
    with filled.connect() as connection:
        assert fingerprint(connection) == before


@ONLY_POSTGIS
def test_an_owner_who_is_no_superuser_restores(database_url: str, postgis: Cluster, tmp_path: Path) -> None:
    postgis.sql("CREATE ROLE plain_owner LOGIN")
    postgis.sql("CREATE DATABASE plainly OWNER plain_owner")
    administrator = make_engine(postgis.url("plainly"))
    with administrator.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis"))
    administrator.dispose()
    owner = make_engine(postgis.url("plainly").replace("//postgres@", "//plain_owner@"))
    try:
        upgrade(owner)
        with session_scope(owner, write=True) as session:
            fill(session)
        taken = back_up(owner, tmp_path / "b.zip")
        assert restore(owner, tmp_path / "b.zip", is_forced=True) == taken
    finally:
        owner.dispose()
        postgis.sql("DROP DATABASE plainly WITH (FORCE)")
        postgis.sql("DROP ROLE plain_owner")
