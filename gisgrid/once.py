"""Storing a thing once: however often it arrives, one row, and a word on what happened to each arrival."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.database import Base

INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
AT_A_TIME = 500  # keys in one query: far below what either database binds

Status = Literal["stored", "repeated", "conflict"]
Row = Mapping[str, Any]


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
    first: dict[tuple[Any, ...], int] = {}
    for number, its_key in enumerate(keys):
        first.setdefault(its_key, number)
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


def _insert(session: Session, table: Table, rows: Sequence[Row], key: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Insert what is new; return its ids by key. Rows come in the order of their keys: writers never lock crosswise."""
    statement = INSERT[session.get_bind().dialect.name](table).on_conflict_do_nothing(index_elements=key)
    returned = session.execute(statement.returning(table.c.id, *(table.c[name] for name in key)), list(rows))
    return {tuple(others): identifier for identifier, *others in returned}


def _read(
    session: Session, table: Table, keys: Sequence[tuple[Any, ...]], key: Sequence[str]
) -> dict[tuple[Any, ...], Row]:
    columns = [column for column in table.c if column.name != "geometry"]
    named = tuple_(*(table.c[name] for name in key))
    found: dict[tuple[Any, ...], Row] = {}
    for start in range(0, len(keys), AT_A_TIME):
        query = select(*columns).where(named.in_(keys[start : start + AT_A_TIME]))
        for row in session.execute(query).mappings():
            found[tuple(row[name] for name in key)] = dict(row)
    return found
