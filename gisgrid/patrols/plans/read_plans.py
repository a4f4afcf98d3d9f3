"""Plans as they are stored: what their rounds follow from, what they are called, and who is named in them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.once import table_of
from gisgrid.patrols.plans.rounds import Planned
from gisgrid.patrols.plans.tables import Plan, PlanPerson
from gisgrid.patrols.plans.terms import Terms
from gisgrid.sight import visible

PLAN: Final = table_of(Plan)
PLAN_PERSON: Final = table_of(PlanPerson)


class NoSuchPlan(NotFound):
    """No plan that one may see has that number."""


@dataclass(frozen=True, slots=True)
class Known:
    """A plan and what is said of it; `people` are the persons named by the terms of each day."""

    planned: Planned
    name: str
    is_operation: bool
    people: Mapping[date, frozenset[int]]

    def people_on(self, day: date) -> frozenset[int] | None:
        """Return the persons who are to do the rounds of a day; None is anybody on duty."""
        terms = self.planned.terms_on(day)
        if terms is None or terms.by_anyone:
            return None
        return self.people.get(terms.since, frozenset())


def plans_between(session: Session, first: date, last: date, ids: Collection[int] | None = None) -> list[Known]:
    """Return the plans of which some day lies between two local days, both included, by number."""
    days = (PLAN.c.first_day <= last, or_(PLAN.c.last_day.is_(None), PLAN.c.last_day >= first))
    asked = select(Plan).where(visible(session, PLAN), *days).order_by(PLAN.c.id)
    return known(session, session.scalars(asked if ids is None else asked.where(PLAN.c.id.in_(ids))).all())


def plan_of(session: Session, plan_id: int, *, is_locked: bool = False) -> Plan:
    """Return the plan of a row; `is_locked`: others who would change it wait. Raises NoSuchPlan."""
    asked = select(Plan).where(visible(session, PLAN), PLAN.c.id == plan_id)
    found = session.scalar(asked.with_for_update() if is_locked else asked)
    if found is None:
        raise NoSuchPlan("没有这个编号的计划", "there is no plan with that number")
    return found


def known(session: Session, plans: Sequence[Plan]) -> list[Known]:
    """Return plans with who is named in them."""
    named = _people(session, [plan.id for plan in plans])
    return [
        Known(
            Planned(
                plan.id,
                plan.seed,
                plan.first_day,
                plan.last_day,
                plan.made_at,
                plan.ended_at,
                tuple(map(Terms.of, plan.terms)),
            ),
            plan.name,
            plan.is_operation,
            named.get(plan.id, {}),
        )
        for plan in plans
    ]


def _people(session: Session, ids: Collection[int]) -> dict[int, dict[date, frozenset[int]]]:
    found: dict[int, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    asked = select(PLAN_PERSON.c.plan_id, PLAN_PERSON.c.since, PLAN_PERSON.c.person_id)
    asked = asked.where(visible(session, PLAN_PERSON), PLAN_PERSON.c.plan_id.in_(ids))
    for plan, since, person in session.execute(asked):
        found[plan][since].add(person)
    return {plan: {since: frozenset(people) for since, people in its.items()} for plan, its in found.items()}
