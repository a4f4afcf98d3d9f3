"""Making a plan, changing and ending it, within the cells that one answers for.

What was due stays due: a plan that has begun changes from the next day on, and what it ends is what has not begun.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from shapely import Polygon
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.patrols.plans.areas import keep_area, places_in
from gisgrid.patrols.plans.find_spots import spots_now
from gisgrid.patrols.plans.read_plans import PLAN_PERSON, Known, known, plan_of
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.tables import Plan
from gisgrid.patrols.plans.terms import Place, Terms, require_sound
from gisgrid.patrols.plans.walking import beats, is_on_beat, lineages
from gisgrid.settings import Settings
from gisgrid.sight import sight_of, visible
from gisgrid.staff.names import folded


class NoSuchPlace(NotFound):
    """No checkpoint or cell that one answers for has that code."""


class NoSuchWalker(NotFound):
    """Nobody of that name walks at any of the places."""


class NoPlaces(Refused):
    """A plan without places and without an area."""


class PlacesApart(Refused):
    """Places whose smallest common cell is another's."""


class BadDays(Refused):
    """Days that lie the wrong way round, or in the past; or an operation without a last one."""


class AreaOfNone(Refused):
    """An area of a plan that is no special operation."""


class PlanOver(Conflict):
    """A plan that has ended, or whose last day is past."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan as somebody wants it. `people` are sign-in names, None is anybody on duty; `terms` hold from first_day.

    Where there is an `area`, in degrees of WGS 84, the places are those that lie in it.
    """

    name: str
    first_day: date
    last_day: date | None
    terms: Terms
    people: tuple[str, ...] | None = None
    is_operation: bool = False
    area: Polygon | None = None


def make_plan(
    session: Session, settings: Settings, actor: Actor, wish: Wish, *, made_at: datetime | None = None
) -> Plan:
    """Make a plan; what began before `made_at`, which is now, is no round of it.

    Raises BadDays, NoSuchPlace, NoSuchWalker, TimesUnclear, TimesTooClose, RoundsDoNotFit; NoPlaces, AreaOfNone,
    NothingInside, TooManyInside.
    """
    now = datetime.now(UTC)
    wish = _placed(session, settings, wish, now)
    spots, people = _checked(session, settings, wish, now)
    plan = Plan(seed=secrets.token_bytes(32), first_day=wish.first_day, made_at=made_at or now, terms=[])
    plan.made_by = actor.id if actor.kind == "person" else None
    _set(session, plan, wish, spots)
    session.add(plan)
    session.flush()
    _hold_from(session, plan, wish.first_day, wish.terms, people)
    keep_area(session, plan.id, wish.area)
    record(session, actor, "plan.made", ("plan", plan.id))
    return plan


def change_plan(session: Session, settings: Settings, actor: Actor, plan_id: int, wish: Wish) -> Plan:
    """Change a plan as a whole: from tomorrow on, if it has begun.

    Raises NoSuchPlan, PlanOver and what `make_plan` raises.
    """
    now = datetime.now(UTC)
    today = now.astimezone(settings.zone).date()
    plan = plan_of(session, plan_id, is_locked=True)
    _require_changeable(plan, wish, today)
    wish = _placed(session, settings, wish, now)
    spots, people = _checked(session, settings, wish, now)
    if plan.first_day > today:
        plan.first_day, plan.made_at = wish.first_day, now
        _let_go(session, plan, date.min)
        _hold_from(session, plan, wish.first_day, wish.terms, people)
    else:
        before = known(session, [plan])[0]
        spots += _still_due(session, settings, before, today)
        _hold_from(session, plan, today + timedelta(days=1), wish.terms, people, before)
    _set(session, plan, wish, spots)
    session.flush()
    keep_area(session, plan.id, wish.area)
    record(session, actor, "plan.changed", ("plan", plan.id))
    return plan


def end_plan(session: Session, settings: Settings, actor: Actor, plan_id: int) -> Plan:
    """End a plan now: rounds that have begun are still due. Raises NoSuchPlan, PlanOver."""
    now = datetime.now(UTC)
    plan = plan_of(session, plan_id, is_locked=True)
    if is_over(plan, now.astimezone(settings.zone).date()):
        raise _over()
    plan.ended_at = now
    session.flush()
    record(session, actor, "plan.ended", ("plan", plan.id))
    return plan


def is_over(plan: Plan, today: date) -> bool:
    """Tell whether nothing more will be due by a plan."""
    return plan.ended_at is not None or (plan.last_day is not None and plan.last_day < today)


def _over() -> PlanOver:
    return PlanOver("此计划已经结束;如仍需巡查,请另建计划", "this plan is over; make another one")


# --- what is asked for -----------------------------------------------------------------------------


def _checked(session: Session, settings: Settings, wish: Wish, now: datetime) -> tuple[list[Spot], frozenset[int]]:
    """Return where the places are and who the people are. Raises what `make_plan` raises."""
    if wish.is_operation and wish.last_day is None:
        raise BadDays("专项行动要有最后一天(last_day)", "a special operation has a last day: last_day")
    if wish.last_day is not None and wish.last_day < wish.first_day:
        raise BadDays("最后一天早于第一天", "the last day comes before the first")
    require_sound(wish.terms)
    spots = _spots(session, settings, wish.terms.places, now.astimezone(settings.zone).date())
    return spots, _people(session, wish, spots)


