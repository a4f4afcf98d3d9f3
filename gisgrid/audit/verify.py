"""Reading the audit to prove it whole: as of one moment, in order, whatever somebody has put there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlalchemy.orm import Session

from gisgrid.audit.chain import FIELDS
from gisgrid.audit.faults import Anchor, End, Fault, faults
from gisgrid.audit.heads import Head
from gisgrid.audit.record import ANCHORS, ENTRIES, HEAD

STREAMED = {"yield_per": 2000}
MOST = 1000
"""Faults that are listed: where the whole chain was rewritten, nobody reads a line for each entry."""


def verify(session: Session, heads: Sequence[Head] = ()) -> list[Fault]:
    """Return what is wrong with the audit, in the order of the entries; the first thousand faults.

    `heads` are those exported earlier: without them an end that was cut off together with the row that holds the head
    does not show. Begins the session's transaction, so that all is read as of one moment; entries are streamed.
    """
    if not _is_sqlite(session):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    anchors = [Anchor(*row) for row in session.execute(select(ANCHORS.c.number, ANCHORS.c.hash, ANCHORS.c.entries))]
    last = session.execute(select(HEAD.c.number, HEAD.c.hash)).first()
    with _any_text(session), session.execute(_query(session), execution_options=STREAMED) as entries:
        found = islice(faults(entries.mappings(), anchors, End(*last) if last else None, heads), MOST)
        return sorted(found, key=lambda fault: fault.number)


def _query(session: Session) -> Any:
    columns = {name: ENTRIES.c[name] for name in FIELDS} | {"at": _at(is_sqlite=_is_sqlite(session))}
    return select(*(column.label(name) for name, column in columns.items()), ENTRIES.c.hash).order_by(ENTRIES.c.number)


def _at(*, is_sqlite: bool) -> ColumnElement[str]:
    """Return the time as it is hashed: as text, because somebody may have written what is no time."""
    if is_sqlite:
        return func.replace(type_coerce(ENTRIES.c.at, String), " ", "T") + "+00:00"
    return func.to_char(func.timezone("UTC", ENTRIES.c.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')


@contextmanager
def _any_text(session: Session) -> Iterator[None]:
    """Read text that is no UTF-8, which a failing disk leaves, instead of giving up."""
    if not _is_sqlite(session):
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    driver.text_factory = lambda content: content.decode(errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
