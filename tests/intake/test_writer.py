"""Requests that wait share a commit; each is answered after it, and what fails fails alone."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import Unavailable
from gisgrid.intake import writer as writing
from gisgrid.intake.writer import Busy, Writer
from gisgrid.patrols.tables import Patroller


class Ledger:
    """Stores names, when it is let; remembers what it was handed at once."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.has_begun = threading.Event()
        self.may_go_on.set()

    def __call__(self, session: Session, names: Sequence[str]) -> list[str]:
        self.batches.append(list(names))
        self.has_begun.set()
        assert self.may_go_on.wait(10)
        if "down" in names:
            raise OperationalError("SELECT", {}, Exception("gone"))
        if "bad" in names:
            raise ValueError("bad")
        session.add_all(Patroller(ref=name) for name in names)
        return [name.upper() for name in names]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def writer(engine: Engine, ledger: Ledger) -> Iterator[Writer[str, str]]:
    made: Writer[str, str] = Writer(engine, ledger)
    yield made
    ledger.may_go_on.set()
    made.stop()


def kept(engine: Engine) -> list[str]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Patroller.ref).order_by(Patroller.id)))


def crowd(writer: Writer[str, str], ledger: Ledger, *names: str) -> list[Any]:
    """Send one, and the others while it is being stored; return what became of each."""
    ledger.may_go_on.clear()
    with ThreadPoolExecutor(len(names)) as pool:
        sent = []
        for number, name in enumerate(names):
            sent.append(pool.submit(writer.store, name, 1))
            while len(writer._waiting) < number or not ledger.has_begun.wait(10):
                pass
        ledger.may_go_on.set()
        return [each.exception() or each.result() for each in sent]


def test_what_waits_is_stored_together(writer: Writer[str, str], ledger: Ledger, engine: Engine) -> None:
    assert crowd(writer, ledger, "a", "b", "c", "d") == ["A", "B", "C", "D"]
    assert ledger.batches == [["a"], ["b", "c", "d"]]
    assert kept(engine) == ["a", "b", "c", "d"]


def test_one_is_answered_once_it_is_committed(writer: Writer[str, str], engine: Engine) -> None:
    assert writer.store("a", 1) == "A"
    assert kept(engine) == ["a"]


def test_what_fails_fails_alone(writer: Writer[str, str], ledger: Ledger, engine: Engine) -> None:
    first, second, bad, last = crowd(writer, ledger, "a", "b", "bad", "c")
    assert (first, second, last) == ("A", "B", "C")
    assert isinstance(bad, ValueError)
    assert kept(engine) == ["a", "b", "c"]


def test_a_database_that_is_gone_is_not_asked_for_each(writer: Writer[str, str], ledger: Ledger) -> None:
    _, *others = crowd(writer, ledger, "a", "b", "down", "c")
    assert all(isinstance(other, Unavailable) for other in others)
    assert ledger.batches == [["a"], ["b", "down", "c"]]


def test_more_than_can_wait_is_told_to_come_again(
    writer: Writer[str, str], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 2)
    ledger.may_go_on.clear()
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(writer.store, "a", 9)]
        assert ledger.has_begun.wait(10)
        sent += [pool.submit(writer.store, name, 1) for name in ("b", "c")]
        while len(writer._waiting) < 2:
            pass
        with pytest.raises(Busy) as told:
            writer.store("d", 1)
        assert told.value.retry_after_s > 0
        ledger.may_go_on.set()
        assert [each.result() for each in sent] == ["A", "B", "C"]


def test_a_batch_is_bounded_but_takes_one_that_is_larger(
    writer: Writer[str, str], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_AT_ONCE", 2)
    assert crowd(writer, ledger, "a", "b", "c", "d") == ["A", "B", "C", "D"]
    assert ledger.batches == [["a"], ["b", "c"], ["d"]]
    assert writer.store("large", 7) == "LARGE"


def test_many_of_one_event_loop_are_answered(writer: Writer[str, str], engine: Engine) -> None:
    async def send() -> list[str]:
        return await asyncio.gather(*(writer.stored(f"n{number}", 1) for number in range(50)))

    assert asyncio.run(send()) == [f"N{number}" for number in range(50)]
    assert len(kept(engine)) == 50


def test_who_gives_up_harms_nobody(writer: Writer[str, str], ledger: Ledger, engine: Engine) -> None:
    ledger.may_go_on.clear()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.stored("a", 1), 0.05)

    asyncio.run(give_up())
    ledger.may_go_on.set()
    assert writer.store("b", 1) == "B"
    assert kept(engine) == ["a", "b"]


def test_a_writer_that_stops_stores_what_waits_and_takes_no_more(
    writer: Writer[str, str], ledger: Ledger, engine: Engine
) -> None:
    assert crowd(writer, ledger, "a", "b") == ["A", "B"]
    writer.stop()
    with pytest.raises(Busy):
        writer.store("c", 1)
    assert kept(engine) == ["a", "b"]


def test_who_has_waited_too_long_is_told_to_come_again_and_what_was_sent_is_stored(
    writer: Writer[str, str], ledger: Ledger, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ANSWER_S", 0.05)
    ledger.may_go_on.clear()
    with pytest.raises(Busy):
        writer.store("a", 1)
    ledger.may_go_on.set()
    writer.stop()
    assert kept(engine) == ["a"]
