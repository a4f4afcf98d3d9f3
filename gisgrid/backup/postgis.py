"""Copying a PostGIS database out and in by PostgreSQL's own client programs."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, text

from gisgrid.backup.fingerprint import TablePrint, fingerprint, own_tables
from gisgrid.database import prepare_spatial
from gisgrid.errors import GisgridError, Unavailable

EXTENSION_TABLE = "spatial_ref_sys"
OWN_FUNCTIONS = text("""
    SELECT DISTINCT tgfoid::regprocedure::text
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace AND pronamespace = relnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = tgfoid AND deptype = 'e')
    UNION
    SELECT refobjid::regprocedure::text FROM pg_depend JOIN pg_proc ON pg_proc.oid = refobjid
    WHERE classid = 'pg_policy'::regclass AND refclassid = 'pg_proc'::regclass
      AND pronamespace = current_schema()::regnamespace
""")
"""The functions of the triggers and policies of our tables: they stay behind when a table goes."""


class NoClientPrograms(Unavailable):
    """pg_dump, pg_restore and psql are missing, or older than the server."""


class ClientProgramFailed(GisgridError):
    """pg_dump, pg_restore or psql gave up."""


def take(engine: Engine, copy: Path) -> dict[str, TablePrint]:
    """Write one moment of the database to a new file in pg_dump's custom format and return its prints.

    Writers go on meanwhile. Raises NoClientPrograms, ClientProgramFailed.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        what = ["--format=custom", f"--file={copy}", f"--snapshot={snapshot}", "--no-owner", "--no-privileges"]
        _run(connection, "pg_dump", *what, f"--dbname={_dsn(connection)}")
        return fingerprint(connection)


def put_back(connection: Connection, copy: Path) -> None:
    """Replace the product's tables by the copy's, in one transaction: a failure leaves the old ones.

    Raises NoClientPrograms, ClientProgramFailed, NoPostgis.
    """
    prepare_spatial(connection)
    drop = copy.with_name("drop.sql")
    tables = (f'DROP TABLE "{name}" CASCADE;\n' for name in own_tables(connection))
    functions = (f"DROP FUNCTION {name};\n" for name in connection.scalars(OWN_FUNCTIONS))
    drop.write_text("".join([*tables, *functions]))
    connection.commit()
    contents, script = copy.with_name("contents"), copy.with_name("script.sql")
    _run(connection, "pg_restore", "--list", f"--file={contents}", str(copy))
    # an extension and its tables stay as they are: they belong to the server, and only an administrator can make them
    others = (" EXTENSION ", f" {EXTENSION_TABLE} ")
    lines = [line for line in contents.read_text().splitlines() if not any(other in line for other in others)]
    contents.write_text("\n".join(lines) + "\n")
    how = ["--no-owner", "--no-privileges", f"--use-list={contents}", f"--file={script}"]
    _run(connection, "pg_restore", *how, str(copy))
    once = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--dbname={_dsn(connection)}"]
    _run(connection, "psql", *once, f"--file={drop}", f"--file={script}")


def _dsn(connection: Connection) -> str:
    """Return the address without its password, which others could read on a command line."""
    url = connection.engine.url.set(password=None)
    parts: dict[str, Any] = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    return make_conninfo(**parts)


def _run(connection: Connection, name: str, *arguments: str) -> None:
    server: tuple[Any, ...] = connection.dialect.server_version_info or ()
    program = _program(name, server[0])
    password = connection.engine.url.password
    environment = {**os.environ, "PGPASSWORD": password} if password else os.environ
    done = subprocess.run(  # noqa: S603 - the words are ours
        [program, *arguments], env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        words = done.stderr.strip()[-500:]
        raise ClientProgramFailed(f"{name} 失败:{words}", f"{name} failed: {words}")


def _program(name: str, server: int) -> str:
    """Return the newest such program that is at least of the server's major version."""
    folders = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
    found = [path for folder in [*folders, None] if (path := shutil.which(name, path=folder))]
    newest = max(found, key=_major, default=None)
    if newest is None or _major(newest) < server:
        raise NoClientPrograms(
            f"需要 {server} 或更高版本的 {name};请安装:apt install postgresql-client-{server}",
            f"{name} of version {server} or later is wanted: apt install postgresql-client-{server}",
        )
    return newest


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r"\d+", said)
    return int(number.group()) if number else 0
