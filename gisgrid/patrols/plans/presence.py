"""How many check-ins there were at the places of rounds, and whose: those of whoever was to do them, on those days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gisgrid.parameters import Period
from gisgrid.patrols.plans.judge_rounds import Judged, patrollers_of
from gisgrid.patrols.plans.near_fixes import fixes_near
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import INSIDE, Fixes, Integers, lies_at, us
from gisgrid.settings import Settings


class Presence(NamedTuple):
    """How many check-ins, and whose (rows of patrollers)."""

    check_ins: int
    patrollers: frozenset[int]


def presence(session: Session, settings: Settings, rounds: Sequence[Judged]) -> Presence:
    """Return the check-ins at the places of rounds that have begun, each counted once."""
    begun = [each for each in rounds if each.state != "ahead"]
    if not begun:
        return Presence(0, frozenset())
    spans = [Period.last_days(1, day, settings.zone) for day in sorted({each.round.day for each in begun})]
    fixes = fixes_near(
        session, {each.spot for each in begun}, Period(spans[0].start, spans[-1].end), settings.metric_crs
    )
    walked = patrollers_of(session, {person for each in begun for person in each.people or ()})
    on_day = _days(fixes, spans)
    due: dict[tuple[Spot, frozenset[int] | None], set[date]] = defaultdict(set)
    for each in begun:
        due[each.spot, each.people].add(each.round.day)
    here = np.zeros(len(fixes.moment), dtype=bool)
    for (spot, people), days in due.items():
        is_due = np.isin(on_day, [day.toordinal() for day in days])
        here |= is_due & (lies_at(spot, fixes) == INSIDE) & _by(fixes, people, walked)
    return Presence(int(here.sum()), frozenset(fixes.patroller[here].tolist()))


def _days(fixes: Fixes, spans: Sequence[Period]) -> Integers:
    """Return on which of some days each fix lies, as ordinals; 0 on none."""
    starts = np.array([us(span.start) for span in spans])
    ends = np.array([us(span.end) for span in spans])
    ordinals = np.array([span.start.toordinal() for span in spans])
    nth = np.searchsorted(starts, fixes.moment, side="right") - 1
    return np.where((nth >= 0) & (fixes.moment < ends[nth]), ordinals[nth], 0)


def _by(fixes: Fixes, people: frozenset[int] | None, walked: Mapping[int, int]) -> NDArray[np.bool_]:
    if people is None:
        return np.ones(len(fixes.moment), dtype=bool)
    return np.isin(fixes.patroller, [walked[person] for person in people if person in walked])