def _placed(session: Session, settings: Settings, wish: Wish, now: datetime) -> Wish:
    """Return what is wished for with the places of its area.

    Raises NoPlaces, AreaOfNone, NothingInside, TooManyInside.
    """
    if wish.area is None:
        if not wish.terms.places:
            raise NoPlaces("请至少给出一个地点(places),或一个范围(area)", "give `places`, one at least, or an `area`")
        return wish
    if not wish.is_operation:
        raise AreaOfNone("只有专项行动(is_operation)可以画范围", "a special operation alone (is_operation) has an area")
    places = places_in(session, settings, wish.area, now.astimezone(settings.zone).date())
    return replace(wish, terms=replace(wish.terms, places=places))


def _require_changeable(plan: Plan, wish: Wish, today: date) -> None:
    if is_over(plan, today):
        raise _over()
    if plan.first_day <= today and wish.first_day != plan.first_day:
        raise BadDays("计划已经开始,第一天不能改", "the plan has begun: its first day stays as it is")
    if wish.last_day is not None and wish.last_day < today:
        raise BadDays("最后一天已过;要立即停止,请结束此计划", "the last day is past; to stop it now, end the plan")


def _spots(session: Session, settings: Settings, places: Sequence[Place], today: date) -> list[Spot]:
    """Return where places are that whoever asks answers for. Raises NoSuchPlace."""
    found = spots_now(session, places, today, settings.metric_crs)
    sight = sight_of(session)
    missing = [place.code for place in places if place not in found or not sight.holds(found[place].cells)]
    if missing:
        shown = ", ".join(missing[:3])
        raise NoSuchPlace(
            f"没有此编码的打卡点或网格,或不归您负责:{shown}",
            f"no checkpoint or cell that you answer for has the code {shown}",
        )
    return list(found.values())


def _people(session: Session, wish: Wish, spots: Collection[Spot]) -> frozenset[int]:
    """Return the persons who are named. Raises NoSuchWalker: nobody learns here who else there is."""
    if wish.people is None:
        return frozenset()
    above = lineages(session)
    walking = {
        folded(beat.name): beat.person
        for beat in beats(session)
        if any(is_on_beat(beat.cell_code, spot, above) for spot in spots)
    }
    missing = [name for name in wish.people if folded(name) not in walking]
    if missing or not wish.people:
        shown = ", ".join(missing[:3])
        raise NoSuchWalker(
            f"在这些地点没有此登录名的巡查员:{shown}" if missing else "请至少指定一位巡查员",
            f"nobody who walks at these places signs in as {shown}" if missing else "name at least one patroller",
        )
    return frozenset(walking[folded(name)] for name in wish.people)


# --- what is kept ----------------------------------------------------------------------------------


def _still_due(session: Session, settings: Settings, before: Known, today: date) -> list[Spot]:
    """Return where the places are of the day on which a plan is changed: it stays with those who answer for them."""
    terms = before.planned.terms_on(today)
    places = terms.places if terms else ()
    return list(spots_now(session, places, today, settings.metric_crs).values())


def _hold_from(
    session: Session,
    plan: Plan,
    since: date,
    terms: Terms,
    people: frozenset[int],
    before: Known | None = None,
) -> None:
    """Let terms hold from a day on, in place of all that would have held since; the same as `before` are no change."""
    _let_go(session, plan, since)
    if before is None or not _is_same(before, since - timedelta(days=1), terms, people):
        plan.terms = [*plan.terms, replace(terms, since=since).kept()]
        rows = [{"plan_id": plan.id, "since": since, "person_id": person} for person in sorted(people)]
        if rows:
            session.execute(insert(PLAN_PERSON), rows)


def _let_go(session: Session, plan: Plan, since: date) -> None:
    """Drop the terms that begin on a day or later, and who is named in them."""
    plan.terms = [each for each in plan.terms if date.fromisoformat(each["since"]) < since]
    theirs = (visible(session, PLAN_PERSON), PLAN_PERSON.c.plan_id == plan.id, PLAN_PERSON.c.since >= since)
    session.execute(delete(PLAN_PERSON).where(*theirs))


def _is_same(before: Known, day: date, terms: Terms, people: frozenset[int]) -> bool:
    former = before.planned.terms_on(day)
    if former is None or replace(terms, since=former.since) != former:
        return False
    return former.by_anyone or before.people_on(day) == people


def _set(session: Session, plan: Plan, wish: Wish, spots: Iterable[Spot]) -> None:
    """Set what holds of a plan as a whole. Raises PlacesApart."""
    plan.name, plan.is_operation, plan.last_day = wish.name, wish.is_operation, wish.last_day
    cells = common_cells([spot.cells for spot in spots])
    if not sight_of(session).holds(cells):
        raise PlacesApart(
            "这些地点同属的上级网格不归您负责;请为每个网格各建一个计划",
            "you do not answer for the cell that holds all these places: make a plan for each of yours",
        )
    plan.street_id, plan.community_id, plan.substation_id = cells


def common_cells(cells: Sequence[tuple[int | None, ...]]) -> list[int | None]:
    """Return the smallest cell that holds all places, as its own row and those above it, by level."""
    found: list[int | None] = []
    for level in zip(*cells, strict=True):
        is_shared = len(set(level)) == 1 and len(found) == sum(cell is not None for cell in found)
        found.append(level[0] if is_shared else None)
    return found
