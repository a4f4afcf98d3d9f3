"""Copying a SpatiaLite file out and in, through SQLite itself: a plain copy of a live file loses rows."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from gisgrid.backup.fingerprint import TablePrint, fingerprint
from gisgrid.database import DatabaseDamaged, damage_told, make_engine


def take(engine: Engine, copy: Path) -> dict[str, TablePrint]:
    """Write one moment of the database to a new file and return its prints. Writers go on meanwhile.

    VACUUM INTO leaves free pages behind, and with them what had been deleted. Raises DatabaseDamaged.
    """
    with engine.connect() as connection, damage_told(engine):
        _driver(connection).execute("VACUUM INTO ?", (str(copy),))
    copied = make_engine(f"sqlite:///{copy}")
    try:
        with copied.connect() as connection:
            _check(connection)
            prints = fingerprint(connection)
            connection.rollback()
            _driver(connection).execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    finally:
        copied.dispose()
    return prints


def _check(connection: Connection) -> None:
    for pragma in ("integrity_check", "foreign_key_check"):
        faults = [row for row in connection.exec_driver_sql(f"PRAGMA {pragma}") if tuple(row) != ("ok",)]
        if faults:
            raise DatabaseDamaged(
                f"数据库未通过检查:{str(faults[0])[:200]}",
                f"the database does not pass its check: {str(faults[0])[:200]}",
            )


def put_back(connection: Connection, copy: Path) -> None:
    """Replace the database by the copy, in one transaction: a cut in the middle leaves the old one."""
    source = make_engine(f"sqlite:///{copy}")
    try:
        with source.connect() as reader:
            # a file marked as WAL would carry the mark over, and the lock held on the other could not be given back
            _driver(reader).execute("PRAGMA journal_mode=DELETE")
            with damage_told(connection.engine):
                _driver(reader).backup(_driver(connection), pages=-1)
    finally:
        source.dispose()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
