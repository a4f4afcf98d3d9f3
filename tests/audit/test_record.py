import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.audit.chain import START, hash_of, in_utc
from gisgrid.audit.finding import entries_page
from gisgrid.audit.record import OPERATOR, PROGRAM, Actor, HeadGone, record
from gisgrid.audit.tables import AuditEntry, AuditHead
from gisgrid.database import make_engine, session_scope
from gisgrid.parameters import Page
from tests.audit.builders import PERSON, fill_chain, forging, found
from tests.doses import dose

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in ("session", "actor", "action"))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - its bounds


def entries(engine: Engine) -> list[AuditEntry]:
    with session_scope(engine) as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def test_the_first_entry_begins_the_chain_and_the_next_follows(engine: Engine) -> None:
    begun = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        record(session, PERSON, "role.granted", ("person", 9), role="auditor", cells=["440307009", None])
        record(session, PROGRAM, "grid.replaced", ("layer_set", 2))
        record(session, OPERATOR, "export")
    first, second, third = entries(engine)
    assert begun <= first.at <= second.at <= third.at <= datetime.now(UTC)
    assert (first.number, first.actor, first.actor_id, first.action) == (1, "person", 7, "role.granted")
    assert (first.subject, first.subject_id) == ("person", 9)
    assert first.detail == '{"cells":["440307009",null],"role":"auditor"}'
    assert (second.number, second.actor, second.actor_id, second.detail) == (2, "program", None, "{}")
    assert (third.actor, third.subject, third.subject_id) == ("operator", None, None)
    assert [first.previous_hash, second.previous_hash] == [START, first.hash]
    for entry in (first, second, third):
        fields = {column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns}
        assert hash_of({**fields, "at": in_utc(entry.at)}) == entry.hash
    with session_scope(engine) as session:
        assert [(head.number, head.hash) for head in session.scalars(select(AuditHead))] == [(3, third.hash)]


def test_an_act_that_fails_leaves_no_entry_and_no_gap(engine: Engine) -> None:
    def fail() -> None:
        with session_scope(engine, write=True) as session:
            record(session, PERSON, "export")
            session.execute(text("SELECT 1 FROM nonesuch"))

    fill_chain(engine, 1)
    with pytest.raises(DBAPIError, match="nonesuch"):
        fail()
    fill_chain(engine, 1)
    assert [entry.number for entry in entries(engine)] == [1, 2]
    assert found(engine) == []


def test_a_session_that_would_lose_the_entry_is_refused(engine: Engine) -> None:
    with session_scope(engine) as session, pytest.raises(RuntimeError, match="does not commit"):
        record(session, PERSON, "track.read")


@pytest.mark.parametrize("value", [{"a": 1}, (1, 2), [[1]], datetime(2026, 1, 1, tzinfo=UTC), b"x", {1}])
def test_a_detail_of_another_kind_is_refused(engine: Engine, value: Any) -> None:
    with session_scope(engine, write=True) as session, pytest.raises(TypeError, match="what: "):
        record(session, PERSON, "export", None, what=value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_detail_that_json_cannot_hold_is_refused(engine: Engine, value: float) -> None:
    with session_scope(engine, write=True) as session, pytest.raises(ValueError, match="JSON"):
        record(session, PERSON, "export", None, what=value)


def test_whatever_is_recorded_is_found_whole_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=dose(10), suppress_health_check=[HealthCheck.too_slow])
    @given(MOMENTS, st.none() | st.integers(0, 2**62), st.dictionaries(NAMES, PLAIN | st.lists(PLAIN), max_size=4))
    def check(moment: datetime, identifier: int | None, detail: dict[str, Any]) -> None:
        detail.pop("subject", None)
        monkeypatch.setattr("gisgrid.audit.record.now", lambda: moment)
        with session_scope(engine, write=True) as session:
            record(session, Actor("device", identifier), "export", ("day", 2**62), **detail)
        with session_scope(engine) as session:
            _, (newest,) = entries_page(session, Page(1, 0))
        assert (newest["at"], newest["actor_id"], newest["detail"]) == (moment, identifier, detail)

    check()
    assert found(engine) == []


def test_many_writers_at_once_make_one_chain(database_url: str, engine: Engine) -> None:
    writers, each = 8, 20
    errors: list[BaseException] = []
    ready = threading.Barrier(writers)

    def write(number: int) -> None:
        mine = make_engine(database_url)
        try:
            ready.wait()
            for _ in range(each):
                with session_scope(mine, write=True) as session:
                    record(session, Actor("person", number), "sign_in")
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            errors.append(error)
        finally:
            mine.dispose()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [entry.number for entry in entries(engine)] == list(range(1, writers * each + 1))
    assert found(engine) == []


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_a_second_writer_waits_for_the_first_to_commit(engine: Engine) -> None:
    fill_chain(engine, 1)
    with session_scope(engine, write=True) as first, session_scope(engine, write=True) as second:
        record(first, PERSON, "sign_in")
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            record(second, PERSON, "sign_in")
        second.rollback()
    assert [entry.number for entry in entries(engine)] == [1, 2]


def test_without_its_head_nothing_is_recorded(engine: Engine) -> None:
    fill_chain(engine, 2)
    with forging(engine) as connection:
        connection.execute(text("DELETE FROM audit_head"))
    for _ in range(2):
        with pytest.raises(HeadGone, match="gisgrid audit verify"):
            fill_chain(engine, 1)
    assert found(engine) == [(2, "end")]


def test_an_entry_costs_half_a_millisecond_of_computing_beside_its_three_statements(engine: Engine) -> None:
    entries, statements = [], []
    with Session(engine.execution_options(write=True)) as session:
        for _ in range(200):
            begun = time.thread_time()  # waiting, for the database or the machine, is not counted
            record(session, PERSON, "sign_in", ("person", 1), way="password")
            recorded = time.thread_time()
            for number in range(3):
                session.execute(text(f"SELECT {number}"))
            entries.append(recorded - begun)
            statements.append(time.thread_time() - recorded)
    assert min(entries) < min(statements) + 0.0005
