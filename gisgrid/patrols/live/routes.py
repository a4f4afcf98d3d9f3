"""What goes on now, over HTTP: as a stream of server-sent events, or asked for again and again."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from threading import Event
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from gisgrid.database import ReadSession
from gisgrid.errors import Unavailable
from gisgrid.patrols.live.watch import Source, States, Watch, changes, event
from gisgrid.patrols.reading import require_purpose
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import PurposeQuery

router = APIRouter(prefix="/api/live", tags=["live"])

LOOK_S: Final = 1.0
QUIET_S: Final = 15.0
"""After so long without an event a comment shows that the connection stands."""
RETRY_MS: Final = 3000
EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}

OnlyQuery = Annotated[
    list[Annotated[str, Query(max_length=200)]],
    Query(max_length=20, description="names of sources, one by one or with commas"),
]

log = structlog.get_logger()


class Live(BaseModel):
    """What goes on now: a state for each source that one may watch, by its name."""

    at: datetime
    states: dict[str, dict[str, Any]]


class Events(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get("", response_class=Events, responses=EVENTS)
def get_live(
    request: Request,
    session: ReadSession,
    caller: Asker,
    purpose: PurposeQuery = None,
    only: OnlyQuery = [],  # noqa: B006
) -> Events:
    """Stream what goes on in one's cells: each event is named for its source and holds a merge patch of its state.

    `duty` counts who is on duty, `arrivals` the check-ins of today by cell. `rounds` counts, and `gaps`, by number, are
    open: for those who may see tracks. `alarms`, by number, `positions`, by patroller, and `doubts` tell persons:
    whoever may see tracks says for what `purpose`, which is recorded for everybody whose position is shown.
    `emergencies`, by number, and `incidents`, by id, those that moved last, are for those who may see incidents. `only`
    names some of them. The event `end` comes when one may watch no more.
    """
    sources = _asked_for(request, session, caller, purpose, only)
    content = _events(_watch(request, caller, sources), purpose, request.app.state.ending)
    return Events(content, headers={"X-Accel-Buffering": "no"})  # no proxy is to hold events back


@router.get("/now")
def get_live_now(
    request: Request,
    session: ReadSession,
    caller: Asker,
    purpose: PurposeQuery = None,
    only: OnlyQuery = [],  # noqa: B006
) -> Live:
    """Return what a stream would tell at first, for those who cannot keep one open."""
    sources = _asked_for(request, session, caller, purpose, only)
    return Live(at=datetime.now(UTC), states=_watch(request, caller, sources).look(purpose) or {})


def _asked_for(
    request: Request, session: Session, caller: Caller, purpose: str | None, only: list[str]
) -> tuple[Source, ...]:
    """Return the sources that are asked for, all if none is named. Raises PurposeNeeded where some tell persons."""
    names = {name for text in only for name in text.split(",")}
    sources = tuple(each for each in request.app.state.sources if not names or each.name in names)
    if any(each.tells_persons for each in sources):
        require_purpose(session, caller, None, purpose)
    return sources


def _watch(request: Request, caller: Caller, sources: tuple[Source, ...]) -> Watch:
    state = request.app.state
    return Watch(state.engine, state.settings, sources, caller)


async def _events(watch: Watch, purpose: str | None, ending: Event) -> AsyncIterator[str]:
    told: States = {}
    yield f"retry: {RETRY_MS}\n\n"
    quiet_since = time.monotonic()
    while True:
        states = await _looked(watch, purpose, told)
        if states is None:
            yield event("end", {})
            return
        for name, patch in changes(told, states):
            quiet_since = time.monotonic()
            yield event(name, patch)
        told = states
        if ending.is_set():
            return
        if time.monotonic() - quiet_since >= QUIET_S:
            quiet_since = time.monotonic()
            yield ":\n\n"
        await asyncio.sleep(LOOK_S)


async def _looked(watch: Watch, purpose: str | None, told: States) -> States | None:
    """Look once more; while the database cannot be asked, nothing has changed."""
    try:
        return await run_in_threadpool(watch.look, purpose)
    except (OperationalError, Unavailable) as error:
        log.warning("live", error=type(error).__name__)
        return told
