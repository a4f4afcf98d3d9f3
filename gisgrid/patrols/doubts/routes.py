"""Doubted fixes over HTTP: staff look, release and annotate; and what devices sent that is no fix."""

from http import HTTPStatus
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession, session_scope
from gisgrid.geometry import feature
from gisgrid.parameters import PageQuery, PeriodQuery
from gisgrid.patrols.doubts.review import annotate, decided, doubted_walkers, doubts_page, release, withdraw_release
from gisgrid.patrols.doubts.schemas import (
    FLAGS,
    DoubtedCollection,
    DoubtedFeature,
    DoubtedProperties,
    FixDecided,
    FlagQuery,
    NoteCreate,
    ReleaseCreate,
    UnreadItem,
    UnreadItems,
)
from gisgrid.patrols.doubts.unread import unread_page
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.fixes import as_told
from gisgrid.patrols.judge import doubts
from gisgrid.patrols.reading import note_reading, require_purpose
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, NameQuery, PurposeQuery, next_links, one_schema, read_one

router = APIRouter(prefix="/api", tags=["doubts"])

FixId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/doubts")
def get_doubts(
    request: Request,
    session: ReadSession,
    caller: Asker,
    page: PageQuery,
    flag: FlagQuery = None,
    cell: NameQuery = None,
    period: PeriodQuery = None,
    quarantined: bool = False,
    purpose: PurposeQuery = None,
) -> DoubtedCollection:
    """List the doubted fixes in one's cells by flag, cell and time of arrival, or those alone that are quarantined.

    One says for what `purpose`; it is recorded for everybody whose fixes match, as with check-ins.
    """
    require_purpose(session, caller, None, purpose)
    asked: dict[str, Any] = {"flag": FLAGS.get(flag or ""), "cell": cell, "period": period}
    matched, rows = doubts_page(session, page, is_quarantined=quarantined, **asked)
    whose = doubted_walkers(session, is_quarantined=quarantined, **asked)
    with session_scope(request.app.state.engine, write=True) as recording:  # before the answer goes out
        note_reading(recording, actor_of(caller), whose, purpose or "", but=caller.person)
    return DoubtedCollection(
        features=[_doubted(row, request.app.state.settings) for row in rows],
        numberMatched=matched,
        numberReturned=len(rows),
        links=next_links(request, page, matched),
    )


def _doubted(row: dict[str, Any], settings: Settings) -> DoubtedFeature:
    point = None if row["longitude"] is None else shapely.Point(row["longitude"], row["latitude"])
    told = {**as_told(row), "doubts": doubts(row["flags"], settings)}
    properties = {name: told[name] for name in DoubtedProperties.model_fields}
    return DoubtedFeature.model_validate(feature(point, properties, row["id"]))


@router.post("/fixes/{fix_id}/release", openapi_extra=one_schema(ReleaseCreate))
def post_release(request: Request, session: WriteSession, caller: Asker, fix_id: FixId, body: JsonBody) -> FixDecided:
    """Let a quarantined fix count. Nobody does so for their own; nor where there is no place, or the day is sealed."""
    sent = read_one(ReleaseCreate, body)
    release(session, request.app.state.settings, actor_of(caller), caller.person or 0, fix_id, sent.reason)
    return _decided(session, fix_id)


@router.delete("/fixes/{fix_id}/release")
def delete_release(request: Request, session: WriteSession, caller: Asker, fix_id: FixId) -> FixDecided:
    """Quarantine a fix again that was released."""
    withdraw_release(session, request.app.state.settings, actor_of(caller), caller.person or 0, fix_id)
    return _decided(session, fix_id)


@router.post("/fixes/{fix_id}/notes", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(NoteCreate))
def post_note(session: WriteSession, caller: Asker, fix_id: FixId, body: JsonBody) -> FixDecided:
    """Say something of a fix; its patroller sees it."""
    annotate(session, actor_of(caller), caller.person or 0, fix_id, read_one(NoteCreate, body).words)
    return _decided(session, fix_id)


def _decided(session: Session, fix_id: int) -> FixDecided:
    return FixDecided.model_validate(decided(session, fix_id))


@router.get("/unread")
def get_unread(
    request: Request, session: ReadSession, caller: Asker, page: PageQuery, purpose: PurposeQuery = None
) -> UnreadItems:
    """List what the devices of one's cells sent that is no fix, the newest first.

    What it was is shown where somebody was on duty: for what `purpose` is recorded for them, as with check-ins.
    """
    require_purpose(session, caller, None, purpose)
    found = unread_page(session, page, caller.person)
    with session_scope(request.app.state.engine, write=True) as recording:
        note_reading(recording, actor_of(caller), found.carriers, purpose or "", but=caller.person)
    items = [UnreadItem.model_validate(each) for each in found.items]
    return UnreadItems(items=items, numberMatched=found.matched, numberReturned=len(items))
