"""A server that answers as it is told to, to see what phones make of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.endurance.wire import Answer

Answering = Callable[[str, bytes], Answer | None]
"""From the target and the body of a request; None hangs up."""


@asynccontextmanager
async def answering(answer: Answering) -> AsyncIterator[int]:
    """Yield the port of a server on this machine."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while told := answer(*await _request(reader)):
                headers = f"Content-Length: {len(told.body)}\r\n"
                writer.write(f"HTTP/1.1 {told.status} Told\r\n{headers}\r\n".encode() + told.body)
        except EOFError:
            pass  # the phone has hung up
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)  # for those who have hung up to be let go


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    (length,) = (int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:"))
    return first.split(" ")[1], await reader.readexactly(length)
