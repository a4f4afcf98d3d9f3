"""Emergencies over HTTP: started, acknowledged, worked through, ended."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession, session_scope
from gisgrid.incidents.emergencies.alerting import acknowledge
from gisgrid.incidents.emergencies.nearest import note, purpose_of, unrecorded
from gisgrid.incidents.emergencies.present import Row, emergencies_page, emergency_shown, near_of
from gisgrid.incidents.emergencies.progress import end, say, tick
from gisgrid.incidents.emergencies.schemas import Emergencies, EmergencyEntry, EmergencyRecord, TaskDone, WordsCreate
from gisgrid.incidents.emergencies.start import start
from gisgrid.parameters import PageQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api", tags=["emergencies"])

Number = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/incidents/{identifier}/emergency")
def post_emergency(request: Request, session: WriteSession, asker: Asker, identifier: int) -> EmergencyRecord:
    """Start the contingency plan of an incident: all three levels and the plan's departments are alerted at once."""
    return _answer(request, session, asker, start(session, _settings(request), asker, identifier))


@router.get("/emergencies")
def get_emergencies(
    request: Request,
    session: ReadSession,
    asker: Asker,
    page: PageQuery,
    is_open: Annotated[bool, Query(alias="open")] = False,
) -> Emergencies:
    """List the emergencies of incidents that one may see, the newest first; with `open=true` those that run."""
    matched, rows = emergencies_page(session, _settings(request), asker.person, page, is_open=is_open)
    found = [EmergencyEntry.model_validate(row) for row in rows]
    return Emergencies(emergencies=found, numberMatched=matched, numberReturned=len(found))


@router.get("/emergencies/{number}")
def get_emergency(request: Request, session: ReadSession, asker: Asker, number: Number) -> EmergencyRecord:
    """Return an emergency: who was alerted and who acknowledged, the checklist, who is near, the time line.

    Whoever is near can see that their position was read.
    """
    shown = shown_and_noted(request, session, asker, number)
    return EmergencyRecord.model_validate(shown)


def shown_and_noted(request: Request, session: Session, caller: Caller, number: int) -> Row:
    """Return an emergency from a session that reads; that positions are read is recorded in one of its own, before."""
    now = datetime.now(UTC)
    shown = emergency_shown(session, _settings(request), caller, number, now)
    purpose, actor = purpose_of(shown["number"]), actor_of(caller)
    new = unrecorded(session, actor, near_of(shown), purpose, now)
    if new:
        with session_scope(request.app.state.engine, write=True) as writing:
            note(writing, actor, new, purpose, caller.person)
    return shown


@router.post("/emergencies/{number}/acknowledge")
def post_receipt(request: Request, session: WriteSession, asker: Asker, number: Number) -> EmergencyRecord:
    """Say that one has got the alert."""
    acknowledge(session, asker.person or 0, number, datetime.now(UTC))
    return _answer(request, session, asker, number)


@router.post("/emergencies/{number}/tasks/{task}/done", openapi_extra=one_schema(TaskDone))
def post_task(
    request: Request, session: WriteSession, asker: Asker, number: Number, task: Number, body: JsonBody
) -> EmergencyRecord:
    """Tick a task off; where somebody did before, it stays theirs."""
    tick(session, asker, number, task, read_one(TaskDone, body).words)
    return _answer(request, session, asker, number)


@router.post("/emergencies/{number}/words", openapi_extra=one_schema(WordsCreate))
def post_words(
    request: Request, session: WriteSession, asker: Asker, number: Number, body: JsonBody
) -> EmergencyRecord:
    """Add words to the record."""
    say(session, asker, number, read_one(WordsCreate, body).words)
    return _answer(request, session, asker, number)


@router.post("/emergencies/{number}/end", openapi_extra=one_schema(WordsCreate))
def post_end(request: Request, session: WriteSession, asker: Asker, number: Number, body: JsonBody) -> EmergencyRecord:
    """End an emergency, with words on how. The incident goes on by its own moves."""
    end(session, asker, number, read_one(WordsCreate, body).words)
    return _answer(request, session, asker, number)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _answer(request: Request, session: Session, caller: Caller, number: int) -> EmergencyRecord:
    """Return an emergency from a session that writes: that positions are read is recorded with the act."""
    now = datetime.now(UTC)
    shown = emergency_shown(session, _settings(request), caller, number, now)
    purpose, actor = purpose_of(shown["number"]), actor_of(caller)
    note(session, actor, unrecorded(session, actor, near_of(shown), purpose, now), purpose, caller.person)
    return EmergencyRecord.model_validate(shown)
