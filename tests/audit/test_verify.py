"""The chain in both databases, spoilt by whoever owns them."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.orm import Session

from gisgrid.audit.chain import START
from gisgrid.audit.heads import Head
from gisgrid.audit.record import ENTRIES, HEAD, record
from gisgrid.audit.verify import MOST, _query, verify
from gisgrid.database import session_scope
from tests.audit.builders import DAY, PERSON, chain, fill_chain, forging, found

Kinds = list[tuple[int, str]]
COPY = "SELECT 6, at, actor, actor_id, action, subject, subject_id, detail, previous_hash, hash FROM audit_entries"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("number", "13", [(3, "missing"), (6, "added"), (6, "missing"), (13, "changed")]),
        ("at", "'2026-11-01 06:00:00.123456'", [(3, "changed")]),
        ("actor", "'program'", [(3, "changed")]),
        ("actor_id", "8", [(3, "changed")]),
        ("actor_id", "NULL", [(3, "changed")]),
        ("action", "'sign_in'", [(3, "changed")]),
        ("subject", "'token'", [(3, "changed")]),
        ("subject", "NULL", [(3, "changed")]),
        ("subject_id", "4", [(3, "changed")]),
        ("subject_id", "NULL", [(3, "changed")]),
        ("detail", "replace(detail, '1.0', '1')", [(3, "changed")]),
        ("detail", "detail || ' '", [(3, "changed")]),
        ("detail", "''", [(3, "changed")]),
        ("previous_hash", "upper(previous_hash)", [(3, "changed"), (3, "unlinked")]),
        ("hash", "upper(hash)", [(3, "changed"), (4, "unlinked")]),
    ],
)
def test_each_column_of_an_entry(engine: Engine, column: str, value: str, expected: Kinds) -> None:
    fill_chain(engine, 5)
    with forging(engine) as connection:
        connection.execute(text(f"UPDATE audit_entries SET {column} = {value} WHERE number = 3"))
    assert sorted(found(engine)) == sorted(expected)


@pytest.mark.parametrize(
    ("database_url", "column", "value"),
    [
        ("spatialite", "at", "at || '1'"),
        ("spatialite", "at", "'yesterday'"),
        ("spatialite", "at", "replace(at, ' ', 'T')"),
        ("spatialite", "at", "x'00'"),
        ("spatialite", "actor_id", "'seven'"),
        ("spatialite", "actor_id", "7.5"),
        ("spatialite", "actor_id", "9e999"),
        ("spatialite", "detail", "CAST(x'7bff7d' AS TEXT)"),
        ("spatialite", "detail", "CAST(detail AS BLOB)"),
        ("spatialite", "subject", "7"),
        ("postgis", "at", "'infinity'"),
        ("postgis", "at", "'-infinity'"),
        ("postgis", "at", "'4713-01-01 BC'"),
        ("postgis", "at", "at + interval '1 microsecond'"),
    ],
    indirect=["database_url"],
)
def test_values_that_the_program_could_not_even_read(engine: Engine, column: str, value: str) -> None:
    fill_chain(engine, 5)
    with forging(engine) as connection:
        connection.execute(text(f"UPDATE audit_entries SET {column} = {value} WHERE number = 3"))
    if value == "replace(at, ' ', 'T')":
        assert found(engine) == []  # the same time, in the other way of writing it
    else:
        assert found(engine) == [(3, "changed")]
    fill_chain(engine, 1)  # reading leaves the connection as it was


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["DELETE FROM audit_entries WHERE number = 3"], [(3, "missing")]),
        (["DELETE FROM audit_entries WHERE number < 3"], [(1, "missing")]),
        (["DELETE FROM audit_entries WHERE number > 3"], [(4, "cut_off")]),
        (["DELETE FROM audit_entries"], [(1, "cut_off")]),
        (["DELETE FROM audit_head"], [(5, "end")]),
        (["UPDATE audit_head SET hash = 'x'"], [(5, "end")]),
        (["UPDATE audit_head SET number = 4"], [(5, "added")]),
        ([f"INSERT INTO audit_entries {COPY} WHERE number = 5"], [(6, "added"), (6, "changed"), (6, "unlinked")]),
        (
            [
                "UPDATE audit_entries SET number = 90 WHERE number = 2",
                "UPDATE audit_entries SET number = 2 WHERE number = 3",
                "UPDATE audit_entries SET number = 3 WHERE number = 90",
            ],
            [(2, "changed"), (2, "unlinked"), (3, "changed"), (3, "unlinked"), (4, "unlinked")],
        ),
        (
            [
                "DELETE FROM audit_entries WHERE number < 4",
                "INSERT INTO audit_anchors (number, hash, entries, purged_at) "
                "SELECT 3, previous_hash, 3, '2026-11-01 00:00:00+00' FROM audit_entries WHERE number = 4",
            ],
            [(3, "untold")],
        ),
    ],
)
def test_rows_that_go_or_come(engine: Engine, statements: Sequence[str], expected: Kinds) -> None:
    fill_chain(engine, 5)
    assert found(engine) == []
    with forging(engine) as connection:
        for statement in statements:
            connection.execute(text(statement.replace("+00'", "'" if engine.dialect.name == "sqlite" else "+00'")))
    assert sorted(found(engine)) == sorted(expected)


def cut(connection: Connection) -> None:
    """Cut the end off and forge the head."""
    connection.execute(text("DELETE FROM audit_entries WHERE number > 3"))
    connection.execute(
        text("UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit_entries WHERE number = 3)")
    )


def empty(connection: Connection) -> None:
    """Take everything, as if nothing had ever been recorded."""
    connection.execute(text("DELETE FROM audit_entries"))
    connection.execute(text("DELETE FROM audit_head"))


def rewrite(connection: Connection) -> None:
    """Write another chain in its place, with the program's own rule."""
    connection.execute(text("DELETE FROM audit_entries"))
    connection.execute(text("UPDATE audit_head SET number = 0, hash = :start"), {"start": START})
    with Session(connection) as session:
        for _ in range(7):
            record(session, PERSON, "sign_in")
        session.flush()


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (cut, [(4, "cut_off"), (5, "cut_off")]),
        (empty, [(4, "cut_off"), (5, "cut_off")]),
        (rewrite, [(4, "rewritten"), (5, "rewritten")]),
    ],
)
def test_a_forged_head_shows_by_those_exported(
    engine: Engine, forge: Callable[[Connection], None], expected: Kinds
) -> None:
    heads = []
    for length in (4, 1):
        fill_chain(engine, length)
        with engine.connect() as connection:
            heads.append(Head(DAY, *connection.execute(text("SELECT number, hash FROM audit_head")).one()))
    assert found(engine, heads) == []
    with forging(engine) as connection:
        forge(connection)
    assert found(engine) == []
    assert found(engine, heads) == expected


