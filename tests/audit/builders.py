"""Chains of entries, and the means to spoil them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from gisgrid.audit.chain import START, hash_of, in_utc
from gisgrid.audit.heads import Head
from gisgrid.audit.record import Actor, record
from gisgrid.audit.verify import verify
from gisgrid.database import session_scope

DAWN = datetime(2026, 11, 1, 6, 0, 0, 5, UTC)
DAY = date(2026, 11, 1)
LONG_AGO = datetime.now(UTC) - timedelta(days=400)
PERSON = Actor("person", 7)

SQLITE_TRIGGERS = ("audit_entries_update", "audit_entries_delete", "audit_entries_insert")
POSTGRESQL_TRIGGERS = ("audit_entries_change", "audit_entries_truncate")


def chain(length: int) -> list[dict[str, Any]]:
    """Return entries as they are read for verifying."""
    entries: list[dict[str, Any]] = []
    for number in range(1, length + 1):
        entry = {
            "number": number,
            "at": in_utc(DAWN + timedelta(seconds=number)),
            "actor": "person",
            "actor_id": number % 3,
            "action": "track.read",
            "subject": "person",
            "subject_id": number % 2,
            "detail": f'{{"purpose":"{number}"}}',
            "previous_hash": entries[-1]["hash"] if entries else START,
        }
        entries.append({**entry, "hash": hash_of(entry)})
    return entries


def rehashed(entries: Sequence[dict[str, Any]], start: str = START) -> list[dict[str, Any]]:
    """Return entries chained anew, as a forger does who knows the program."""
    made: list[dict[str, Any]] = []
    for entry in entries:
        linked = {**entry, "previous_hash": made[-1]["hash"] if made else start}
        made.append({**linked, "hash": hash_of(linked)})
    return made


def fill_chain(engine: Engine, length: int) -> None:
    """Record some entries, each in a transaction of its own."""
    for number in range(1, length + 1):
        with session_scope(engine, write=True) as session:
            record(session, PERSON, "track.read", ("person", number), purpose=f"第 {number} 次", minutes=number / 3)


def record_at(engine: Engine, patch: pytest.MonkeyPatch, *moments: datetime) -> None:
    """Record an entry at each of some times."""
    for moment in moments:
        with patch.context() as inner, session_scope(engine, write=True) as session:
            inner.setattr("gisgrid.audit.record.now", lambda moment=moment: moment)
            record(session, PERSON, "track.read", ("person", 1))


@contextmanager
def forging(engine: Engine) -> Iterator[Connection]:
    """Yield a connection to a database whose triggers are gone: that of an attacker who owns it."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(write=True).begin() as connection:
        for name in SQLITE_TRIGGERS if is_sqlite else POSTGRESQL_TRIGGERS:
            connection.execute(text(f"DROP TRIGGER {name}" + ("" if is_sqlite else " ON audit_entries")))
        yield connection


def found(engine: Engine, heads: Sequence[Head] = ()) -> list[tuple[int, str]]:
    """Return the faults by number and kind."""
    with session_scope(engine) as session:
        return [(fault.number, fault.kind) for fault in verify(session, heads)]
