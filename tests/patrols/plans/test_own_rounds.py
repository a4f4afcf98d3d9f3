"""The rounds that somebody is to do, at a time."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.patrols.plans.own_rounds import own_rounds
from gisgrid.patrols.plans.terms import Place
from gisgrid.patrols.tables import SealedDay
from gisgrid.sight import NOTHING
from tests.laid import COMMUNITY, SUBSTATION
from tests.patrols.plans.builders import DAY, QUAY, after_nine
from tests.patrols.plans.worlds import AWAY, EVENING, SETTINGS, a_walker, clock, planned

NIGHT = after_nine(16 * 60)
"""One o'clock in the night after DAY."""
TOMORROW = DAY + timedelta(days=1)


def own(engine: Engine, person: int, now: datetime = EVENING, day: date | None = None) -> list[str]:
    """Return day, time and place of a person's rounds."""
    with session_scope(engine, sight=NOTHING) as session:
        found = own_rounds(session, SETTINGS, person, day, now)
    return [f"{each.round.day:%d} {clock(each.round.start_at)} {each.round.place.code}" for each in found]


def test_a_night_shift_goes_on_past_midnight(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, at=("09:00", "23:30"), duration_min=120)
    assert own(town, zhang) == ["26 09:00 C1", "26 23:30 C1"]
    assert own(town, zhang, NIGHT) == ["26 23:30 C1", "27 09:00 C1", "27 23:30 C1"]
    assert own(town, zhang, NIGHT + timedelta(hours=1)) == ["27 09:00 C1", "27 23:30 C1"]
    assert own(town, zhang, NIGHT, DAY) == ["26 09:00 C1", "26 23:30 C1"]


def test_by_name_or_by_where_one_walks(town: Engine) -> None:
    zhang, li, wu = a_walker(town, "zhang"), a_walker(town, "li", COMMUNITY), a_walker(town, "wu", AWAY)
    far = Place("checkpoint", "C9")
    planned(town, by_anyone=False, people=("zhang", "wu"), places=(QUAY, far))
    planned(town, at=("12:00",), places=(far, Place("cell", COMMUNITY), Place("cell", SUBSTATION)))
    assert own(town, zhang) == ["26 09:00 C1", "26 09:00 C9", f"26 12:00 {COMMUNITY}", f"26 12:00 {SUBSTATION}"]
    assert own(town, li) == [f"26 12:00 {COMMUNITY}", f"26 12:00 {SUBSTATION}"]
    assert own(town, wu) == ["26 09:00 C1", "26 09:00 C9", "26 12:00 C9"]
    assert own(town, wu + 1) == []


def test_random_rounds_are_drawn_when_their_day_begins(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, windows=("08:00-20:00",), times_a_day=2)
    assert (len(own(town, zhang, day=DAY)), own(town, zhang, day=TOMORROW)) == (2, [])
    assert own(town, zhang, NIGHT, TOMORROW) == own(town, zhang, NIGHT + timedelta(hours=9), TOMORROW) != []


def test_of_a_sealed_day_nothing_is_known_any_more(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town)
    with session_scope(town, write=True) as session:
        session.add(SealedDay(day=DAY, sealed_at=EVENING, fixes=1))
    assert own(town, zhang, day=DAY) == own(town, zhang) == []
