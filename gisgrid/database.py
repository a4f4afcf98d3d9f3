"""One database behind one set of tables: an embedded SpatiaLite file or a PostGIS server.

Reads begin deferred; writes take SQLite's lock at once (`BEGIN IMMEDIATE`), so that no writer fails half-way.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, Integer, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import Pool
from sqlalchemy.types import TypeDecorator

from gisgrid.errors import Refused, Unavailable

KEPT_OPEN = 48
"""Connections to a file: one for each thread that serves, since to open one takes as long as what it is opened for."""
KEPT_OPEN_ON_A_SERVER = 15
SQLITE_FLOOR = (3, 51, 3)  # older libraries can corrupt a WAL file when it is reset
CANNOT_ADD_POSTGIS = ("0A000", "58P01", "42501")  # not on the server (new and old words for it); not allowed
MEMORY = ":memory:"
SQLITE_CORRUPT, SQLITE_NOTADB = 11, 26
SQLITE_KIND = 0xFF  # the bits of an error's code that say its kind
SPATIALITE_LIBRARY = os.environ.get("SPATIALITE_LIBRARY_PATH", "mod_spatialite")


class BadDatabaseUrl(Refused):
    """A database address that names neither SpatiaLite nor PostGIS."""


class NoSpatialite(Unavailable):
    """The SpatiaLite library is not installed."""


class NoPostgis(Unavailable):
    """The PostgreSQL database lacks PostGIS, and this account cannot add it."""


class SqliteTooOld(Unavailable):
    """The SQLite library is older than is safe."""


class DatabaseUnreachable(Unavailable):
    """The database cannot be opened."""


class DatabaseDamaged(Unavailable):
    """The database cannot be read: its file is damaged, or does not pass its check."""


class UtcDateTime(TypeDecorator[datetime]):
    """Zone-aware times on both databases, kept in UTC. A naive time is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC; SQLite stores it without its zone."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


RowId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The parent of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it from the class


def make_engine(address: str) -> Engine:
    """Return an engine for `sqlite:///path` or `postgresql+psycopg://…`.

    Nothing is opened or made yet; a new SpatiaLite file begins with `make_file`. Raises BadDatabaseUrl, SqliteTooOld.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise _bad_url() from error
    if url.drivername == "sqlite" and url.database:
        return _spatialite(url)
    if url.drivername == "postgresql+psycopg":
        return _postgis(url)
    raise _bad_url()


def _bad_url() -> BadDatabaseUrl:
    return BadDatabaseUrl(
        "GISGRID_DATABASE_URL 应为 sqlite:///路径 或 postgresql+psycopg://用户@主机/库名",
        "GISGRID_DATABASE_URL must be sqlite:///path or postgresql+psycopg://user@host/database",
    )


def _spatialite(url: URL) -> Engine:
    # SpatiaLite brings the system's GEOS and PROJ into the process: whatever is loaded after it is bound to those
    # instead of its own, and crashes
    import pyogrio  # noqa: F401, PLC0415
    import pyproj  # noqa: F401, PLC0415
    import shapely  # noqa: F401, PLC0415
    from pysqlite3 import dbapi2  # noqa: PLC0415 - a PostGIS installation loads no SQLite at all

    if dbapi2.sqlite_version_info < SQLITE_FLOOR:
        raise SqliteTooOld(
            f"SQLite {dbapi2.sqlite_version} 过旧,可能损坏数据;请升级:pip install -U pysqlite3",
            f"SQLite {dbapi2.sqlite_version} is older than is safe; upgrade it: pip install -U pysqlite3",
        )
    engine = create_engine(url, module=dbapi2, hide_parameters=True, pool_size=KEPT_OPEN, connect_args={"timeout": 15})
    event.listen(engine, "do_connect", _require_file)
    event.listen(engine, "handle_error", _tell_damage)
    event.listen(engine, "connect", _open_spatialite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def file_of(engine: Engine) -> Path | None:
    """Return the file of an embedded database; None for a server, and for a database in memory."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != MEMORY else None


def pool_of(session: Session) -> Pool:
    """Return the pool of a session: what is held in memory of a database is held by it, and goes with it."""
    return session.get_bind().engine.pool  # engines with options of their own share it


