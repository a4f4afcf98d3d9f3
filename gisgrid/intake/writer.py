"""One writer for many requests: those that wait share a commit, and each is answered after it.

Its queue is bounded: beyond, whoever sends is told to come again, while what waits is still answered.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import Unavailable

MOST_AT_ONCE: Final = 2_000
"""Items in one commit, unless a single request holds more: some 100 ms, in which others wait."""
MOST_WAITING: Final = 20_000
"""Items that wait: a few seconds of work, so that whoever is let in is answered before a phone gives up."""
ANSWER_S: Final = 60

Work = TypeVar("Work")
Done = TypeVar("Done")
Act = Callable[[Session, Sequence[Work]], Sequence[Done]]


class Busy(Unavailable):
    """More is sent in than can be stored just now."""

    retry_after_s = 2


class _Waiting(NamedTuple, Generic[Work]):
    work: Work
    size: int
    future: "Future[Any] | asyncio.Future[Any]"


class Writer(Generic[Work, Done]):
    """Stores what requests hand it. `act` stores many at once and returns what became of each, in their order.

    What fails among others is tried again alone, so that it fails nobody else.
    """

    def __init__(self, engine: Engine, act: "Act[Work, Done]") -> None:
        self._engine = engine
        self._act = act
        self._waiting: deque[_Waiting[Work]] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._is_open = True
        self._thread: threading.Thread | None = None

    def stop(self) -> None:
        """Store what waits, and take no more."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def store(self, work: Work, size: int) -> Done:
        """Store work of so many items, from a thread; return what became of it. Raises Busy, and what `act` raises."""
        future: Future[Done] = Future()
        self._put(_Waiting(work, size, future))
        try:
            return future.result(ANSWER_S)
        except TimeoutError as error:  # it may be stored yet: sent again, it is a repeat
            raise _busy() from error

    async def stored(self, work: Work, size: int) -> Done:
        """Store work of so many items; return what became of it. Raises Busy, and what `act` raises."""
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._put(_Waiting(work, size, future))
        return await future

    def _put(self, waiting: _Waiting[Work]) -> None:
        with self._changed:
            if not self._is_open or (self._size and self._size + waiting.size > MOST_WAITING):
                raise _busy()
            self._waiting.append(waiting)
            self._size += waiting.size
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while batch := self._next():
            self._store(batch)

    def _next(self) -> list[_Waiting[Work]]:
        """Wait for work and return some of it, the first come first; nothing once all is done and no more will come."""
        batch: list[_Waiting[Work]] = []
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._is_open)
            size = 0
            while self._waiting and (not batch or size + self._waiting[0].size <= MOST_AT_ONCE):
                batch.append(self._waiting.popleft())
                size += batch[-1].size
            self._size -= size
        return batch

    def _store(self, batch: list[_Waiting[Work]]) -> None:
        try:
            with session_scope(self._engine, write=True) as session:
                done = list(self._act(session, [waiting.work for waiting in batch]))
        except (OperationalError, Unavailable) as error:  # one alone would meet it too
            _answer(batch, [error] * len(batch))
        except Exception as error:  # noqa: BLE001 - whoever waits for the answer raises it
            if len(batch) == 1:
                _answer(batch, [error])
            for waiting in batch if len(batch) > 1 else ():
                self._store([waiting])
        else:
            _answer(batch, done)


def _busy() -> Busy:
    return Busy("服务器繁忙,请稍后重发", "the service is busy: send it again shortly")


def _answer(batch: Sequence[_Waiting[Any]], results: Sequence[Any]) -> None:
    """Give each request its answer; those of one event loop are woken together."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for waiting, result in zip(batch, results, strict=True):
        if isinstance(waiting.future, Future):
            _settle([(waiting.future, result)])
        else:
            by_loop.setdefault(waiting.future.get_loop(), []).append((waiting.future, result))
    for loop, answered in by_loop.items():
        with suppress(RuntimeError):  # closed meanwhile: nobody waits
            loop.call_soon_threadsafe(_settle, answered)


def _settle(answered: "Sequence[tuple[Future[Any] | asyncio.Future[Any], Any]]") -> None:
    for future, result in answered:
        if future.done():  # given up
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
