"""Storing a thing once: however often it arrives, one row, and a word on what happened to each arrival."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, Table, TableValuedAlias, Text, and_, bindparam, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.database import Base
from gisgrid.sight import seeing_everything

AT_A_TIME = 500  # keys in one query: far below what either database binds

Status = Literal["stored", "repeated", "conflict"]
Row = Mapping[str, Any]
Key = tuple[Any, ...]


def table_of(model: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return cast("Table", model.__table__)


class Arrival(NamedTuple):
    """What became of one row: `row` is the one in the table, with its id; a conflict leaves it untouched."""

    status: Status
    row: Row


def store_once(
    session: Session, table: Table, rows: Sequence[Row], key: Sequence[str], content: Sequence[str] = ()
) -> list[Arrival]:
    """Store each row unless its key is there already; return what became of each, in order.

    `key` names the columns of a unique constraint, `content` those in which a repeat must agree. Rows that share a key
    among themselves are settled by their order.
    """
    if not rows:
        return []
    keys = [tuple(row[name] for name in key) for row in rows]
    first: dict[Key, int] = {}
    for number, its_key in enumerate(keys):
        first.setdefault(its_key, number)
    with seeing_everything(session):  # the key is known to whoever sends it
        ids = _insert(session, table, [rows[number] for _, number in sorted(first.items())], key)
        known = _read(session, table, [its_key for its_key in first if its_key not in ids], key)
    arrivals = []
    for number, (row, its_key) in enumerate(zip(rows, keys, strict=True)):
        kept = known[its_key] if its_key in known else {**rows[first[its_key]], "id": ids[its_key]}
        if its_key in ids and first[its_key] == number:
            status: Status = "stored"
        else:
            status = "repeated" if all(row[name] == kept[name] for name in content) else "conflict"
        arrivals.append(Arrival(status, kept))
    return arrivals


def _insert(session: Session, table: Table, rows: Sequence[Row], key: Sequence[str]) -> dict[Key, int]:
    """Insert what is new; return its ids by key. Rows come in the order of their keys: writers never lock crosswise."""
    returned = [table.c.id, *(table.c[name] for name in key)]
    if _is_sqlite(session):
        statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=key).returning(*returned)
        found = session.execute(statement, list(rows))
    else:
        names = list(rows[0])
        source = _arrays(table, names, [[row[name] for row in rows] for name in names])
        values = [
            func.ST_GeomFromEWKT(source.c[name]) if isinstance(table.c[name].type, Geometry) else source.c[name]
            for name in names
        ]
        inserted = postgresql.insert(table).from_select(names, select(*values))
        found = session.execute(inserted.on_conflict_do_nothing(index_elements=key).returning(*returned))
    return {tuple(others): identifier for identifier, *others in found}


def _read(session: Session, table: Table, keys: Sequence[Key], key: Sequence[str]) -> dict[Key, Row]:
    columns = [column for column in table.c if column.name != "geometry"]
    if not keys:
        return {}
    if _is_sqlite(session):
        named = tuple_(*(table.c[name] for name in key))
        parts = [keys[start : start + AT_A_TIME] for start in range(0, len(keys), AT_A_TIME)]
        queries = [select(*columns).where(named.in_(part)) for part in parts]
    else:
        source = _arrays(table, key, list(zip(*keys, strict=True)))
        queries = [select(*columns).join(source, and_(*(table.c[name] == source.c[name] for name in key)))]
    found = (dict(row) for query in queries for row in session.execute(query).mappings())
    return {tuple(row[name] for name in key): row for row in found}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _arrays(table: Table, names: Sequence[str], values: Sequence[Sequence[Any]]) -> TableValuedAlias:
    """Return columns as a source of rows, one array each: with a parameter for each value it takes thrice as long."""
    # a geometry travels as its text
    kinds = [Text() if isinstance(table.c[name].type, Geometry) else table.c[name].type for name in names]
    arrays = [
        bindparam(name, list(value), type_=ARRAY(kind)) for name, value, kind in zip(names, values, kinds, strict=True)
    ]
    return func.unnest(*arrays).table_valued(*names).render_derived()
