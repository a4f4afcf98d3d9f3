"""HTTP/1.1 over one connection that is kept: whoever loads a service must be lighter than it is."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple


class Request(NamedTuple):
    """What is sent; `target` is the path with its query."""

    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "POST"


class Answer(NamedTuple):
    """What came back; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """Refused, cut off half-way or not in time: nobody knows whether the request was carried out."""


class Line:
    """A connection to a port of this machine, made anew when it is gone."""

    def __init__(self, port: int, patience_s: float = 30) -> None:
        self.port = port
        self.patience_s = patience_s
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> Answer:
        """Return the answer to a request. Raises NoAnswer."""
        answer = None
        try:
            async with asyncio.timeout(self.patience_s):
                answer = await self._ask(request)
        except (OSError, EOFError) as error:
            raise NoAnswer from error
        finally:
            if answer is None or answer.headers.get("connection") == "close":
                self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            with suppress(RuntimeError):  # its loop is over
                self._ends[1].close()
            self._ends = None

    async def _ask(self, request: Request) -> Answer:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._ends
        writer.write(self._written(request))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    def _written(self, request: Request) -> bytes:
        given = {"Host": f"127.0.0.1:{self.port}", **request.headers, "Content-Length": str(len(request.body))}
        lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body