def ask_file(path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Return what asks another SQLite file in words, with values: one that nobody writes, such as a base layer.

    All threads may ask; they take turns. Raises OSError, then and later, for a file that is none or is spoilt.
    """
    from pysqlite3 import dbapi2  # noqa: PLC0415 - a PostGIS installation loads no SQLite but for such a file

    def ask(words: str, *values: int) -> list[tuple[Any, ...]]:
        try:
            with turn:
                found: list[tuple[Any, ...]] = opened.execute(words, values).fetchall()
        except dbapi2.Error as error:
            raise OSError(str(error)) from error
        return found

    turn = Lock()
    try:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        opened = dbapi2.connect(address, uri=True, check_same_thread=False)
    except dbapi2.Error as error:
        raise OSError(str(error)) from error
    return ask


def make_file(engine: Engine) -> None:
    """Make the empty file of a new embedded database, and its folder; what is there stays."""
    file = file_of(engine)
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)  # tracks of people are for the service's account alone


def _require_file(_dialect: Dialect, _record: object, arguments: list[Any], _options: dict[str, Any]) -> None:
    # SQLite would make an empty file, and the mistaken path would look like a database
    if arguments[0] != MEMORY and not Path(arguments[0]).exists():
        raise DatabaseUnreachable(
            "找不到数据库文件,可能已被移走或删除;请放回原处,或运行 gisgrid init 新建",
            "the database file is not there, moved or deleted perhaps: put it back, or make a new one: gisgrid init",
        )


def _tell_damage(context: ExceptionContext) -> None:
    if _is_damage(context.original_exception):
        raise damaged(file_of(context.engine) if context.engine else None)


@contextmanager
def damage_told(engine: Engine) -> Iterator[None]:
    """Turn what SQLite itself says of a damaged file, asked without SQLAlchemy, into DatabaseDamaged."""
    try:
        yield
    except Exception as error:
        if not _is_damage(error):
            raise
        raise damaged(file_of(engine)) from error


def _is_damage(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & SQLITE_KIND in (SQLITE_CORRUPT, SQLITE_NOTADB)


def damaged(file: Path | None = None) -> DatabaseDamaged:
    """Say what to do about a damaged file; whoever asks from elsewhere is not told where it lies."""
    zh, en = (f":{file}", f": {file}") if file else ("", "")
    return DatabaseDamaged(
        f"数据库文件已损坏{zh};请停止服务并恢复备份:gisgrid restore 备份文件 --force",
        f"the database file is damaged{en}; stop the service and restore a backup: gisgrid restore BACKUP --force",
    )


def _open_spatialite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event decides how a transaction begins
    connection.enable_load_extension(True)
    try:
        connection.load_extension(SPATIALITE_LIBRARY)
    except Exception as error:
        raise NoSpatialite(
            "没有找到 SpatiaLite 库。请 apt install libsqlite3-mod-spatialite,或设 SPATIALITE_LIBRARY_PATH",
            "the SpatiaLite library is missing: apt install libsqlite3-mod-spatialite, or set SPATIALITE_LIBRARY_PATH",
        ) from error
    finally:
        connection.enable_load_extension(False)
    # what is erased or purged is overwritten, not only left out
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgis(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,  # a failed statement's values would tell the log where people are
        pool_pre_ping=True,
        pool_size=KEPT_OPEN_ON_A_SERVER,
        connect_args={
            "connect_timeout": 2,
            "tcp_user_timeout": 6000,
            "options": "-c lock_timeout=10s -c statement_timeout=120s -c timezone=UTC",
        },
    )


def prepare_spatial(connection: Connection) -> None:
    """Give a new database its spatial part: SpatiaLite's tables with WGS 84 alone, or the PostGIS extension."""
    if connection.dialect.name != "sqlite":
        _add_postgis(connection)
    elif not connection.execute(text("SELECT CheckSpatialMetaData()")).scalar():
        # all reference systems at once, each in a transaction of its own, take eleven seconds; one is in use, in ours
        connection.execute(text("SELECT InitSpatialMetaData(0, 'EMPTY'), InsertEpsgSrid(4326)"))


def _add_postgis(connection: Connection) -> None:
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") not in CANNOT_ADD_POSTGIS:
            raise
        raise NoPostgis(
            "数据库没有 PostGIS 扩展;请管理员在服务器上安装 postgresql-*-postgis-3,"
            "并在该库执行 CREATE EXTENSION postgis",
            "the database has no PostGIS: an administrator installs postgresql-*-postgis-3 on the server and runs "
            "CREATE EXTENSION postgis in this database",
        ) from error


@contextmanager
def session_scope(engine: Engine, *, write: bool = False, sight: Any = None) -> Iterator[Session]:
    """Yield a session; commit at the end when it writes, roll back on any error.

    It sees what `sight` (a `gisgrid.sight.Sight`) lets it see; without one, as programs do, everything.
    """
    info = {} if sight is None else {"sight": sight}
    with Session(engine.execution_options(write=write), expire_on_commit=False, info=info) as session:
        try:
            yield session
        except OperationalError as error:
            if error.connection_invalidated or not session.in_transaction():
                raise unreachable(error) from error
            raise
        if write:
            session.commit()


def unreachable(error: OperationalError) -> DatabaseUnreachable:
    """Say that the database does not answer; the driver's own words stay in the log."""
    return DatabaseUnreachable(
        f"数据库暂时无法使用({type(error.orig).__name__}),请稍后再试",
        f"the database cannot be used just now ({type(error.orig).__name__}); try again shortly",
    )


def _read_session(request: Request) -> Iterator[Session]:
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        yield session


def _write_session(request: Request) -> Iterator[Session]:
    with session_scope(request.app.state.engine, write=True, sight=request.state.sight) as session:
        yield session


# scope="function": the commit happens before the answer goes out
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
