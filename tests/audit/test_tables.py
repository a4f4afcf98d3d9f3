"""What the database itself refuses."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from gisgrid.migrations import downgrade, upgrade
from tests.audit.builders import fill_chain, found

ANCHOR = "INSERT INTO audit_anchors (number, hash, entries, purged_at) VALUES (2, '', 2, '2026-11-01')"
COPY = "(number, at, actor, action, detail, previous_hash, hash) SELECT 2, at, 'x', action, detail, '', ''"


def refused(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET detail = '{}' WHERE number = 2",
        "UPDATE audit_entries SET number = 9 WHERE number = 3",
        "UPDATE audit_entries SET hash = hash",
        "DELETE FROM audit_entries WHERE number = 3",
        "DELETE FROM audit_entries",
    ],
)
def test_entries_are_neither_changed_nor_deleted(engine: Engine, statement: str) -> None:
    fill_chain(engine, 3)
    refused(engine, statement)
    assert found(engine) == []


@pytest.mark.parametrize(
    ("database_url", "statement"),
    [
        ("spatialite", f"INSERT OR REPLACE INTO audit_entries {COPY} FROM audit_entries WHERE number = 1"),
        ("spatialite", f"REPLACE INTO audit_entries {COPY} FROM audit_entries WHERE number = 1"),
        ("spatialite", "UPDATE OR REPLACE audit_entries SET number = 2 WHERE number = 1"),
        (
            "spatialite",
            f"INSERT INTO audit_entries {COPY} FROM audit_entries WHERE number = 1 "
            "ON CONFLICT (number) DO UPDATE SET actor = 'x'",
        ),
        (
            "postgis",
            f"INSERT INTO audit_entries {COPY} FROM audit_entries WHERE number = 1 "
            "ON CONFLICT (number) DO UPDATE SET actor = 'x'",
        ),
        ("postgis", "TRUNCATE audit_entries"),
    ],
    indirect=["database_url"],
)
def test_nor_by_the_roundabout_ways_of_each_database(engine: Engine, statement: str) -> None:
    fill_chain(engine, 3)
    refused(engine, statement)
    assert found(engine) == []


def test_an_anchor_lets_go_of_what_lies_up_to_it_and_of_nothing_else(engine: Engine) -> None:
    fill_chain(engine, 3)
    with engine.begin() as connection:
        connection.execute(text(ANCHOR))
        connection.execute(text("DELETE FROM audit_entries WHERE number <= 2"))
    refused(engine, "DELETE FROM audit_entries WHERE number = 3")
    refused(engine, "UPDATE audit_entries SET detail = '{}' WHERE number = 3")


def test_the_migration_goes_down_and_up_with_entries(engine: Engine) -> None:
    fill_chain(engine, 3)
    downgrade(engine, "2026_11_23_0000")
    upgrade(engine)
    fill_chain(engine, 2)
    refused(engine, "DELETE FROM audit_entries WHERE number = 1")
    assert found(engine) == []
