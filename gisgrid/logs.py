"""The log: one JSON object a line on standard error, without bodies, queries, positions, tokens or names."""

import logging
import re
import sys
import time
import traceback
import uuid
from contextlib import suppress
from typing import TextIO, cast

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

FRAMES = 12
CALLER_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
MAX_PATH = 200
TOKEN = re.compile(r"gg_[a-z]+_[\w-]+")
"""A credential, which phones may show in the path of their address."""

log = structlog.get_logger()


def _where(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Tell an exception by its class and its place: its words may hold what a person sent."""
    given = event.pop("exc_info", None)
    found: ExcInfo | None = sys.exc_info() if given is True else given  # type: ignore[assignment]
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if found and found[0]:
        event["error"] = found[0].__name__
        frames = traceback.extract_tb(found[2])[-FRAMES:]
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


class _Unfailing:
    """A stream for those who have better to do than to fail because a log cannot be written, on a full disk say."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> None:
        with suppress(OSError):
            self._stream.write(words)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure_logs() -> None:
    """Send this process's log, and that of its libraries, to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where,
    ]
    last = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing(sys.stderr))),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.WARNING)


class RequestLog:
    """Logs each request's method, path, status and duration under an id, which the answer carries as X-Request-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if CALLER_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status = 0
        begun = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            status = 500
            log.exception("failure")
            raise
        finally:
            took_ms = round(1000 * (time.perf_counter() - begun), 1)
            path = TOKEN.sub("gg_…", scope["path"][:MAX_PATH])
            log.info("request", method=scope["method"], path=path, status=status, took_ms=took_ms)
            structlog.contextvars.unbind_contextvars("request_id")
