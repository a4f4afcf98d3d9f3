"""What a database holds, told by one hash for each table: equal hashes are equal rows."""

import hashlib

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, inspect, text

from gisgrid.database import make_engine, prepare_spatial

ROWS_AT_ONCE = 5000
BEGUN_WITH = ("alembic_version", "role_names", "contingency_plans", "departments")
"""Tables that are filled when they are made; whoever changes a name in them leaves an entry in the audit."""

POSTGIS_TABLES = text("""
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
""")


class TablePrint(BaseModel):
    """How many rows a table has, and the SHA-256 of them all in the order of the primary key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    sha256: str


def own_tables(connection: Connection) -> list[str]:
    """Return the tables of the product, sorted: all but what SpatiaLite or PostGIS keeps for itself."""
    if connection.dialect.name == "postgresql":
        return sorted(connection.scalars(POSTGIS_TABLES))
    names = set(inspect(connection).get_table_names())
    return sorted(name for name in names - _spatialite_tables() if not name.startswith("idx_"))


def _spatialite_tables() -> set[str]:
    """Return what SpatiaLite makes in a new file: it differs between its versions, so one is made."""
    empty = make_engine("sqlite:///:memory:")
    with empty.begin() as connection:
        prepare_spatial(connection)
        names = set(inspect(connection).get_table_names())
    empty.dispose()
    return names


def fingerprint(connection: Connection) -> dict[str, TablePrint]:
    """Return the print of every own table, as this connection's transaction sees it.

    Rows are taken as the driver gives them (geometries as their binary form), so prints are compared between
    databases of one kind only.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    return {name: _table_print(connection, name) for name in own_tables(connection)}


def _table_print(connection: Connection, table: str) -> TablePrint:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column["name"]) for column in inspect(connection).get_columns(table))
    key = ", ".join(map(quote, inspect(connection).get_pk_constraint(table)["constrained_columns"]))
    query = text(f"SELECT {columns} FROM {quote(table)} ORDER BY {key}")  # noqa: S608 - names from the database itself
    rows, digest = 0, hashlib.sha256(columns.encode())
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        digest.update(repr(tuple(row)).encode())
        rows += 1
    return TablePrint(rows=rows, sha256=digest.hexdigest())


def is_empty(prints: dict[str, TablePrint]) -> bool:
    """Tell whether no table holds anything but what a new database begins with."""
    return not any(table.rows for name, table in prints.items() if name not in BEGUN_WITH)
