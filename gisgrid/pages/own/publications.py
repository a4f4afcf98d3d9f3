"""Publications: for everybody what is for them, to be confirmed; for those who may plan, a form and the receipts."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.pages.called import EVERYWHERE, Both, Called
from gisgrid.pages.forms import Line, Prose, RowId, Sender, actor_of
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page, parse_day
from gisgrid.publications.own import confirm, mine, see
from gisgrid.publications.publish import may_publish, publish, withdraw
from gisgrid.publications.receipts import published, receipts_of
from gisgrid.publications.schemas import PublicationCreate
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing
from gisgrid.staff.caller import Asker, Caller, sight_for
from gisgrid.wire import read_one

router = APIRouter(prefix="/publications", tags=["publications"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 20
ALL_CELLS: Final = "*"
"""What the form sends for all cells, so that nobody tells everybody by not choosing."""
EMPTY: Final = {"title": "", "words": "", "cell": "", "role": "", "must_confirm": "", "last_day": ""}
DONE: Final = {
    "made": Both("已发布", "published"),
    "confirmed": Both("已确认收到", "confirmed"),
    "withdrawn": Both("已撤回", "withdrawn"),
}

Show = Literal["current", "all"]
Done = Annotated[str, Query(max_length=20)]


class NothingSaid(Refused):
    """A publication without a title, words or a cell."""


@router.get("")
def get_publications(
    request: Request, caller: Asker, show: Show = "current", offset: OffsetQuery = 0, done: Done = ""
) -> HTMLResponse:
    """List what is published for oneself, the unread first: what is shown is seen. Below, what one may publish."""
    return _publications_page(request, caller, show, offset, done=DONE.get(done))


@router.post("")
def post_publication(
    request: Request,
    caller: Sender,
    title: Line = "",
    words: Prose = "",
    cell: Line = "",
    role: Line = "",
    must_confirm: Line = "",
    last_day: Line = "",
) -> Response:
    """Publish something. What is not taken is shown again, as it was typed."""
    given = locals()
    typed = {field: given[field] for field in EMPTY}
    settings: Settings = request.app.state.settings

    def publishing(session: Session) -> None:
        publish(session, actor_of(caller), read_one(PublicationCreate, _sent(typed, settings.zone)).wish)

    error = written(request, publishing)
    if error is None:
        return see_other("/publications?done=made")
    return _publications_page(request, caller, "current", 0, error=error, typed=typed)


@router.post("/{publication_id}/confirm")
def post_confirmation(request: Request, caller: Sender, publication_id: RowId) -> Response:
    """Confirm a publication."""
    error = written(request, lambda session: confirm(session, caller.person or 0, publication_id))
    if isinstance(error, GisgridError):
        return _publications_page(request, caller, "current", 0, error=error)
    return see_other("/publications?done=confirmed")


@router.post("/{publication_id}/withdraw")
def post_withdrawal(request: Request, caller: Sender, publication_id: RowId) -> Response:
    """Withdraw a publication."""
    error = written(request, lambda session: withdraw(session, actor_of(caller), publication_id))
    if isinstance(error, GisgridError):
        return _publications_page(request, caller, "current", 0, error=error)
    return see_other("/publications?done=withdrawn")


@router.get("/{publication_id}")
def get_receipts(request: Request, caller: Asker, publication_id: RowId) -> HTMLResponse:
    """Show who has seen and confirmed a publication of one's cells, and who has not."""
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        receipts = receipts_of(session, publication_id)
        called = Called(session)
        each = published(session, Page(1, 0), [publication_id])[1][0]
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "each": _told(each, called),
            "receipts": receipts,
        }
    return page(request, "own/publication.html", here="/publications", **values)


def _sent(typed: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Return what was typed as the body of a publication. Raises NothingSaid, BadDay."""
    words = typed["words"].replace("\r\n", "\n").strip()
    if not typed["title"] or not words or not typed["cell"]:
        raise NothingSaid("请填写标题和内容,并选择网格", "give it a title and words, and choose a cell")
    body = {"title": typed["title"], "words": words, "must_confirm": bool(typed["must_confirm"])}
    body |= {"cell": None if typed["cell"] == ALL_CELLS else typed["cell"], "role": typed["role"] or None}
    if typed["last_day"]:
        end = datetime.combine(parse_day(typed["last_day"]) + timedelta(days=1), time(), zone)
        body["ends_at"] = end.astimezone(UTC).isoformat()
    return body


def _publications_page(request: Request, caller: Caller, show: Show, offset: int, **told: Any) -> HTMLResponse:
    part = Page(AT_A_TIME, offset)
    own = Sight(person=caller.person)
    with session_scope(request.app.state.engine, sight=own) as session:
        matched, found = mine(session, caller.person or 0, part, is_over=show == "all")
    unseen = [each["id"] for each in found if each["seen_at"] is None and not each["is_own"]]
    if unseen:
        with session_scope(request.app.state.engine, write=True, sight=own) as session:
            see(session, caller.person or 0, unseen)
    with session_scope(request.app.state.engine, sight=own) as session:
        called = Called(session)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "publications": [_told(each, called) for each in found],
            "turn": turned(request, part, matched),
            **_planning(session, caller, called),
        }
    given: dict[str, Any] = {"typed": EMPTY, "error": None, "done": None, **told}
    return page(request, "own/publications.html", show=show, here="/publications", **values, **given)


def _planning(session: Session, caller: Caller, called: Called) -> dict[str, Any]:
    """Return what those see who may plan: what is published in their cells, the newest, and what to choose from."""
    if not caller.may("plan"):
        return {"cells": [], "roles": [], "may_tell_all": False, "made": []}
    sight = sight_for(session, caller, "plan")
    with seeing(session, sight):
        made = published(session, Page(AT_A_TIME, 0))[1]
        return {
            "cells": called.cell_choices(sight),
            "roles": called.role_choices,
            "may_tell_all": may_publish(session, None),
            "made": [_told(each, called) for each in made],
        }


def _told(each: dict[str, Any], called: Called) -> dict[str, Any]:
    """Return a publication with its cell and its role by name."""
    where = EVERYWHERE if each["cell_code"] is None else called.cell(each["cell_code"])
    itself = Both(each["role"] or "", each["role"] or "")
    role = Both("全部人员", "everybody") if each["role"] is None else called.roles.get(each["role"], itself)
    is_over = each["ends_at"] is not None and each["ends_at"] <= datetime.now(UTC)
    return {**each, "where": where, "whom": role, "is_over": is_over}
