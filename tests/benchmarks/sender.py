"""A process that sends: many connections, on each of which the next request goes out when the last is answered.

What it sends is made before the clock starts, and it reads no more of an answer than it must: whoever loads a service
must be lighter than it is.
"""

import asyncio
import multiprocessing
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import uvloop

from tests.benchmarks.walkers import Phone, Say, walk

CONNECTIONS = 32
PATIENCE_S = 60


@dataclass
class Sent:
    """What a round was: seconds of each answered request, its length, what the sender computed, answers by status."""

    latencies_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0
    statuses: Counter[bytes] = field(default_factory=Counter)


class _Connection(asyncio.Protocol):
    def __init__(self, requests: deque[bytes], sent: Sent, ends_at: float) -> None:
        self.requests, self.sent, self.ends_at = requests, sent, ends_at
        self.ended = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.begun = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        self.begun = time.perf_counter()
        if self.begun < self.ends_at and self.requests:
            self.transport.write(self.requests.popleft())
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.buffer.lower().find(b"content-length:", 0, head)
        length = int(self.buffer[at + 15 : self.buffer.find(b"\r\n", at)]) if at > 0 else 0
        if len(self.buffer) < head + 4 + length:
            return
        self.sent.latencies_s.append(time.perf_counter() - self.begun)
        self.sent.statuses[self.buffer[9:12]] += 1
        self.buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(exc)


async def _run(port: int, queues: Sequence[deque[bytes]], seconds: float) -> Sent:
    loop, sent = asyncio.get_running_loop(), Sent()
    begun, cpu = time.perf_counter(), time.process_time()
    made = [
        await loop.create_connection(lambda queue=queue: _Connection(queue, sent, begun + seconds), "127.0.0.1", port)
        for queue in queues
    ]
    await asyncio.gather(*(connection.ended for _, connection in made))
    sent.wall_s, sent.cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    return sent


def _serve(pipe: Any, port: int, phones: Sequence[tuple[int, Phone]], say: Say, size: int, start: Any) -> None:
    """Make requests and send them, as it is told through a pipe."""
    walks = [(phone, walk(number, start)) for number, phone in phones]
    queues: list[deque[bytes]] = [deque() for _ in range(min(CONNECTIONS, len(walks)))]
    places = [walks[number :: len(queues)] for number in range(len(queues))]
    turns = [0] * len(queues)
    while True:
        what, value = pipe.recv()
        if what == "make":
            for number, queue in enumerate(queues):
                while len(queue) < value:
                    phone, fixes = places[number][turns[number] % len(places[number])]
                    turns[number] += 1
                    queue.append(say(phone, list(islice(fixes, size))))
            pipe.send(None)
        else:
            pipe.send(uvloop.run(_run(port, queues, value)))


class Sender:
    """Phones that send to a port, `size` fixes at a time."""

    def __init__(self, port: int, phones: Sequence[tuple[int, Phone]], say: Say, size: int, start: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, port, phones, say, size, start), daemon=True)
        self._process.start()

    def make(self, requests: int) -> None:
        """Have so many requests ready on each connection."""
        self._ask("make", requests)

    def send(self, seconds: float) -> Sent:
        """Send for so many seconds, or until there is nothing more."""
        sent: Sent = self._ask("send", seconds)
        return sent

    def _ask(self, what: str, value: float) -> Any:
        self._pipe.send((what, value))
        if not self._pipe.poll(PATIENCE_S):
            raise TimeoutError
        return self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
