"""Whom a report is of, if not of everybody: the people of a plan, some people, or one outing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.patrols.plans.read_plans import known, plan_of
from gisgrid.patrols.tables import Patrol, Patroller


class NoSuchPeople(NotFound):
    """Nobody, or no outing, goes by a name that was given."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some patrollers, None is everybody; of their outings one, if named; `plan`: the plan whose people they are."""

    kind: Literal["plan", "patrol", "people"]
    name: str
    patrollers: frozenset[int] | None
    patrol: int | None = None
    plan: int | None = None

    def of(self, fixes: pd.DataFrame) -> pd.DataFrame:
        """Return the fixes of the group among others."""
        if self.patrollers is not None:
            fixes = fixes[fixes["patroller_id"].isin(self.patrollers)]
        return fixes if self.patrol is None else fixes[(fixes["patrol_id"] == self.patrol).fillna(False)]


def group_of_plan(session: Session, number: int) -> Group:
    """Return the people that a plan names on any of its days. Raises NoSuchPlan."""
    plan = known(session, [plan_of(session, number)])[0]
    is_by_anyone = any(terms.by_anyone for terms in plan.planned.terms)
    named = frozenset().union(*plan.people.values())
    its = session.scalars(select(Patroller.id).where(Patroller.person_id.in_(named)))
    return Group("plan", plan.name, None if is_by_anyone else frozenset(its), plan=number)


def group_of_people(session: Session, refs: Sequence[str]) -> Group:
    """Return some patrollers by the names that phones and files use. Raises NoSuchPeople."""
    rows = session.execute(select(Patroller.ref, Patroller.id).where(Patroller.ref.in_(refs))).all()
    if missing := sorted(set(refs) - {ref for ref, _ in rows}):
        raise NoSuchPeople(f"没有这样的巡查人员:{', '.join(missing)}", f"no such patroller: {', '.join(missing)}")
    return Group("people", ", ".join(sorted(refs)), frozenset(number for _, number in rows))


def group_of_patrol(session: Session, patroller: str, patrol: str) -> Group:
    """Return one outing of a patroller, as phones and files name both. Raises NoSuchPeople."""
    whose = group_of_people(session, [patroller])
    asked = select(Patrol.id).where(Patrol.patroller_id.in_(whose.patrollers or ()), Patrol.ref == patrol)
    found = session.scalar(asked)
    if found is None:
        raise NoSuchPeople(f"{patroller} 没有名为 {patrol} 的巡查", f"{patroller} has no patrol named {patrol}")
    return Group("patrol", f"{patroller} {patrol}", whose.patrollers, found)
