"""Having a database to oneself while it is replaced."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text

from gisgrid.database import damage_told
from gisgrid.errors import Conflict

OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")


class DatabaseInUse(Conflict):
    """A service or a command has the database open."""


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to a database that nobody else has open. Raises DatabaseInUse, DatabaseDamaged.

    A SpatiaLite file stays closed to others until the end; a PostGIS database is only looked at.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            with damage_told(engine):
                _lock(driver)
            try:
                yield connection
            finally:
                connection.rollback()
                with damage_told(engine):
                    _unlock(driver)
        elif connection.scalar(OTHERS):
            raise _in_use()
        else:
            yield connection


def _lock(driver: Any) -> None:
    try:
        driver.execute("PRAGMA busy_timeout=1000")
        # leaving WAL fails while any other connection is open, an idle one too
        driver.execute("PRAGMA journal_mode=DELETE")
        driver.execute("PRAGMA locking_mode=EXCLUSIVE")
        driver.execute("BEGIN EXCLUSIVE")
        driver.execute("COMMIT")
    except Exception as error:
        if "locked" not in str(error):
            raise
        raise _in_use() from error


def _unlock(driver: Any) -> None:
    driver.execute("PRAGMA locking_mode=NORMAL")
    driver.execute("SELECT count(*) FROM sqlite_master").fetchall()  # only now is the lock given back
    driver.execute("PRAGMA journal_mode=WAL")


def _in_use() -> DatabaseInUse:
    return DatabaseInUse(
        "数据库正在使用中;请先停止 gisgrid serve 及其他连接再恢复",
        "the database is in use; stop gisgrid serve and whatever else is connected first",
    )
