"""Plans, rounds and gaps over HTTP."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session

from gisgrid.database import ReadSession, WriteSession
from gisgrid.parameters import DayQuery, Page, PageQuery, PeriodQuery
from gisgrid.patrols.duty.shift_routes import actor_of
from gisgrid.patrols.duty.shifts import on_duty
from gisgrid.patrols.plans.change_plans import change_plan, end_plan, make_plan
from gisgrid.patrols.plans.gaps import close_gap
from gisgrid.patrols.plans.own_rounds import own_rounds
from gisgrid.patrols.plans.present import gaps_page, plans_page, round_record, rounds_of_day
from gisgrid.patrols.plans.read_plans import plan_of
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.plans.report_schemas import PlanReport
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.schemas import (
    GapClose,
    GapRecord,
    Gaps,
    OwnRounds,
    PlanCreate,
    PlanRecord,
    Plans,
    Rounds,
)
from gisgrid.patrols.plans.tables import GapLevel
from gisgrid.settings import Settings
from gisgrid.staff.caller import Asker
from gisgrid.wire import JsonBody, NameQuery, one_schema, read_one

router = APIRouter(prefix="/api", tags=["plans"])

Number = Annotated[int, Path(ge=1, le=2**53)]
NumberQuery = Annotated[int | None, Query(ge=1, le=2**53)]
ONE = Page(1, 0)


# --- plans -----------------------------------------------------------------------------------------


@router.get("/plans")
def get_plans(session: ReadSession, page: PageQuery) -> Plans:
    """List the plans of one's cells, the newest first, those that have ended too."""
    matched, plans = plans_page(session, page)
    return Plans(plans=plans, numberMatched=matched, numberReturned=len(plans))


@router.post("/plans", status_code=HTTPStatus.CREATED, openapi_extra=one_schema(PlanCreate))
def post_plan(request: Request, session: WriteSession, caller: Asker, body: JsonBody) -> PlanRecord:
    """Make a plan, or a special operation. Rounds that would have begun already are none."""
    sent = read_one(PlanCreate, body)
    return _plan(session, make_plan(session, _settings(request), actor_of(caller), sent.wish).id)


@router.get("/plans/{plan_id}")
def get_plan(session: ReadSession, plan_id: Number) -> PlanRecord:
    """Return one plan."""
    return _plan(session, plan_id)


@router.put("/plans/{plan_id}", openapi_extra=one_schema(PlanCreate))
def put_plan(request: Request, session: WriteSession, caller: Asker, plan_id: Number, body: JsonBody) -> PlanRecord:
    """Change a plan as a whole; one that has begun changes from tomorrow on."""
    sent = read_one(PlanCreate, body)
    change_plan(session, _settings(request), actor_of(caller), plan_id, sent.wish)
    return _plan(session, plan_id)


@router.delete("/plans/{plan_id}")
def delete_plan(request: Request, session: WriteSession, caller: Asker, plan_id: Number) -> PlanRecord:
    """End a plan now. It stays, with what became of its rounds; those that have begun are still due."""
    end_plan(session, _settings(request), actor_of(caller), plan_id)
    return _plan(session, plan_id)


@router.get("/plans/{plan_id}/report")
def get_report(request: Request, session: ReadSession, plan_id: Number, period: PeriodQuery = None) -> PlanReport:
    """Report what became of a plan up to today: of its whole time, its last 30 days if it goes on, or a period."""
    settings = _settings(request)
    days = None
    if period is not None:
        first, last = (moment.astimezone(settings.zone).date() for moment in (period.start, period.last_moment))
        days = first, last
    return plan_report(session, settings, plan_id, datetime.now(UTC), days)


def _plan(session: Session, plan_id: int) -> PlanRecord:
    plan_of(session, plan_id)
    return plans_page(session, ONE, ids=[plan_id])[1][0]


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


# --- rounds ----------------------------------------------------------------------------------------


@router.get("/rounds")
def get_rounds(
    request: Request,
    session: ReadSession,
    day: DayQuery = None,
    plan: NumberQuery = None,
    cell: NameQuery = None,
    state: State | None = None,
) -> Rounds:
    """List the rounds of a day, today if none is given, at the places of one's cells, and how each stands."""
    settings, now = _settings(request), datetime.now(UTC)
    asked = day or now.astimezone(settings.zone).date()
    return rounds_of_day(session, settings, asked, now, plan=plan, cell=cell, state=state)


@router.get("/me/rounds")
def get_own_rounds(request: Request, session: ReadSession, caller: Asker, day: DayQuery = None) -> OwnRounds:
    """List the rounds that one is to do, or whoever is signed on to the device that asks.

    Without a day they are those of today, and those of yesterday that are not over.
    """
    settings, now = _settings(request), datetime.now(UTC)
    person = caller.person
    if caller.kind == "device":
        duty = on_duty(session, token_id=caller.token)
        person = None if duty is None else duty.person
    found = [] if person is None else own_rounds(session, settings, person, day, now)
    return OwnRounds(day=day or now.astimezone(settings.zone).date(), rounds=[round_record(each) for each in found])


# --- gaps ------------------------------------------------------------------------------------------


@router.get("/gaps")
def get_gaps(
    session: ReadSession,
    page: PageQuery,
    period: PeriodQuery = None,
    cell: NameQuery = None,
    plan: NumberQuery = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    level: GapLevel | None = None,
) -> Gaps:
    """List the gaps in one's cells: rounds that were missed, the newest first. The period is that of the rounds.

    `level` is that which answers for a gap now: what stays open goes up.
    """
    matched, gaps = gaps_page(session, page, period=period, cell=cell, plan=plan, is_open=is_open, level=level)
    return Gaps(gaps=gaps, numberMatched=matched, numberReturned=len(gaps))


@router.post("/gaps/{gap_id}/close", openapi_extra=one_schema(GapClose))
def post_gap_close(session: WriteSession, caller: Asker, gap_id: Number, body: JsonBody) -> GapRecord:
    """Close a gap for a reason that is written down."""
    sent = read_one(GapClose, body)
    close_gap(session, actor_of(caller), gap_id, sent.reason)
    return gaps_page(session, ONE, gap_id=gap_id)[1][0]
