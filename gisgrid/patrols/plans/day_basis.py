"""What the rounds of a closed day follow from, in one word: as long as that is the same, so are they.

They follow from what was planned for that day and by whom it was to be done, from the checkpoints as they were, the
grid, and the fixes of their time. What was changed for other days alone changes nothing.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256

from sqlalchemy.orm import Session

from gisgrid.grid.locate import KNOWN
from gisgrid.patrols.changes import version_of
from gisgrid.patrols.plans.find_spots import Version, Versions, checkpoint_versions
from gisgrid.patrols.plans.judge_rounds import patrollers_of
from gisgrid.patrols.plans.near_fixes import AHEAD
from gisgrid.patrols.plans.read_plans import Known
from gisgrid.settings import Settings


def bases(session: Session, settings: Settings, plans: Sequence[Known], days: Sequence[date]) -> dict[date, str]:
    """Return that word for each of some closed days. `plans` are all those of these days."""
    seen = {day: looked_at(plans, day, settings) for day in days}
    versions = version_of(session, sorted({each for its in seen.values() for each in its}), settings.zone)
    grids = session.execute(KNOWN).all()
    checkpoints = _checkpoints(checkpoint_versions(session))
    planned = _planned(session, plans, settings)
    rules = (settings.metric_crs, settings.visit_gap_s, settings.timezone)
    return {
        day: _digest(
            rules,
            [tuple(grid) for grid in grids if grid.first_day <= day][-1:],
            checkpoints(midnight(day, settings), over_at(plans, day, settings)),
            planned(day),
            [versions[each] for each in seen[day]],
        )
        for day in days
    }


def midnight(day: date, settings: Settings) -> datetime:
    """Return when a local day begins."""
    return datetime.combine(day, time(), settings.zone)


def over_at(plans: Sequence[Known], day: date, settings: Settings) -> datetime:
    """Return when all rounds of a day are over, at the latest."""
    terms = (plan.planned.terms_on(day) for plan in plans)
    minutes = max((its.over_by for its in terms if its is not None), default=0)
    return midnight(day, settings) + timedelta(minutes=minutes)


def looked_at(plans: Sequence[Known], day: date, settings: Settings) -> list[date]:
    """Return the days of which fixes may make a round of a day done; a clock may run ahead."""
    last = (over_at(plans, day, settings) + AHEAD).date()
    return [day + timedelta(days=number) for number in range((last - day).days + 1)]


def _planned(session: Session, plans: Sequence[Known], settings: Settings) -> Callable[[date], list[object]]:
    """Return what tells what was planned for a day: terms, who is named in them, and an end within its time."""
    walked = patrollers_of(session, {person for plan in plans for named in plan.people.values() for person in named})
    known = {
        (plan.planned.id, terms.since): _terms(plan, terms.since, walked)
        for plan in plans
        for terms in plan.planned.terms
    }

    def of(day: date) -> list[object]:
        found: list[object] = []
        for plan in plans:
            terms, ended = plan.planned.terms_on(day), plan.planned.ended_at
            if terms is not None:
                is_over = ended is not None and ended <= over_at([plan], day, settings)
                found.append((known[plan.planned.id, terms.since], ended if is_over else None))
        return found

    return of


def _terms(plan: Known, since: date, walked: Mapping[int, int]) -> str:
    its = plan.planned
    named = sorted((person, walked.get(person)) for person in plan.people.get(since, ()))
    terms = next(each for each in its.terms if each.since == since)
    return _digest(its.id, its.seed, its.first_day, its.made_at, terms, named)


def _checkpoints(versions: Versions) -> Callable[[datetime, datetime], str]:
    """Return what tells how the checkpoints were from a time to another: days between two changes have it in common."""
    changes = sorted(each.until for its in versions.values() for each in its if each.until is not None)

    @cache
    def between(before: int, after: int) -> str:
        start = changes[before - 1] if before else None
        end = changes[after] if after < len(changes) else None
        return _digest([(code, _standing(its, start, end)) for code, its in sorted(versions.items())])

    def of(start: datetime, end: datetime) -> str:
        return between(bisect_right(changes, start), bisect_right(changes, end))

    return of


def _standing(versions: Sequence[Version], start: datetime | None, end: datetime | None) -> list[Version]:
    """Return what a checkpoint was after one change of any, and before another: when that ended later is no matter."""
    found = []
    for each in versions:
        if start is None or each.until is None or each.until > start:
            is_last = each.until is None or (end is not None and each.until >= end)
            found.append(each._replace(name="", until=None if is_last else each.until))
            if is_last:
                break
    return found


def _digest(*what: object) -> str:
    return sha256(repr(what).encode()).hexdigest()
