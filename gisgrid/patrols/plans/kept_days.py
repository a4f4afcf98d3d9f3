"""What is left of the rounds of a sealed day: how many there were of each plan, by how they stood."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.once import table_of
from gisgrid.patrols.plans.judge_rounds import judged, known_rounds
from gisgrid.patrols.plans.presence import presence
from gisgrid.patrols.plans.read_plans import Known, plans_between
from gisgrid.patrols.plans.rounds import State, rounds_on
from gisgrid.patrols.plans.tables import PlanDay
from gisgrid.settings import Settings

PLAN_DAY: Final = table_of(PlanDay)
KEPT: Final[tuple[State, ...]] = ("done", "done_late", "missed")
"""States in which a round is when its day is sealed."""


def plan_days(session: Session, settings: Settings, day: date, now: datetime) -> list[dict[str, Any]]:
    """Return what is kept of the rounds of a day that is to be sealed, as rows of `plan_days`."""
    rows = []
    for plan in plans_between(session, day, day):
        found = judged(session, settings, known_rounds([plan], [day], settings, now), now)
        if found:
            counts = Counter(each.state for each in found)
            states: dict[str, int] = {state: counts[state] for state in KEPT}
            check_ins = presence(session, settings, found).check_ins
            rows.append({"day": day, "plan_id": plan.planned.id, **states, "check_ins": check_ins})
    return rows


def kept_days(
    session: Session, settings: Settings, plan: Known, days: Sequence[date]
) -> dict[date, tuple[Counter[State], int]]:
    """Return the rounds by state, and the check-ins, of sealed days; where nothing was measured all were missed."""
    if not days:
        return {}
    asked = select(PLAN_DAY).where(PLAN_DAY.c.plan_id == plan.planned.id, PLAN_DAY.c.day.between(days[0], days[-1]))
    rows = {row["day"]: row for row in session.execute(asked).mappings()}
    found: dict[date, tuple[Counter[State], int]] = {}
    for day in days:
        row = rows.get(day)
        if row is not None:
            states = Counter({state: row[state] for state in KEPT})
            found[day] = states, row["check_ins"]
        elif rounds := len(rounds_on(plan.planned, day, settings.zone)):
            found[day] = Counter({"missed": rounds}), 0
    return found
