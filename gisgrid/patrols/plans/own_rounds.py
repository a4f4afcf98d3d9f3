"""The rounds that somebody is to do: by name, or because they walk there and anybody on duty may do them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from gisgrid.patrols.plans.find_spots import spots_of
from gisgrid.patrols.plans.judge_rounds import Judged, judged, known_rounds
from gisgrid.patrols.plans.read_plans import Known, plans_between
from gisgrid.patrols.plans.rounds import Round
from gisgrid.patrols.plans.walking import beats, is_on_beat, lineages
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything


def own_rounds(session: Session, settings: Settings, person_id: int, day: date | None, now: datetime) -> list[Judged]:
    """Return the rounds of a day that a person is to do, by time.

    Without a day those of today, and those of yesterday that last until now: a night shift goes on past midnight.
    """
    today = now.astimezone(settings.zone).date()
    days = [today - timedelta(days=1), today] if day is None else [day]
    found = own_rounds_of(session, settings, person_id, days, now)
    return [each for each in found if day is not None or each.round.day == today or each.round.last_at >= now]


def own_rounds_of(
    session: Session, settings: Settings, person_id: int, days: Sequence[date], now: datetime
) -> list[Judged]:
    """Return the rounds of some days, one after another, that a person is to do; of sealed days none is known."""
    newest = sealed_until(session)
    days = [each for each in days if newest is None or each > newest]
    if not days:
        return []
    with seeing_everything(session):
        plans = plans_between(session, days[0], days[-1])
        rounds = known_rounds(plans, days, settings, now)
        return judged(session, settings, _mine(session, settings, rounds, person_id), now)


def _mine(
    session: Session, settings: Settings, rounds: Sequence[tuple[Known, Round]], person_id: int
) -> list[tuple[Known, Round]]:
    anybodys = [each for plan, each in rounds if plan.people_on(each.day) is None]
    spots = spots_of(session, anybodys, settings.metric_crs)
    cells = [beat.cell_code for beat in beats(session, [person_id])] if anybodys else []
    above = lineages(session) if anybodys else {}
    walked = {each for each, spot in spots.items() if any(is_on_beat(cell, spot, above) for cell in cells)}
    return [
        (plan, each)
        for plan, each in rounds
        if (each in walked if (people := plan.people_on(each.day)) is None else person_id in people)
    ]
