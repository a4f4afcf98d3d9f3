"""Plans, for the staff who answer for the cells: what is to be visited, by whom and when; another is made here."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.pages.called import Both, Called
from gisgrid.pages.forms import Line, RowId, Sender, actor_of
from gisgrid.pages.frame import PAGES, account_of, page, see_other, written
from gisgrid.pages.paging import OffsetQuery, turned
from gisgrid.pages.patrols.plan_form import EMPTY, grounds, sent, walkers
from gisgrid.pages.patrols.rounds import STATES
from gisgrid.parameters import Page
from gisgrid.patrols.plans.change_plans import end_plan, make_plan
from gisgrid.patrols.plans.present import plans_page
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.plans.schemas import PlanCreate
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from gisgrid.sight import seeing
from gisgrid.staff.caller import Asker, Caller, sight_for
from gisgrid.wire import read_one

router = APIRouter(prefix="/rounds/plans", tags=["plans"], responses=PAGES, default_response_class=HTMLResponse)

AT_A_TIME: Final = 50
WEEKDAYS: Final = [
    Both(f"周{zh}", en)
    for zh, en in zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True)
]
DONE: Final = {
    "made": Both("计划已制定", "the plan is made"),
    "ended": Both("计划已结束，已开始的巡查仍须完成", "the plan has ended; rounds that have begun are still due"),
}

Done = Annotated[str, Query(max_length=20)]
Lines = Annotated[list[Annotated[str, Field(max_length=200)]], Form(default_factory=list, max_length=300)]


@router.get("")
def get_plans(request: Request, caller: Asker, offset: OffsetQuery = 0, done: Done = "") -> HTMLResponse:
    """List the plans of one's cells, and show the form of another."""
    return _plans_page(request, caller, offset, done=DONE.get(done))


@router.post("")
def post_plan(
    request: Request,
    caller: Sender,
    place: Lines,
    person: Lines,
    weekday: Lines,
    name: Line = "",
    kind: Line = "plan",
    first_day: Line = "",
    last_day: Line = "",
    every_days: Line = "1",
    times: Line = "fixed",
    at: Line = "",
    windows: Line = "",
    times_a_day: Line = "",
    duration_min: Line = "",
    grace_min: Line = "0",
) -> Response:
    """Make a plan. One that is not taken is shown again, as it was typed."""
    settings: Settings = request.app.state.settings
    given = locals()
    typed: dict[str, Any] = {field: given[field] for field in EMPTY}

    def making(session: Session) -> None:
        body = sent(typed, _today(settings))
        make_plan(session, settings, actor_of(caller), read_one(PlanCreate, body).wish)

    error = written(request, making)
    if error is None:
        return see_other("/rounds/plans?done=made")
    return _plans_page(request, caller, error=error, typed=typed)


@router.get("/{plan_id}")
def get_report(request: Request, caller: Asker, plan_id: RowId) -> HTMLResponse:
    """Show what became of a plan or a special operation so far."""
    settings: Settings = request.app.state.settings
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        report = plan_report(session, settings, plan_id, datetime.now(UTC))
        account = account_of(session, caller)
    return page(request, "patrols/report.html", account=account, report=report, states=STATES, here="/rounds/plans")


@router.post("/{plan_id}/end")
def post_end(request: Request, caller: Sender, plan_id: RowId) -> Response:
    """End a plan now."""
    settings: Settings = request.app.state.settings
    error = written(request, lambda session: end_plan(session, settings, actor_of(caller), plan_id))
    if isinstance(error, GisgridError):
        return _plans_page(request, caller, error=error)
    return see_other("/rounds/plans?done=ended")


def _today(settings: Settings) -> date:
    return datetime.now(UTC).astimezone(settings.zone).date()


def _plans_page(request: Request, caller: Caller, offset: int = 0, **told: Any) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    today, part = _today(settings), Page(AT_A_TIME, offset)
    with session_scope(request.app.state.engine, sight=request.state.sight) as session:
        matched, plans = plans_page(session, part)
        called = Called(session)
        values: dict[str, Any] = {
            "account": account_of(session, caller),
            "called": called,
            "plans": plans,
            "names": dict(session.execute(select(Checkpoint.code, Checkpoint.name)).all()),
            "turn": turned(request, part, matched),
            **_choices(session, settings, caller, called),
        }
    typed = EMPTY | {"first_day": today.isoformat()}
    given: dict[str, Any] = {"typed": typed, "error": None, "done": None, **told}
    return page(request, "patrols/plans.html", here="/rounds/plans", today=today, weekdays=WEEKDAYS, **values, **given)


def _choices(session: Session, settings: Settings, caller: Caller, called: Called) -> dict[str, Any]:
    """Return what there is to choose for whoever may make plans: in the cells in which they may."""
    if not caller.may("plan"):
        return {"grounds": [], "walkers": []}
    with seeing(session, sight_for(session, caller, "plan")):
        held = grounds(session, settings, called, _today(settings))
        return {"grounds": held, "walkers": walkers(session, held)}
