"""Publications over HTTP: for everybody what is for them, for those who may plan what is for their cells."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.database import ReadSession, WriteSession
from gisgrid.parameters import Page, PageQuery
from gisgrid.publications.own import confirm, mine, see, unread_count
from gisgrid.publications.publish import publish, withdraw
from gisgrid.publications.receipts import published, receipts_of
from gisgrid.publications.schemas import (
    OwnPublication,
    OwnPublications,
    PublicationCreate,
    Published,
    PublishedList,
    ReceiptRecord,
    Receipts,
)
from gisgrid.staff.caller import Asker, Caller
from gisgrid.wire import JsonBody, one_schema, read_one

router = APIRouter(prefix="/api/publications", tags=["publications"])

PublicationId = Annotated[int, Path(ge=1, le=2**53)]
UnreadQuery = Annotated[bool, Query(alias="unread", description="the unread alone")]
OverQuery = Annotated[bool, Query(alias="over", description="those too that are over")]


@router.get("")
def get_publications(
    session: ReadSession, caller: Asker, page: PageQuery, is_unread: UnreadQuery = False, is_over: OverQuery = False
) -> OwnPublications:
    """List the publications in force that are for oneself, the unread first. To list them is not to have seen them."""
    return _own(session, caller, page, is_unread=is_unread, is_over=is_over)


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(PublicationCreate))
def post_publication(session: WriteSession, caller: Asker, body: JsonBody) -> Published:
    """Publish something to the staff of a cell in which one may make plans, and of those below it."""
    sent = read_one(PublicationCreate, body)
    return _published(session, publish(session, Actor("person", caller.person), sent.wish))


@router.get("/published")
def get_published(session: ReadSession, page: PageQuery) -> PublishedList:
    """List the publications of the cells in which one may make plans, the newest first."""
    matched, rows = published(session, page)
    found = [Published.model_validate(row) for row in rows]
    return PublishedList(publications=found, numberMatched=matched, numberReturned=len(found))


@router.get("/{publication_id}/receipts")
def get_receipts(session: ReadSession, publication_id: PublicationId) -> Receipts:
    """List who has seen and confirmed a publication of one's cells, and who has not; these first."""
    noted = [ReceiptRecord.model_validate(each) for each in receipts_of(session, publication_id)]
    return Receipts(publication=_published(session, publication_id), receipts=noted)


@router.post("/{publication_id}/seen")
def post_seen(session: WriteSession, caller: Asker, publication_id: PublicationId) -> OwnPublications:
    """Say that one has seen a publication; the first time counts. Answers with what is still unread."""
    see(session, caller.person or 0, [publication_id])
    return _own(session, caller, Page(1000, 0), is_unread=True)


@router.post("/{publication_id}/confirm")
def post_confirmation(session: WriteSession, caller: Asker, publication_id: PublicationId) -> OwnPublications:
    """Confirm a publication; the first time counts. Answers with what is still unread."""
    confirm(session, caller.person or 0, publication_id)
    return _own(session, caller, Page(1000, 0), is_unread=True)


@router.post("/{publication_id}/withdraw")
def post_withdrawal(session: WriteSession, caller: Asker, publication_id: PublicationId) -> Published:
    """Withdraw a publication of one's cells: nobody is shown it any more."""
    withdraw(session, Actor("person", caller.person), publication_id)
    return _published(session, publication_id)


def _own(session: Session, caller: Caller, page: Page, *, is_unread: bool, is_over: bool = False) -> OwnPublications:
    person = caller.person or 0
    matched, rows = mine(session, person, page, is_unread=is_unread, is_over=is_over)
    return OwnPublications(
        publications=[OwnPublication.model_validate(row) for row in rows],
        unread=unread_count(session, person),
        numberMatched=matched,
        numberReturned=len(rows),
    )


def _published(session: Session, publication_id: int) -> Published:
    return Published.model_validate(published(session, Page(1, 0), [publication_id])[1][0])
