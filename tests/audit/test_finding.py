from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from gisgrid.audit.finding import about, entries_page
from gisgrid.audit.record import OPERATOR, PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.parameters import Page, Period
from tests.audit.builders import fill_chain, forging

ALL = Page(100, 0)
START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def recorded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Seven entries, one a day."""
    acts: list[tuple[Actor, str, tuple[str, int] | None]] = [
        (Actor("person", 5), "sign_in", None),
        (Actor("device", 5), "sign_in.failed", ("person", 6)),
        (Actor("person", 5), "role.granted", ("person", 6)),
        (PROGRAM, "grid.replaced", ("layer_set", 6)),
        (Actor("person", 7), "track.read", ("person", 6)),
        (OPERATOR, "sign_inx", ("token", 5)),
        (OPERATOR, "signxin.failed", None),
    ]
    for number, (actor, action, subject) in enumerate(acts):
        monkeypatch.setattr("gisgrid.audit.record.now", lambda number=number: START + number * DAY)
        with session_scope(engine, write=True) as session:
            record(session, actor, action, subject, purpose="投诉核查")
    return engine


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1]),
        ({"actor_id": 5}, [3, 2, 1]),
        ({"actor": "person", "actor_id": 5}, [3, 1]),
        ({"actor": "operator"}, [7, 6]),
        ({"subject_id": 6}, [5, 4, 3, 2]),
        ({"subject": "person", "subject_id": 6}, [5, 3, 2]),
        ({"action": "sign_in"}, [2, 1]),  # the _ is no wildcard, and half a word is none
        ({"action": "sign_in.failed"}, [2]),
        ({"action": "sign"}, []),
        ({"action": "%"}, []),
        ({"action": ""}, []),
        ({"period": Period(START + DAY, START + 3 * DAY)}, [3, 2]),
        ({"period": Period(START, START)}, []),
        ({"action": "role", "actor_id": 5, "period": Period(START, START + 9 * DAY)}, [3]),
        ({"actor_id": 99}, []),
    ],
)
def test_entries_are_found_newest_first(recorded: Engine, asked: dict[str, Any], expected: list[int]) -> None:
    with session_scope(recorded) as session:
        matched, rows = entries_page(session, ALL, **asked)
    assert [row["number"] for row in rows] == expected
    assert matched == len(expected)


def test_a_page_is_part_of_them_and_a_row_is_told_whole(recorded: Engine) -> None:
    with session_scope(recorded) as session:
        matched, rows = entries_page(session, Page(2, 2))
    assert (matched, [row["number"] for row in rows]) == (7, [5, 4])
    assert rows[0] == {
        "number": 5,
        "at": START + 4 * DAY,
        "actor": "person",
        "actor_id": 7,
        "action": "track.read",
        "subject": "person",
        "subject_id": 6,
        "detail": {"purpose": "投诉核查"},
    }


def test_a_person_finds_who_looked(recorded: Engine) -> None:
    with session_scope(recorded) as session:
        matched, rows = about(session, 6, Page(2, 0))
        assert about(session, 5, ALL) == (0, [])
    assert (matched, [row["number"] for row in rows]) == (3, [5, 3])


@pytest.mark.parametrize("spoilt", ["", "{", "[1]", "null"])
def test_a_spoilt_detail_is_shown_as_it_stands(engine: Engine, spoilt: str) -> None:
    fill_chain(engine, 1)
    with forging(engine) as connection:
        connection.execute(text("UPDATE audit_entries SET detail = :spoilt"), {"spoilt": spoilt})
    with session_scope(engine) as session:
        assert entries_page(session, ALL)[1][0]["detail"] == {"?": spoilt}
