"""How rounds stand: worked out from the plans and the fixes each time, so that whatever arrives late corrects it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.duty.consent import WALKING
from gisgrid.patrols.plans.delivered import delivered_until
from gisgrid.patrols.plans.find_spots import spots_of
from gisgrid.patrols.plans.near_fixes import fixes_near
from gisgrid.patrols.plans.read_plans import Known
from gisgrid.patrols.plans.rounds import Round, State, has_delivered, rounds_on, state_of
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import Stay, done_at, stays_at
from gisgrid.patrols.plans.walking import Lineages, is_on_beat, lineages
from gisgrid.patrols.tables import Patroller, Shift
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything
from gisgrid.staff.tables import Appointment

SHIFT: Final = table_of(Shift)


@dataclass(frozen=True, slots=True)
class Judged:
    """A round of a plan at its place, how it stands, and when it was done."""

    plan: Known
    round: Round
    spot: Spot
    state: State
    done_at: datetime | None

    @property
    def people(self) -> frozenset[int] | None:
        """The persons who are to do it, None is anybody on duty."""
        return self.plan.people_on(self.round.day)


class Found(NamedTuple):
    """Rounds with their places, the stays at each place, and the patrollers whose visit each has to be."""

    rounds: Sequence[tuple[Known, Round]]
    spots: Mapping[Round, Spot]
    stays: Mapping[Spot, Sequence[Stay]]
    who: Mapping[Round, frozenset[int] | None]


def known_rounds(
    plans: Iterable[Known], days: Sequence[date], settings: Settings, now: datetime
) -> list[tuple[Known, Round]]:
    """Return the rounds of some days with their plans; random ones of days to come are not drawn yet."""
    today = now.astimezone(settings.zone).date()
    return [
        (plan, each)
        for plan in plans
        for day in days
        if not (day > today and _is_random(plan, day))
        for each in rounds_on(plan.planned, day, settings.zone)
    ]


def _is_random(plan: Known, day: date) -> bool:
    terms = plan.planned.terms_on(day)
    return terms is not None and terms.is_random


def judged(session: Session, settings: Settings, rounds: Sequence[tuple[Known, Round]], now: datetime) -> list[Judged]:
    """Return how rounds stand at a time, by time and place; one whose place did not stand is none.

    It looks at everything: whoever shows x.
    """
    if not rounds:
        return []
    with seeing_everything(session):
        spots = spots_of(session, [each for _, each in rounds], settings.metric_crs)
        rounds = [(plan, each) for plan, each in rounds if each in spots]
        found = _found(session, settings, rounds, spots, now)
        done = {each: _done(found, each) for _, each in rounds}
        open_rounds = [(plan, each) for plan, each in rounds if done[each] is None and each.last_at < now]
        is_delivered = _delivered(session, settings, open_rounds, found, now)
    grace = timedelta(hours=settings.upload_grace_hours)
    states = {
        each: state_of(each, done[each], now, grace, is_delivered=is_delivered.get(each, False)) for _, each in rounds
    }
    made = [Judged(plan, each, spots[each], states[each], done[each]) for plan, each in rounds]
    return sorted(made, key=lambda each: (each.round.start_at, each.round.place, each.round.plan_id))


def _found(
    session: Session,
    settings: Settings,
    rounds: Sequence[tuple[Known, Round]],
    spots: Mapping[Round, Spot],
    now: datetime,
) -> Found:
    walked = patrollers_of(session, {person for plan, each in rounds for person in plan.people_on(each.day) or ()})
    who = {each: _who(plan.people_on(each.day), walked) for plan, each in rounds}
    begun = [each for _, each in rounds if each.start_at <= now]
    stays: dict[Spot, list[Stay]] = {}
    if begun:
        span = Period(min(each.start_at for each in begun), max(each.last_at for each in begun))
        there = {spots[each] for each in begun}
        fixes = fixes_near(session, there, span, settings.metric_crs)
        stays = {spot: stays_at(spot, fixes, settings.visit_gap_s) for spot in there}
    return Found(rounds, spots, stays, who)


def _who(people: frozenset[int] | None, walked: Mapping[int, int]) -> frozenset[int] | None:
    return None if people is None else frozenset(walked[person] for person in people if person in walked)


def _done(found: Found, its: Round) -> datetime | None:
    spot = found.spots[its]
    return done_at(spot, found.stays.get(spot, ()), found.who[its], its.start_at, its.last_at)


def patrollers_of(session: Session, people: Collection[int]) -> dict[int, int]:
    """Return as whom persons walk, of those who ever did."""
    asked = select(Patroller.person_id, Patroller.id).where(Patroller.person_id.in_(people))
    return {person: number for person, number in session.execute(asked) if person is not None} if people else {}


# --- whose device has delivered --------------------------------------------------------------------


class Duty(NamedTuple):
    """A shift of somebody, and the code of a cell in which they walk; None is everywhere."""

    patroller: int
    started_at: datetime
    ended_at: datetime
    cell_code: str | None


def _delivered(
    session: Session, settings: Settings, rounds: Sequence[tuple[Known, Round]], found: Found, now: datetime
) -> dict[Round, bool]:
    """Tell of rounds that are over, and not done so far as is known, whether everybody has delivered past their end."""
    since = now - timedelta(hours=settings.upload_grace_hours)
    fresh = [(plan, each) for plan, each in rounds if each.last_at >= since]
    if not fresh:
        return {}
    ends = [each.end_at for _, each in fresh]
    span = Period(min(each.start_at for _, each in fresh), max(each.last_at for _, each in fresh))
    duties = _duties(session, span) if any(found.who[each] is None for _, each in fresh) else []
    above = lineages(session) if duties else {}
    awaited = {each: _awaited(plan, each, found, duties, above) for plan, each in fresh}
    everybody = {who for its in awaited.values() for who in its if who is not None}
    until = delivered_until(session, everybody, min(ends))
    return {each: has_delivered(awaited[each], until, each.end_at) for _, each in fresh}


def _awaited(plan: Known, its: Round, found: Found, duties: Iterable[Duty], above: Lineages) -> frozenset[int | None]:
    """Return the patrollers who may have done a round; None is somebody named who never walked."""
    who = found.who[its]
    if who is not None:
        strangers = len(plan.people_on(its.day) or ()) > len(who)
        return who | ({None} if strangers else frozenset())
    there = [duty for duty in duties if duty.started_at <= its.last_at and duty.ended_at > its.start_at]
    return frozenset(duty.patroller for duty in there if is_on_beat(duty.cell_code, found.spots[its], above))


def _duties(session: Session, span: Period) -> list[Duty]:
    asked = select(SHIFT.c.patroller_id, SHIFT.c.started_at, SHIFT.c.ended_at, Appointment.cell_code)
    asked = asked.join(Patroller, Patroller.id == SHIFT.c.patroller_id)
    asked = asked.join(Appointment, Appointment.person_id == Patroller.person_id)
    during = (SHIFT.c.started_at <= span.end, SHIFT.c.ended_at > span.start)
    return [Duty(*row) for row in session.execute(asked.where(*during, Appointment.role.in_(WALKING)))]
