"""The door for phones, `/ingest/{protocol}`: as little as possible stands between a delivery and its commit.

It is none of FastAPI's routes, whose machinery takes longer than the storing. Its guard is the token that each delivery
shows: in the path after the protocol, as `?token=`, as the password of Basic or as Bearer.
"""

import asyncio
import base64
import binascii
import zlib
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gisgrid.errors import NotFound
from gisgrid.intake.writer import Writer
from gisgrid.patrols.arrival.ingest import Consignment, Taken, UnknownToken, unknown_token
from gisgrid.patrols.trackers.protocols import PROTOCOLS
from gisgrid.patrols.trackers.reading import Delivery, Protocol, Sent
from gisgrid.settings import Settings
from gisgrid.staff.connection import require_private

PREFIX: Final = "/ingest"
METHODS: Final = ("GET", "POST")
COUNTED: Final = ("json", "file")
"""Protocols of ours, whose senders are told how many items became what."""
ENCODINGS: Final = ("gzip", "x-gzip", "deflate")
GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
LONG: Final = 32_768
"""Bytes of a body from which on reading it would keep other connections waiting."""

Pairs = list[tuple[str, str]]


class NoSuchProtocol(NotFound):
    """The address names no protocol."""


class Door:
    """Takes what is sent below PREFIX."""

    def __init__(self, writer: Writer[Consignment, Taken], settings: Settings) -> None:
        self._writer = writer
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises what is told by the handlers of the application around it."""
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        name, _, words = request.scope["path"].removeprefix(PREFIX).strip("/").partition("/")
        protocol = _protocol(name)
        if request.method not in METHODS:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(METHODS)})
        query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        words = words or _shown(request, query)
        require_private(request)
        received_at = datetime.now(UTC)
        delivery = await self._read(protocol, request, query, received_at)
        consignment = Consignment(received_at, words, name, delivery)
        taken = await self._writer.stored(consignment, consignment.size)
        if isinstance(taken, UnknownToken):
            raise taken
        if name in COUNTED:
            return JSONResponse({"result": "ok", **taken.counts})
        return Response(protocol.answer, media_type=protocol.media_type)

    def _plain(self, body: bytes, encoding: str) -> bytes:
        return _inflated(body, self._settings.max_body_bytes) if encoding.lower() in ENCODINGS else body

    async def _read(self, protocol: Protocol, request: Request, query: Pairs, received_at: datetime) -> Delivery:
        said = dict(query)
        sent = Sent(
            body=self._plain(await request.body(), request.headers.get("content-encoding", "")),
            query=[(key, value) for key, value in query if key != "token"],
            content_type=request.headers.get("content-type", ""),
            received_at=received_at,
            file_name=said.get("name"),
            zone=self._settings.zone,
        )
        return await asyncio.to_thread(protocol.read, sent) if len(sent.body) > LONG else protocol.read(sent)


def _inflated(body: bytes, most: int) -> bytes:
    """Return what was compressed, if it is sound and no longer than allowed; else the body as it came."""
    engine = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        plain = engine.decompress(body, most)
    except zlib.error:
        return body
    return plain if engine.eof else body


def _protocol(name: str) -> Protocol:
    protocol = PROTOCOLS.get(name)
    if protocol is None:
        raise NoSuchProtocol(
            f"没有这个上报地址;可用:{PREFIX}/ 后接 {'、'.join(PROTOCOLS)}",
            f"there is no such address to deliver to; after {PREFIX}/ stands one of {', '.join(PROTOCOLS)}",
        )
    return protocol


def _shown(request: Request, query: Pairs) -> str:
    """Return the words of the token that a request shows outside its path. Raises UnknownToken."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    words = dict(query).get("token") or (_password(value) if scheme.lower() == "basic" else value.strip())
    if not words:
        raise unknown_token()
    return words


def _password(value: str) -> str:
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]
