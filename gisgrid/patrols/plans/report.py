"""The report of a plan: how many of its rounds were done, by whom and where, and which gaps there were."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.judge_rounds import Judged, judged, known_rounds
from gisgrid.patrols.plans.kept_days import kept_days
from gisgrid.patrols.plans.presence import presence
from gisgrid.patrols.plans.present import plan_name
from gisgrid.patrols.plans.read_plans import Known, known, plan_of
from gisgrid.patrols.plans.report_schemas import DayCounts, GapCounts, PlaceCounts, PlanReport, RoundCounts
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

USUAL: Final = timedelta(days=29)
"""How far back from its last day the report of a plan without an end begins, if nothing else is asked."""
MOST_DAYS: Final = 400


def plan_report(
    session: Session, settings: Settings, plan_id: int, now: datetime, days: tuple[date, date] | None = None
) -> PlanReport:
    """Report what became of a plan, from a first to a last day: of its whole time if none are given, up to today.

    Of a plan that goes on it is the last thirty days. Raises NoSuchPlan.
    """
    plan = known(session, [plan_of(session, plan_id)])[0]
    today = now.astimezone(settings.zone).date()
    first, last = _days(plan, today, days)
    newest = sealed_until(session)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    open_days = [day for day in every if day <= today and (newest is None or day > newest)]
    with seeing_everything(session):
        found = judged(session, settings, known_rounds([plan], open_days, settings, now), now)
        here = presence(session, settings, found)
        kept = kept_days(session, settings, plan, [day for day in every if newest is not None and day <= newest])
    return PlanReport(
        plan=plan_name(plan),
        first_day=first,
        last_day=last,
        made_at=now,
        rounds=_sum([Counter(each.state for each in found), *(counts for counts, _ in kept.values())]),
        check_ins=here.check_ins + sum(check_ins for _, check_ins in kept.values()),
        people=len(here.patrollers) if open_days or not kept else None,
        gaps=_gaps(session, plan_id, first, last),
        places=_places(found),
        days=_by_day(found, {day: counts for day, (counts, _) in kept.items()}),
    )


def _days(plan: Known, today: date, asked: tuple[date, date] | None) -> tuple[date, date]:
    its = plan.planned
    last = min(today, its.last_day or today)
    first = its.first_day if its.last_day is not None else max(its.first_day, last - USUAL)
    first, last = asked or (first, last)
    first, last = max(first, its.first_day), min(last, its.last_day or last)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), max(last, first)


def _sum(parts: Iterable[Mapping[State, int]]) -> RoundCounts:
    counts: Counter[State] = Counter()
    for part in parts:
        counts.update(part)
    return RoundCounts.model_validate({"rounds": counts.total(), **counts}).with_ratio()


def _places(found: Sequence[Judged]) -> list[PlaceCounts]:
    names = {each.round.place: each.spot.name for each in found}
    states = {place: [each.state for each in found if each.round.place == place] for place in sorted(names)}
    return [
        PlaceCounts(kind=place.kind, code=place.code, name=names[place], **_sum([Counter(its)]).model_dump())
        for place, its in states.items()
    ]


def _by_day(found: Sequence[Judged], kept: dict[date, Counter[State]]) -> list[DayCounts]:
    states: dict[date, Counter[State]] = dict(kept)
    for each in found:
        states.setdefault(each.round.day, Counter())[each.state] += 1
    return [
        DayCounts(day=day, is_sealed=day in kept, **_sum([its]).model_dump()) for day, its in sorted(states.items())
    ]


def _gaps(session: Session, plan_id: int, first: date, last: date) -> GapCounts:
    where = (visible(session, GAP), GAP.c.plan_id == plan_id, GAP.c.day.between(first, last))
    rows = session.execute(select(GAP.c.closed_as, func.count()).where(*where).group_by(GAP.c.closed_as)).all()
    counts = {how or "open": number for how, number in rows}
    return GapCounts.model_validate({"opened": sum(counts.values()), **counts})
