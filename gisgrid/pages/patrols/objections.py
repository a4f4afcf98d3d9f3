"""Objections, for the staff who answer for the cells: what patrollers contest, and the replies to them."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.pages.called import STANDINGS, Both
from gisgrid.pages.forms import Prose, RowId, Sender, actor_of, in_words
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.parameters import Page
from gisgrid.patrols.doubts.objections import objections_page, reply
from gisgrid.patrols.people import own_patroller
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/objections", tags=["patrols"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
DONE: Final = {"answered": Both("已答复，巡查员会看到", "answered; the patroller will see it")}

Show = Literal["unanswered", "all"]
Done = Annotated[str, Query(max_length=20)]


@router.get("")
def get_objections(
    request: Request, caller: Asker, show: Show = "unanswered", offset: OffsetQuery = 0, done: Done = ""
) -> HTMLResponse:
    """List the objections in one's cells, those that wait for a reply or all of them, the newest first."""
    asked = {"is_unanswered": show == "unanswered"}
    return _objections_page(request, caller, Page(AT_A_TIME, offset), asked, show=show, done=DONE.get(done))


@router.post("/{objection_id}/reply")
def post_reply(request: Request, caller: Sender, objection_id: RowId, words: Prose = "") -> Response:
    """Answer an objection. A reply that is not taken is shown again, with that objection alone."""

    def replying(session: Session) -> None:
        said = in_words(words, "请写明答复", "say what you reply")
        reply(session, actor_of(caller), caller.person or 0, objection_id, said)

    error = written(request, replying)
    if error is None:
        return see_other("/objections?done=answered")
    return _objections_page(request, caller, Page(1, 0), {"objection_id": objection_id}, error=error, typed=words)


def _objections_page(
    request: Request, caller: Caller, part: Page, asked: dict[str, Any], *, show: str = "", typed: str = "", **told: Any
) -> HTMLResponse:
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, objections = objections_page(session, part, **asked)
        own = own_patroller(session, caller.person or 0)
        account = account_of(session, caller)
    others = [each for each in objections if own is None or each["patroller"] != own.ref]
    values: dict[str, Any] = {
        "account": account,
        "objections": objections,
        "answerable": {each["id"] for each in others if each["replied_at"] is None},
        "turn": turned(request, part, matched),
        "standings": STANDINGS,
    }
    return page(request, "patrols/objections.html", show=show, typed=typed, here="/objections", **values, **told)
