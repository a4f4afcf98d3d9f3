"""Suggested rounds over HTTP."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.errors import Conflict
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.duty.shifts import on_duty
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.patrols.suggest.present import own_suggestion, suggestions_now
from gisgrid.patrols.suggest.schemas import SuggestionCreate, SuggestionRecord, Suggestions
from gisgrid.patrols.suggest.suggest import suggest
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing
from gisgrid.staff.caller import Asker, Caller
from gisgrid.staff.people import NoSuchPerson, person_called
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api", tags=["suggestions"])


class NobodyOnDuty(Conflict):
    """Nobody is signed on to the phone that asks."""


@router.post("/suggestions", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(SuggestionCreate))
def post_suggestion(request: Request, session: WriteSession, caller: Asker, body: JsonBody) -> SuggestionRecord:
    """Suggest a next round: for oneself, or for somebody who walks in the cells that one plans for.

    It visits the most of open gaps, rounds that are due and ground long unseen that fits into the time, drawn at random
    among what is nearly as good. It holds until the end of the day.
    """
    sent = read_one(SuggestionCreate, body)
    settings: Settings = request.app.state.settings
    own, now = _own(session, caller), datetime.now(UTC)
    person = own if sent.person is None else _called(session, sent.person)
    if person is None:
        raise NobodyOnDuty("请先签到,再要建议路线", "sign on first, then ask for a round")
    made = None
    if person == own:
        with seeing(session, Sight(person=person)):
            made = suggest(session, settings, actor_of(caller), person, sent.minutes, now, is_own=True)
            return suggestions_now(session, now, ids=(made.id,))[0]
    made = suggest(session, settings, actor_of(caller), person, sent.minutes, now, is_own=False)
    return suggestions_now(session, now, ids=(made.id,))[0]


@router.get("/suggestions")
def get_suggestions(session: ReadSession) -> Suggestions:
    """List the suggested rounds of today in one's cells, the newest first."""
    return Suggestions(suggestions=suggestions_now(session, datetime.now(UTC)))


@router.get("/me/suggestion")
def get_own_suggestion(session: ReadSession, caller: Asker) -> SuggestionRecord | None:
    """Return the round that is suggested today to whoever asks, or is signed on to the device; null for none."""
    person = _own(session, caller)
    return None if person is None else own_suggestion(session, person, datetime.now(UTC))


def _own(session: Session, caller: Caller) -> int | None:
    if caller.kind != "device":
        return caller.person
    duty = on_duty(session, token_id=caller.token)
    return None if duty is None else duty.person


def _called(session: Session, name: str) -> int:
    """Return the row of whoever signs in with a name; whether there is such a person is told to nobody else."""
    try:
        return person_called(session, name).id
    except NoSuchPerson as error:
        raise NoSuchPatroller("您的网格里没有这个巡查员", "nobody of that name walks in your cells") from error
