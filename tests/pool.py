"""Databases of the tests: copies of a migrated one. A used one is emptied for the next test, which takes a tenth of the
time of making one; where its tables are no longer the template's, or it grew large, it is dropped.
"""

from itertools import count
from typing import Any

from psycopg import Connection, sql

from tests.postgis import Cluster

TEMPLATE = "template"
LARGE = 8_000_000
"""Bytes of its tables from which on emptying one takes longer than making one."""

OTHERS_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
OWN = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'spatial_ref_sys'
"""
NUMBERS = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
SIZE = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat_ws(' ', oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity) AS part
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, tgrelid, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', oid, polname, polroles, polqual, polwithcheck) FROM pg_policy
    UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', oid, proname, md5(prosrc), proacl) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull, attacl)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'
    UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
    UNION ALL SELECT concat_ws(' ', oid, extname, extversion) FROM pg_extension
) AS parts
"""


class Pool:
    """Lends databases of a server to tests, one after another."""

    def __init__(self, server: Cluster) -> None:
        self._server = server
        self._numbers = count()
        self._free: list[str] = []
        with server.connection(TEMPLATE) as template:
            self._shape = _one(template, SHAPE)
            self._tables = [name for (name,) in template.execute(OWN)]
            self._numbers_begun = template.execute(NUMBERS).fetchall()
            self._begun = {table: rows for table in self._tables if (rows := _copied(template, table))}

    def lend(self) -> str:
        """Return the name of a database that is as the template."""
        if self._free:
            return self._free.pop()
        name = f"test_{next(self._numbers)}"
        self._server.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return name

    def take_back(self, name: str) -> None:
        """Make a database ready for the next test, or drop it."""
        with self._server.connection(name) as database:
            database.execute(OTHERS_OUT)
            is_fit = _one(database, SHAPE) == self._shape and _one(database, SIZE) < LARGE
            if is_fit:
                self._empty(database)
        if is_fit:
            self._free.append(name)
        else:
            self._server.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, database: Connection[Any]) -> None:
        with database.transaction():
            database.execute("SET LOCAL session_replication_role = replica")  # neither triggers nor references
            for table in self._tables:
                database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for table, rows in self._begun.items():
                words = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
                with database.cursor().copy(words) as copy:
                    copy.write(rows)
            database.cursor().executemany("SELECT setval(%s, %s, %s)", self._numbers_begun)


def _one(database: Connection[Any], question: str) -> Any:
    row = database.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def _copied(database: Connection[Any], table: str) -> bytes:
    with database.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(bytes(part) for part in rows)
