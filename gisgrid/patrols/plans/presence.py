"""How many check-ins there were at the places of rounds, and whose: those of whoever was to do them, on those days."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gisgrid.parameters import Period
from gisgrid.patrols.plans.judge_rounds import Judged, patrollers_of
from gisgrid.patrols.plans.near_fixes import fixes_near
from gisgrid.patrols.plans.stays import INSIDE, Fixes, lies_at, us
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
    spans = [_span(each.round.day, settings) for each in begun]
    whole = Period(min(span.start for span in spans), max(span.end for span in spans))
    fixes = fixes_near(session, {each.spot for each in begun}, whole, settings.metric_crs)
    walked = patrollers_of(session, {person for each in begun for person in each.people or ()})
    here = np.zeros(len(fixes.moment), dtype=bool)
    for spot, people, day in {(each.spot, each.people, each.round.day) for each in begun}:
        who = None if people is None else [walked[person] for person in people if person in walked]
        here |= (lies_at(spot, fixes) == INSIDE) & _on(fixes, _span(day, settings)) & _by(fixes, who)
    return Presence(int(here.sum()), frozenset(fixes.patroller[here].tolist()))


def _span(day: date, settings: Settings) -> Period:
    return Period.last_days(1, day, settings.zone)


def _on(fixes: Fixes, span: Period) -> NDArray[np.bool_]:
    return (fixes.moment >= us(span.start)) & (fixes.moment < us(span.end))


def _by(fixes: Fixes, who: list[int] | None) -> NDArray[np.bool_]:
    return np.ones(len(fixes.moment), dtype=bool) if who is None else np.isin(fixes.patroller, who)
