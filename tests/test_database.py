import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError

from gisgrid import database
from gisgrid.database import BadDatabaseUrl, DatabaseUnreachable, NoSpatialite, make_engine, session_scope
from gisgrid.grid.tables import LayerSet
from gisgrid.migrations import DatabaseNotReady, open_session, upgrade
from gisgrid.patrols.tables import Patrol, Patroller


@pytest.mark.parametrize(
    "address", ["", "nonsense", "sqlite://", "mysql://x/y", "postgresql://x/y", "sqlite+aiosqlite:///x"]
)
def test_an_address_of_neither_database_is_refused(address: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="sqlite:///"):
        make_engine(address)


def test_a_new_file_is_ready_at_once_and_set_up_for_safety(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new/deep/gisgrid.sqlite")
    upgrade(engine)
    with engine.connect() as connection:
        pragmas = [
            connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        systems = connection.scalar(text("SELECT count(*) FROM spatial_ref_sys WHERE srid > 0"))
    engine.dispose()
    assert pragmas == ["wal", 2, 1]
    assert systems == 1  # all of them would take eleven seconds


def test_foreign_keys_are_held(engine: Engine) -> None:
    with pytest.raises(IntegrityError), session_scope(engine, write=True) as session:
        session.add(Patrol(patroller_id=12345, ref="x"))


def test_times_come_back_in_utc_whatever_zone_they_had(engine: Engine) -> None:
    moment = datetime(2026, 11, 22, 7, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with session_scope(engine, write=True) as session:
        session.add(LayerSet(name="a", source="b", first_day=moment.date(), created_at=moment))
    with session_scope(engine) as session:
        read = session.scalar(select(LayerSet.created_at))
    assert read == moment
    assert read is not None
    assert read.tzinfo == UTC


def test_a_failed_write_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with session_scope(engine, write=True) as session:
            session.add(Patroller(ref="p"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(Patroller)) == 0


def test_writers_wait_for_each_other_instead_of_failing(engine: Engine) -> None:
    together, failures = Barrier(4), []

    def write(number: int) -> None:
        together.wait()
        for turn in range(10):
            try:
                with session_scope(engine, write=True) as session:
                    session.scalar(select(func.count()).select_from(Patroller))  # a deferred reader could not upgrade
                    session.add(Patroller(ref=f"{number}-{turn}"))
            except Exception as error:  # noqa: BLE001 - whatever it is, it counts
                failures.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with session_scope(engine) as session:
        assert (failures, session.scalar(select(func.count()).select_from(Patroller))) == ([], 40)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_reader_does_not_keep_a_writer_waiting(engine: Engine) -> None:
    with session_scope(engine) as reader:
        reader.scalar(select(func.count()).select_from(Patroller))
        began = time.monotonic()
        with session_scope(engine, write=True) as writer:
            writer.add(Patroller(ref="w"))
        assert time.monotonic() - began < 10  # a lock would take the fifteen seconds of the busy time-out


def test_without_the_spatialite_library_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SPATIALITE_LIBRARY", str(tmp_path / "nowhere"))
    with pytest.raises(NoSpatialite, match="libsqlite3-mod-spatialite"):
        upgrade(make_engine(f"sqlite:///{tmp_path}/x.sqlite"))


def test_a_command_needs_a_database_that_was_made(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/there/x.sqlite"
    with pytest.raises(DatabaseNotReady, match="gisgrid init") as refused, open_session(address):
        pass
    assert all(
        part in words
        for words in (refused.value.zh, refused.value.en)
        for part in (f"{tmp_path}/there/x.sqlite", "GISGRID_HOME")
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_server_without_our_tables_is_named_without_its_password(new_database_url: str) -> None:
    address = new_database_url.replace("postgres@", "postgres:secret@")
    with pytest.raises(DatabaseNotReady, match=new_database_url.rpartition("/")[2]) as refused, open_session(address):
        pass
    assert "secret" not in str(refused.value)


def test_a_file_that_vanishes_is_told_and_not_made_anew(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/x.sqlite")
    with pytest.raises(DatabaseUnreachable, match="gisgrid init"), session_scope(engine) as session:
        session.execute(text("SELECT 1"))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(DatabaseUnreachable), open_session("postgresql+psycopg://nobody@127.0.0.1:1/none"):
        pass
