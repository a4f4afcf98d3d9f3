"""Phones at work: each sends the head of its queue until it is taken, and knows what it was told, and when."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice

import numpy as np

from tests.endurance.clients import Client, Verdict, a_fix
from tests.endurance.wire import Line, NoAnswer, Request

PATIENCE_S = 120
NO_ANSWER = 0
"""Stands for a status where nothing came back."""


class Phone:
    """A phone with the fixes of some numbers to send, perhaps without end.

    `taken` says of each number when the phone knew that it need not keep it (`time.monotonic`); `answers` counts
    statuses, `impatient` those answers of 503 that do not say when to come again.
    """

    def __init__(self, client: Client, line: Line, token: str, numbers: Iterable[int], wait_s: float = 0.1) -> None:
        self.client, self.line, self.token, self.wait_s = client, line, token, wait_s
        self.head: list[int] = []
        self.sent: list[int] = []
        self.taken: dict[int, float] = {}
        self.thrown_away: list[int] = []
        self.answers: Counter[int] = Counter()
        self.impatient = 0
        self.when_taken: Callable[[], object] = bool
        self._numbers = iter(numbers)

    async def run(self) -> None:
        """Send all there is; go on where it was broken off."""
        try:
            while self.head or self._next():
                await self._be_rid_of_head()
        finally:
            self.line.close()

    def _next(self) -> bool:
        self.head = list(islice(self._numbers, self.client.most))
        self.sent += self.head
        return bool(self.head)

    async def _be_rid_of_head(self) -> None:
        fixes = [a_fix(number, self.client.step) for number in self.head]
        request = self.client.say(self.client.path, self.token, fixes)
        for attempt in count(1):
            verdict = await self._try(request)
            if verdict != "kept" or attempt == self.client.tries:
                break
            await asyncio.sleep(self.wait_s)
        if verdict == "taken":
            self.taken.update(dict.fromkeys(self.head, time.monotonic()))
            self.when_taken()
        else:
            self.thrown_away += self.head
        self.head = []

    async def _try(self, request: Request) -> Verdict:
        try:
            answer = await self.line.ask(request)
        except NoAnswer:
            self.answers[NO_ANSWER] += 1
            return "kept"
        self.answers[answer.status] += 1
        self.impatient += answer.status == 503 and "retry-after" not in answer.headers
        return self.client.judge(answer)


def phones_of(client: Client, port: int, tokens: Sequence[str], batch: int = 20) -> list[Phone]:
    """Return phones that never come to an end; every other one sends several at a time."""
    kinds = (client, client.in_batches(batch))
    many = len(tokens)
    return [Phone(kinds[each % 2], Line(port), token, count(each, many)) for each, token in enumerate(tokens)]


@asynccontextmanager
async def at_work(phones: Iterable[Phone]) -> AsyncIterator[None]:
    """Let phones send for as long as the context lasts."""
    tasks = [asyncio.create_task(phone.run()) for phone in phones]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def told_more(phones: Sequence[Phone], more: int = 50) -> None:
    """Wait until phones know of so many more fixes that they are taken. Raises TimeoutError."""
    enough = _told(phones) + more
    await _until(lambda: _told(phones) >= enough)


async def at_an_answer(phones: Sequence[Phone], act: Callable[[], object]) -> None:
    """Act at the very moment at which some phone is told that something is taken."""
    heard = asyncio.Event()

    def once() -> None:
        if not heard.is_set():
            heard.set()
            act()

    for phone in phones:
        phone.when_taken = once
    async with asyncio.timeout(PATIENCE_S):
        await heard.wait()


async def refused(phones: Sequence[Phone]) -> None:
    """Wait until a phone is told to come again later. Raises TimeoutError."""
    await _until(lambda: answers(phones)[503] > 0)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - no one of the phones knows when it is
            await asyncio.sleep(0.01)


def _told(phones: Iterable[Phone]) -> int:
    return sum(len(phone.taken) for phone in phones)


async def send_all_again(phones: Iterable[Phone], rng: np.random.Generator) -> None:
    """Let each phone send all that it ever sent, in another order, a hundred at a time; all of it must be taken."""
    again = [
        Phone(phone.client.in_batches(100), Line(phone.line.port), phone.token, rng.permutation(phone.sent).tolist())
        for phone in phones
    ]
    await asyncio.gather(*(phone.run() for phone in again))
    for phone in again:
        assert (phone.thrown_away, phone.taken.keys()) == ([], set(phone.sent))


def acknowledged(phones: Iterable[Phone], before_s: float = float("inf")) -> set[int]:
    """Return the numbers that phones knew to be taken before a moment (`time.monotonic`)."""
    return {number for phone in phones for number, at_s in phone.taken.items() if at_s < before_s}


def answers(phones: Iterable[Phone]) -> Counter[int]:
    """Return how often each status came back."""
    return sum((phone.answers for phone in phones), Counter())
