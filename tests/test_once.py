from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from gisgrid.database import session_scope
from gisgrid.once import AT_A_TIME, Status, store_once, table_of
from gisgrid.patrols.tables import Patroller
from tests.rows import DAWN, a_position, point

PEOPLE = table_of(Patroller)


def person(ref: str, name: str = "") -> dict[str, Any]:
    return {"ref": ref, "name": name}


def store(engine: Engine, *rows: dict[str, Any]) -> list[tuple[Status, str]]:
    with session_scope(engine, write=True) as session:
        return [(status, row["name"]) for status, row in store_once(session, PEOPLE, rows, ["ref"], ["name"])]


def names(engine: Engine) -> dict[str, str]:
    with session_scope(engine) as session:
        return dict(session.execute(select(PEOPLE.c.ref, PEOPLE.c.name)).all())


def test_the_first_is_stored_an_equal_one_repeated_another_in_conflict(engine: Engine) -> None:
    assert store(engine, person("a", "张"), person("b", "李")) == [("stored", "张"), ("stored", "李")]
    assert store(engine, person("b", "李"), person("a", "王"), person("c")) == [
        ("repeated", "李"),
        ("conflict", "张"),
        ("stored", ""),
    ]
    assert names(engine) == {"a": "张", "b": "李", "c": ""}


def test_rows_that_share_a_key_are_settled_in_their_order(engine: Engine) -> None:
    rows = [person("b"), person("a", "1"), person("a", "2"), person("a", "1")]
    assert store(engine, *rows) == [("stored", ""), ("stored", "1"), ("conflict", "1"), ("repeated", "1")]


def test_each_row_comes_with_its_own_id(engine: Engine) -> None:
    rows = [person(f"{number:05}") for number in reversed(range(AT_A_TIME + 3))]
    for _ in range(2):
        with session_scope(engine, write=True) as session:
            kept = {row["ref"]: row["id"] for _, row in store_once(session, PEOPLE, rows, ["ref"])}
        with session_scope(engine) as session:
            assert kept == dict(session.execute(select(PEOPLE.c.ref, PEOPLE.c.id)).all())


def test_nothing_to_store(engine: Engine) -> None:
    assert store(engine) == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("12")), max_size=6), max_size=4))
def test_whatever_arrives_the_first_of_each_key_stays(engine: Engine, batches: list[list[tuple[str, str]]]) -> None:
    with session_scope(engine, write=True) as session:
        session.execute(delete(PEOPLE))
    kept: dict[str, str] = {}
    for batch in batches:
        told = []
        for ref, name in batch:
            told.append("stored" if ref not in kept else "repeated" if kept[ref] == name else "conflict")
            kept.setdefault(ref, name)
        assert [status for status, _ in store(engine, *(person(*row) for row in batch))] == told
        assert names(engine) == kept


def test_writers_at_once_in_any_order_lose_nothing_and_store_nothing_twice(engine: Engine) -> None:
    rows = [person(f"{number}") for number in range(200)]

    def write(number: int) -> int:
        mine = rows[number:] + rows[:number] if number % 2 else rows[::-1]
        return sum(status == "stored" for status, _ in store(engine, *mine))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(24))) == len(rows)
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(PEOPLE)) == len(rows)


def test_a_row_with_a_geometry_and_missing_values(engine: Engine) -> None:
    from gisgrid.incidents.tables import Incident

    row = {
        **{"key": "1", "client_id": "1", "kind": "L0101", "description": "", "reported_at": DAWN, "received_at": DAWN},
        **a_position(),
        **{"street_id": None, "community_id": None, "substation_id": None, "geometry": point().desc},
    }
    row["geometry"] = "SRID=4326;POINT(114.123456789012345 22.5)"
    with session_scope(engine, write=True) as session:
        ((status, kept),) = store_once(session, table_of(Incident), [row], ["key"])
    with session_scope(engine) as session:
        x = session.scalar(select(func.ST_X(Incident.geometry)).where(Incident.id == kept["id"]))
    assert (status, x) == ("stored", 114.123456789012345)


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_one_waits_for_the_other_and_then_repeats(engine: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with session_scope(engine, write=True) as session:
            store_once(session, PEOPLE, [person("a", "张")], ["ref"], ["name"])
            waiting = pool.submit(store, engine, person("a", "李"))
            assert not waiting.done()
        assert waiting.result() == [("conflict", "张")]