def test_an_empty_audit_is_whole(engine: Engine) -> None:
    assert found(engine, [Head(DAY, 0, START)]) == []


def test_it_is_read_as_of_one_moment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_chain(engine, 3)

    def late(session: Session) -> Any:
        fill_chain(engine, 1)  # between the reading of the head and that of the entries
        return _query(session)

    monkeypatch.setattr("gisgrid.audit.verify._query", late)
    assert found(engine) == []


@pytest.mark.parametrize(
    ("length", "limit_s"), [(20_000, 5), pytest.param(100_000, 15, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_very_many_entries_are_proved_in_seconds(engine: Engine, length: int, limit_s: float) -> None:
    entries = chain(length)
    with session_scope(engine, write=True) as session:
        session.execute(insert(ENTRIES), [{**entry, "at": datetime.fromisoformat(entry["at"])} for entry in entries])
        session.execute(insert(HEAD), {"id": 1, "number": len(entries), "hash": entries[-1]["hash"]})
    begun = time.perf_counter()
    assert found(engine) == []
    assert time.perf_counter() - begun < limit_s
    with forging(engine) as connection:
        connection.execute(text("UPDATE audit_entries SET actor_id = 8 WHERE number > 5"))
    with session_scope(engine) as session:
        listed = verify(session)
    assert [fault.number for fault in listed] == list(range(6, 6 + MOST))
