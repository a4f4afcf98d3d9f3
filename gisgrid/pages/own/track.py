"""One's own patrols: what was agreed to, who looked at one's track, one's late fixes, and what one contests."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.intake.finding import cell_codes, coded
from gisgrid.pages.articles import articles
from gisgrid.pages.called import NOTE_ACTS, STANDINGS, Both, Called
from gisgrid.pages.forms import Line, NoWords, Sender, actor_of, in_words
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.parameters import Page
from gisgrid.patrols.doubts.objections import contest, objections_page
from gisgrid.patrols.doubts.review import own_notes
from gisgrid.patrols.duty.consent import Covers, agree, consents_of, withdraw_consent
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.fixes import FIX
from gisgrid.patrols.judge import doubts
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.reading import readers
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.caller import Asker, Caller

router = APIRouter(prefix="/me", tags=["me"], responses=PAGES, default_response_class=HTMLResponse)

LATEST: Final = 20
LATELY: Final = timedelta(days=7)
COVERS: Final = {
    "notice": Both("告知书", "the notice"),
    "track": Both("连续轨迹", "whole tracks"),
}
DONE: Final = {
    "agreed": Both("已记录您的同意", "your consent is kept"),
    "withdrawn": Both("已撤回，从现在起生效", "withdrawn, from now on"),
    "contested": Both("异议已提交，答复后显示在下方", "your objection is sent; the reply will stand below"),
}

Done = Annotated[str, Query(max_length=20)]


@router.get("/track")
def get_track(request: Request, caller: Asker, done: Done = "") -> HTMLResponse:
    """Show one's own patrols of late, and who looked at them."""
    return _track_page(request, caller, done=DONE.get(done))


def _track_page(
    request: Request, caller: Caller, *, error: GisgridError | None = None, done: Both | None = None
) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    person = caller.person or 0
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        looked, looks = readers(session, person, Page(LATEST, 0))
        fixes, stand = _late_fixes(session, person, settings)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "looked": looked,
            "looks": looks,
            "fixes": fixes,
            "stand": stand,
            "objections": objections_page(session, Page(LATEST, 0), person_id=person)[1],
            "notes": own_notes(session, person, LATEST),
            "consents": consents_of(session, person),
        }
    stands = notice(settings)
    values |= {"articles": articles(stands), "version": stands.version, "standings": STANDINGS, "covered": COVERS}
    values["acts"] = NOTE_ACTS
    values["has_agreed"] = {each.covers for each in values["consents"] if each.withdrawn_at is None}
    return page(request, "own/track.html", error=error, done=done, here="/me/track", **values)


def _late_fixes(session: Session, person: int, settings: Settings) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return a person's fixes of the last days, those that do not count first, and how many stand how."""
    own = own_patroller(session, person)
    if own is None:
        return [], {}
    lately = FIX.c.fix_at >= datetime.now(UTC) - LATELY
    where = (visible(session, FIX), FIX.c.patroller_id == own.id, lately)
    names = ("id", "fix_at", "standing", "flags", "street_id", "community_id", "substation_id")
    columns = [FIX.c[name] for name in names]
    ordered = select(*columns).where(*where).order_by(FIX.c.standing == "counted", FIX.c.fix_at.desc()).limit(LATEST)
    codes, called = cell_codes(session), Called(session)
    rows = [{**row, **coded(row, codes)} for row in session.execute(ordered).mappings()]
    stand = session.execute(select(FIX.c.standing, func.count()).where(*where).group_by(FIX.c.standing)).all()
    told = [{**row, "where": _where(row, called), "doubts": doubts(row["flags"], settings)} for row in rows]
    return told, dict(stand)


def _where(row: dict[str, Any], called: Called) -> Both | None:
    """Name the finest cell that a fix lies in."""
    code = row["substation_code"] or row["community_code"] or row["street_code"]
    return called.cell(code) if code else None


@router.post("/consents/{covers}")
def post_consent(request: Request, caller: Sender, covers: Covers, version: Line = "") -> Response:
    """Agree to the notice, or to whole tracks, as it stands."""
    stands = notice(request.app.state.settings).version

    def agreeing(session: Session) -> None:
        if version != stands:
            raise NoWords("告知书已更新，请重新阅读", "the notice has changed: read it again")
        agree(session, actor_of(caller), caller.person or 0, covers, stands)

    return _back(request, caller, written(request, agreeing), "agreed")


@router.post("/consents/{covers}/withdraw")
def post_consent_withdrawal(request: Request, caller: Sender, covers: Covers) -> Response:
    """Withdraw a consent."""

    def withdrawing(session: Session) -> None:
        withdraw_consent(session, actor_of(caller), caller.person or 0, covers)

    return _back(request, caller, written(request, withdrawing), "withdrawn")


@router.post("/objections")
def post_objection(
    request: Request,
    caller: Sender,
    fix: Annotated[int, Form(ge=1, le=2**53)],
    words: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Contest what became of a fix of one's own."""

    def contesting(session: Session) -> None:
        said = in_words(words, "请写明哪里不对", "say what is wrong")
        contest(session, actor_of(caller), caller.person or 0, fix, said)

    return _back(request, caller, written(request, contesting), "contested")


def _back(request: Request, caller: Caller, error: GisgridError | None, done: str) -> Response:
    return see_other(f"/me/track?done={done}") if error is None else _track_page(request, caller, error=error)
