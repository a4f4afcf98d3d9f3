"""Follow-up visits over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path

from gisgrid.database import ReadSession, WriteSession
from gisgrid.incidents.visits.follow_up import Visit, follow_up, follow_ups
from gisgrid.incidents.visits.schemas import FollowUpCreate, FollowUpEntry
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api/incidents/{identifier}/follow-ups", tags=["incidents"])
Identifier = Annotated[int, Path(ge=1, le=2**53)]


@router.get("")
def get_follow_ups(session: ReadSession, identifier: Identifier) -> list[FollowUpEntry]:
    """List the follow-up visits of an incident in their order."""
    return [FollowUpEntry.model_validate(each) for each in follow_ups(session, identifier)]


@router.post("", openapi_extra=one_schema(FollowUpCreate))
def post_follow_up(session: WriteSession, asker: Asker, identifier: Identifier, body: JsonBody) -> list[FollowUpEntry]:
    """Put a follow-up visit on record, by the desk or supervision and never by whoever did the work; answer all."""
    sent = read_one(FollowUpCreate, body)
    follow_up(session, asker, identifier, Visit(**sent.model_dump()))
    return [FollowUpEntry.model_validate(each) for each in follow_ups(session, identifier)]
