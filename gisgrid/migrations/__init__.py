"""The database's history: one file per change, named for its day and what it does, up and down on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gisgrid.database import file_of, make_engine, make_file, prepare_spatial, session_scope, unreachable
from gisgrid.errors import Unavailable


class DatabaseNewer(Unavailable):
    """The database was made by a later program."""


class DatabaseNotReady(Unavailable):
    """The database has not been made, or not brought up to date."""


def configuration() -> Config:
    """Return alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision, making it if it is new. Raises DatabaseNewer, DatabaseDamaged."""
    make_file(engine)
    _move(engine, revision, up=True)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to a revision."""
    _move(engine, revision, up=False)


def _move(engine: Engine, revision: str, *, up: bool) -> None:
    config = configuration()
    with engine.execution_options(write=True).connect() as connection, _unheld(connection), connection.begin():
        prepare_spatial(connection)
        refuse_newer(MigrationContext.configure(connection).get_current_revision())
        config.attributes["connection"] = connection
        (command.upgrade if up else command.downgrade)(config, revision)


@contextmanager
def _unheld(connection: Connection) -> Iterator[None]:
    """Let tables be remade to which others refer: SQLite heeds the references again afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection  # SQLite ignores this within a transaction
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def require_current(engine: Engine) -> None:
    """Check that the database is at this program's revision.

    Raises DatabaseNewer, DatabaseNotReady, DatabaseDamaged, DatabaseUnreachable.
    """
    file = file_of(engine)
    if file is not None and not file.exists():
        raise _not_ready(engine)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise unreachable(error) from error
    refuse_newer(revision)
    if revision != _history().head:
        raise _not_ready(engine)


def _not_ready(engine: Engine) -> DatabaseNotReady:
    where = file_of(engine) or engine.url.render_as_string()  # which leaves the password out
    return DatabaseNotReady(
        f"数据库尚未建立或不是最新版本:{where};请运行 gisgrid init;若数据在别处,请把 GISGRID_HOME 设为其所在文件夹",
        f"the database is not made or not up to date: {where}; run: gisgrid init; if the data are elsewhere, set "
        "GISGRID_HOME to their folder",
    )


@contextmanager
def open_session(address: str, *, write: bool = False) -> Iterator[Session]:
    """Yield a session on the database at an address, for one command; commit at its end when it writes.

    Raises what `require_current` raises.
    """
    with open_engine(address) as engine, session_scope(engine, write=write) as session:
        yield session


@contextmanager
def open_engine(address: str) -> Iterator[Engine]:
    """Yield an engine on the database at an address, for a command that takes several transactions.

    Raises what `require_current` raises.
    """
    engine = make_engine(address)
    try:
        require_current(engine)
        yield engine
    finally:
        engine.dispose()


class _History(NamedTuple):
    known: frozenset[str]
    head: str | None


@cache
def _history() -> _History:
    """Return the revisions that this program knows. Alembic compiles every file of them each time it is asked."""
    scripts = ScriptDirectory.from_config(configuration())
    return _History(frozenset(script.revision for script in scripts.walk_revisions()), scripts.get_current_head())


def refuse_newer(revision: str | None) -> None:
    """Check that a revision is one this program knows. Raises DatabaseNewer."""
    if revision is not None and revision not in _history().known:
        raise DatabaseNewer(
            f"数据库的版本({revision})比本程序新;请安装新版 gisgrid,或恢复旧的备份",
            f"the database ({revision}) is newer than this program: install the newer gisgrid or restore a backup",
        )
