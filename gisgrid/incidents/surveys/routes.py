"""The satisfaction survey over HTTP."""

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.incidents.surveys.enter import Found, answers_of, enter, surveyed
from gisgrid.incidents.surveys.satisfaction import parse_month, satisfaction
from gisgrid.incidents.surveys.schemas import SatisfactionEntry, SurveyCreate, entry_of
from gisgrid.parameters import LocalZone
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.sight import sight_of
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, NameQuery, one_schema, read_one

router = APIRouter(prefix="/api/surveys", tags=["figures"])


@router.get("")
def get_surveys(session: ReadSession, zone: LocalZone, month: NameQuery = None) -> list[SatisfactionEntry]:
    """List the satisfaction of one's cells in a month (the current one, if none is given), by their codes."""
    return satisfactions(session, month or f"{datetime.now(zone):%Y-%m}")


@router.post("", openapi_extra=one_schema(SurveyCreate))
def post_survey(session: WriteSession, asker: Asker, zone: LocalZone, body: JsonBody) -> SatisfactionEntry:
    """Enter what a survey found in a cell for which one makes plans; answer what it comes to."""
    sent = read_one(SurveyCreate, body)
    enter(session, actor_of(asker), sight_of(session), Found(**sent.model_dump()), zone)
    return entry_of(sent.cell_code, satisfaction(answers_of(session, [sent.cell_code])[sent.cell_code], sent.month))


def satisfactions(session: Session, month: str) -> list[SatisfactionEntry]:
    """Return the satisfaction of the cells that the session answers for, in a month. Raises BadMonth."""
    first = parse_month(month)
    found = answers_of(session, surveyed(session, sight_of(session)))
    return [entry_of(code, satisfaction(answers, first)) for code, answers in found.items()]
