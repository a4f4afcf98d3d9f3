"""Plans, rounds and gaps in the words of the wire, for routes, pages and commands alike."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.intake.finding import cell_codes, conditions, page_of
from gisgrid.parameters import Page, Period
from gisgrid.patrols.plans.areas import areas_of
from gisgrid.patrols.plans.gap_steps import steps_of
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.judge_rounds import Judged, judged, known_rounds
from gisgrid.patrols.plans.read_plans import PLAN, Known, known, plans_between
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.schemas import (
    GapRecord,
    PlanName,
    PlanPersonRecord,
    PlanRecord,
    RoundEntry,
    RoundPlace,
    RoundRecord,
    Rounds,
)
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.tables import GapLevel, Plan
from gisgrid.patrols.plans.terms import Terms, Window, clock
from gisgrid.patrols.sealed import sealed_until
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, sight_of, visible
from gisgrid.staff.tables import Person

People = Mapping[int, PlanPersonRecord]
Area = dict[str, Any]
"""A polygon in GeoJSON."""

PLAN_COLUMNS: Final = ("id", "name", "is_operation", "first_day", "last_day", "made_at", "ended_at")


# --- plans -----------------------------------------------------------------------------------------


def plans_page(session: Session, page: Page, *, ids: Collection[int] | None = None) -> tuple[int, list[PlanRecord]]:
    """Return how many plans this session may see, and a page of them, the newest first; only some, if asked."""
    asked = select(Plan).where(visible(session, PLAN), *([] if ids is None else [PLAN.c.id.in_(ids)]))
    matched = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    rows = session.scalars(asked.order_by(PLAN.c.id.desc()).limit(page.limit).offset(page.offset)).all()
    plans = known(session, rows)
    people = _people(session, {person for plan in plans for its in plan.people.values() for person in its})
    areas = areas_of(session, [row.id for row in rows])
    return matched, [_plan(row, its, people, areas.get(row.id)) for row, its in zip(rows, plans, strict=True)]


def _plan(row: Plan, its: Known, people: People, area: Area | None) -> PlanRecord:
    terms = its.planned.terms[-1]
    named = None if terms.by_anyone else _named(its.people.get(terms.since, ()), people)
    own = {name: getattr(row, name) for name in PLAN_COLUMNS}
    return PlanRecord.model_validate({**own, **_terms(terms), "people": named, "area": area})


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        **terms.kept(),
        "places": [place._asdict() for place in terms.places],
        "windows": [_window(window) for window in terms.windows],
    }


def _window(window: Window) -> dict[str, str]:
    return {"start": clock(window.start), "end": clock(window.end)}


def _people(session: Session, ids: Collection[int]) -> dict[int, PlanPersonRecord]:
    if not ids:
        return {}
    rows = session.execute(select(Person.id, Person.name, Person.full_name).where(Person.id.in_(ids)))
    return {row.id: PlanPersonRecord(name=row.name, full_name=row.full_name) for row in rows}


def _named(ids: Iterable[int], people: People) -> list[PlanPersonRecord]:
    return sorted((people[person] for person in ids if person in people), key=lambda each: each.name)


def plan_name(plan: Known) -> PlanName:
    """Return what a plan is called."""
    return PlanName(id=plan.planned.id, name=plan.name, is_operation=plan.is_operation)


# --- rounds ----------------------------------------------------------------------------------------


def rounds_of_day(
    session: Session,
    settings: Settings,
    day: date,
    now: datetime,
    *,
    plan: int | None = None,
    cell: str | None = None,
    state: State | None = None,
) -> Rounds:
    """Return the rounds of a day at places that this session may see; of a plan, a cell or in a state alone, if asked.

    A station sees the rounds at its places by whosever plan, the plan itself only if it is its own.
    """
    newest = sealed_until(session)
    if newest is not None and day <= newest:
        return Rounds(day=day, is_sealed=True, rounds=[])
    sight = sight_of(session)
    with seeing_everything(session):
        plans = plans_between(session, day, day, None if plan is None else [plan])
        found = judged(session, settings, known_rounds(plans, [day], settings, now), now)
        seen = [
            each
            for each in found
            if sight.holds(each.spot.cells) and cell in (None, *each.spot.codes) and state in (None, each.state)
        ]
        people = _people(session, {person for each in seen for person in each.people or ()})
    return Rounds(day=day, is_sealed=False, rounds=[_entry(each, people) for each in seen])


def _entry(each: Judged, people: People) -> RoundEntry:
    named = None if each.people is None else _named(each.people, people)
    cell = next((code for code in reversed(each.spot.codes) if code is not None), None)
    return RoundEntry(**round_record(each).model_dump(), cell_code=cell, people=named)


def round_record(each: Judged) -> RoundRecord:
    """Return a round as whoever is to do it sees it."""
    its = each.round
    return RoundRecord(
        id=its.id,
        plan=plan_name(each.plan),
        place=_place(each.spot),
        start_at=its.start_at,
        end_at=its.end_at,
        last_at=its.last_at,
        state=each.state,
        done_at=each.done_at,
    )


def _place(spot: Spot) -> RoundPlace:
    told = {name: getattr(spot, name) for name in RoundPlace.model_fields if name not in ("kind", "code")}
    return RoundPlace.model_validate({**spot.place._asdict(), **told})


# --- gaps ------------------------------------------------------------------------------------------


def gaps_page(
    session: Session,
    page: Page,
    *,
    period: Period | None = None,
    cell: str | None = None,
    plan: int | None = None,
    is_open: bool | None = None,
    gap_id: int | None = None,
    level: GapLevel | None = None,
) -> tuple[int, list[GapRecord]]:
    """Return how many gaps this session may see, and a page of them, the newest first. `period` is of the rounds.

    Raises NoSuchCell.
    """
    where: list[ColumnElement[bool]] = conditions(session, GAP, "start_at", period=period, cell=cell)
    where += [] if plan is None else [GAP.c.plan_id == plan]
    where += [] if gap_id is None else [GAP.c.id == gap_id]
    where += [] if level is None else [GAP.c.level == level]
    where += [] if is_open is None else [GAP.c.closed_as.is_(None) if is_open else GAP.c.closed_as.is_not(None)]
    closer = func.coalesce(func.nullif(Person.full_name, ""), Person.name).label("closer")
    asked = select(*GAP.c, closer).outerjoin(Person, Person.id == GAP.c.closed_by).where(*where)
    matched, rows = page_of(session, asked.order_by(GAP.c.start_at.desc(), GAP.c.id.desc()), page)
    codes, names, plans = cell_codes(session), _place_names(session, rows), _plan_names(session, rows)
    return matched, [_gap(row, codes, names, plans) for row in rows]


def open_gaps(session: Session) -> int:
    """Return how many of the gaps that this session may see are open."""
    asked = select(func.count()).select_from(GAP)
    return session.scalar(asked.where(visible(session, GAP), GAP.c.closed_as.is_(None))) or 0


def _gap(
    row: Any, codes: Mapping[int | None, str], names: Mapping[tuple[str, str], str], plans: Mapping[int, PlanName]
) -> GapRecord:
    cells = [codes.get(row[f"{level}_id"]) for level in LEVELS]
    told = {
        "round": f"{row['plan_id']}/{row['day']}/{row['number']}",
        "plan": plans[row["plan_id"]],
        "name": names.get((row["kind"], row["code"]), row["code"]),
        "cell_code": next((code for code in reversed(cells) if code is not None), None),
        "closed_by": row["closer"] if row["closed_by"] is not None else None,
        "steps": steps_of(row["steps"]),
        "age_s": ((row["closed_at"] or datetime.now(UTC)) - row["opened_at"]).total_seconds(),
    }
    return GapRecord.model_validate({**row, **told})


def _plan_names(session: Session, rows: Sequence[Any]) -> dict[int, PlanName]:
    """Return what the plans of gaps are called: a gap in one's cell tells of whosever plan it is."""
    columns = (PLAN.c.id, PLAN.c.name, PLAN.c.is_operation)
    with seeing_everything(session):
        found = session.execute(select(*columns).where(PLAN.c.id.in_({row["plan_id"] for row in rows}))).mappings()
        return {row["id"]: PlanName.model_validate(dict(row)) for row in found}


def _place_names(session: Session, rows: Sequence[Any]) -> dict[tuple[str, str], str]:
    codes = {row["code"] for row in rows}
    checkpoints = session.execute(select(Checkpoint.code, Checkpoint.name).where(Checkpoint.code.in_(codes)))
    cells = session.execute(select(Cell.code, Cell.name).where(Cell.code.in_(codes)).order_by(Cell.layer_set_id))
    named = {("checkpoint", code): name for code, name in checkpoints}
    return named | {("cell", code): name for code, name in cells}
