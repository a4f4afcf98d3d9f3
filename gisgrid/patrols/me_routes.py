"""What patrollers have a right to, over HTTP: the notice, consents, objections, and who looked at their track."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from gisgrid.database import ReadSession, WriteSession
from gisgrid.errors import Conflict
from gisgrid.parameters import Page, PageQuery
from gisgrid.patrols.doubts.objections import contest, objections_page, reply
from gisgrid.patrols.duty.consent import Covers, agree, consents_of, withdraw_consent
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.duty.schemas import (
    ConsentCreate,
    ConsentRecord,
    NoticeText,
    ObjectionCreate,
    ObjectionRecord,
    Objections,
    Reading,
    Readings,
    ReplyCreate,
)
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.reading import readers
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api", tags=["me"])
ONE = Page(1, 0)


class NoticeOutdated(Conflict):
    """A consent to a notice that has been replaced."""


@router.get("/notice")
def get_notice(request: Request) -> NoticeText:
    """Return the notice that patrollers accept before they are first signed on."""
    return NoticeText.model_validate(notice(request.app.state.settings), from_attributes=True)


@router.get("/me/consents")
def get_consents(session: ReadSession, caller: Asker) -> list[ConsentRecord]:
    """List what one has agreed to, the newest first."""
    found = consents_of(session, caller.person or 0)
    return [ConsentRecord.model_validate(each, from_attributes=True) for each in found]


@router.post("/me/consents", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(ConsentCreate))
def post_consent(request: Request, session: WriteSession, caller: Asker, body: JsonBody) -> ConsentRecord:
    """Agree to the notice, or to whole tracks being recorded."""
    sent = read_one(ConsentCreate, body)
    version = notice(request.app.state.settings).version
    if sent.version != version:
        raise NoticeOutdated(
            f"告知书已更新为 {version};请重新阅读 GET /api/notice",
            f"the notice is now {version}: read GET /api/notice again",
        )
    given = agree(session, actor_of(caller), caller.person or 0, sent.covers, version)
    return ConsentRecord.model_validate(given, from_attributes=True)


@router.delete("/me/consents/{covers}")
def delete_consent(session: WriteSession, caller: Asker, covers: Covers) -> ConsentRecord:
    """Withdraw a consent: to tracks, and none is taken any more; to the notice, and nobody can sign one on."""
    withdrawn = withdraw_consent(session, actor_of(caller), caller.person or 0, covers)
    return ConsentRecord.model_validate(withdrawn, from_attributes=True)


@router.get("/me/objections")
def get_own_objections(session: ReadSession, caller: Asker, page: PageQuery) -> Objections:
    """List one's own objections, the newest first, with their replies."""
    return _listed(*objections_page(session, page, person_id=caller.person))


@router.post("/me/objections", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(ObjectionCreate))
def post_objection(session: WriteSession, caller: Asker, body: JsonBody) -> ObjectionRecord:
    """Contest what became of a fix of one's own."""
    sent = read_one(ObjectionCreate, body)
    made = contest(session, actor_of(caller), caller.person or 0, sent.fix_id, sent.words)
    return _listed(*objections_page(session, ONE, objection_id=made)).objections[0]


@router.get("/objections")
def get_objections(session: ReadSession, page: PageQuery) -> Objections:
    """List the objections to what became of fixes in one's cells, the newest first."""
    return _listed(*objections_page(session, page))


@router.post("/objections/{objection_id}/reply", openapi_extra=one_schema(ReplyCreate))
def post_reply(
    session: WriteSession, caller: Asker, objection_id: Annotated[int, Path(ge=1, le=2**53)], body: JsonBody
) -> ObjectionRecord:
    """Answer an objection."""
    sent = read_one(ReplyCreate, body)
    reply(session, actor_of(caller), caller.person or 0, objection_id, sent.reply)
    return _listed(*objections_page(session, ONE, objection_id=objection_id)).objections[0]


def _listed(matched: int, rows: list[dict[str, object]]) -> Objections:
    found = [ObjectionRecord.model_validate(row) for row in rows]
    return Objections(objections=found, numberMatched=matched, numberReturned=len(found))


@router.get("/me/readers")
def get_readers(session: ReadSession, caller: Asker, page: PageQuery) -> Readings:
    """List who looked at one's track: when, who, as what and why, the newest first."""
    matched, rows = readers(session, caller.person or 0, page)
    found = [Reading.model_validate(row) for row in rows]
    return Readings(readings=found, numberMatched=matched, numberReturned=len(found))
