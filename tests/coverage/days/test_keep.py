"""Days that are over are kept by the hour, and made anew when asked; nothing of whoever is erased stays in them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.days import keep as module
from gisgrid.coverage.days.find import forget_days
from gisgrid.coverage.days.keep import keep_what_is_over, rebuild
from gisgrid.coverage.days.packing import unpacked
from gisgrid.coverage.tables import KeptDay
from gisgrid.database import session_scope
from gisgrid.patrols.tables import Fix, Patroller, SealedDay
from gisgrid.privacy.erase import erase
from tests.coverage.days.worlds import DAYS, OVER, WALKS, keep, kept, noon, told, walk_on
from tests.coverage.worlds import settle, stay

SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def test_days_that_are_over_are_kept_once_and_again_when_they_have_changed(walked, settings, anew):
    assert keep(walked, settings, noon(2)) == 2
    assert set(kept(walked)) == set(DAYS[:2])
    assert keep(walked, settings, noon(2)) == 0
    assert keep(walked, settings) == 2
    assert anew == DAYS
    with session_scope(walked, write=True) as session:
        stay(session, (0, 100, 100), start=noon(1) + timedelta(hours=2))
    before = kept(walked)
    assert keep(walked, settings) == 1
    assert anew == [*DAYS, DAYS[1]]
    assert [day for day, content in kept(walked).items() if content != before[day]] == [DAYS[1]]


@SPATIALITE
def test_a_day_is_over_at_local_midnight(walked, settings):
    midnight = datetime(2026, 11, 3, 16, tzinfo=UTC)
    assert keep(walked, settings, midnight - timedelta(seconds=1)) == 1
    assert keep(walked, settings, midnight) == 1
    assert set(kept(walked)) == set(DAYS[:2])


@SPATIALITE
def test_it_stops_when_told_to_and_goes_on_later(walked, settings):
    answers = iter([False, False, True])
    assert keep_what_is_over(walked, settings, OVER, lambda: next(answers, True))["days"] == 2
    assert set(kept(walked)) == set(DAYS[:2])
    assert keep(walked, settings) == 2


@SPATIALITE
def test_there_may_be_nothing_to_keep(engine, settings):
    assert keep(engine, settings) == 0
    with session_scope(engine, write=True) as session:
        stay(session, (0, 100, 100))
    assert keep(engine, settings) == 0  # there is no grid yet
    with session_scope(engine, write=True) as session:
        settle(session, DAYS[2])
    walk_on(engine, 2)
    assert keep(engine, settings, noon(-3)) == 0


def test_made_anew_nothing_differs(walked, settings):
    keep(walked, settings)
    before = kept(walked)
    assert rebuild(walked, settings) == {"days": 4, "differing": 0}
    assert kept(walked) == before
    assert rebuild(walked, settings, DAYS[1], DAYS[2]) == {"days": 2, "differing": 0}
    assert rebuild(walked, settings, DAYS[3]) == {"days": 1, "differing": 0}
    assert rebuild(walked, settings, None, DAYS[0]) == {"days": 1, "differing": 0}
    assert rebuild(walked, settings, DAYS[2], DAYS[1]) == {"days": 0, "differing": 0}


@SPATIALITE
def test_what_came_to_something_else_is_told(walked, settings):
    keep(walked, settings)
    right = told(walked, settings)
    other = kept(walked)[DAYS[0]]
    with session_scope(walked, write=True) as session:
        session.execute(update(KeptDay).where(KeptDay.day == DAYS[2]).values(content=other))
    assert rebuild(walked, settings) == {"days": 4, "differing": 1}
    assert told(walked, settings) == right


@SPATIALITE
def test_what_is_not_over_is_not_made_anew_either(walked, settings, monkeypatch):
    class Clock(datetime):
        """Noon of the third day."""

        @classmethod
        def now(cls, tz=None):
            return noon(2).astimezone(tz)

    monkeypatch.setattr(module, "datetime", Clock)
    assert rebuild(walked, settings, None, DAYS[3])["days"] == 2
    assert set(kept(walked)) == set(DAYS[:2])


@SPATIALITE
def test_sealed_days_are_left_as_they_are(walked, settings):
    with session_scope(walked, write=True) as session:
        session.add(SealedDay(day=DAYS[1], sealed_at=OVER, fixes=6))
    assert keep(walked, settings) == 3
    assert rebuild(walked, settings)["days"] == 3
    assert DAYS[1] not in kept(walked)


def test_the_order_of_arrival_changes_nothing(walked, settings):
    keep(walked, settings)
    before, content = told(walked, settings), kept(walked)
    with session_scope(walked, write=True) as session:
        session.execute(delete(Fix))
    for number in (2, 0, 3, 1):
        with session_scope(walked, write=True) as session:
            for who, fixes in reversed(WALKS):
                for fix in reversed(fixes):
                    stay(session, fix, patroller=who, patrol=f"{who} {number}", start=noon(number))
    assert keep(walked, settings) == 4
    assert told(walked, settings) == before
    assert kept(walked) == content


def test_nothing_of_who_is_erased_stays(walked, settings):
    keep(walked, settings)
    with session_scope(walked) as session:
        number = session.scalars(select(Patroller.id).where(Patroller.ref == "P2")).one()
    assert all(number in whose(content) for content in kept(walked).values())
    erase(walked, OPERATOR, patroller="P2")
    assert kept(walked) == {}
    assert keep(walked, settings) == 4
    assert all(number not in whose(content) and whose(content) for content in kept(walked).values())


def whose(content):
    """Return whose check-ins and visits a kept day holds."""
    day = unpacked(content)
    return {*day.presence["patroller_id"], *day.visits["patroller_id"]}


@SPATIALITE
def test_days_are_forgotten_one_by_one_or_all(walked, settings):
    keep(walked, settings)
    with session_scope(walked, write=True) as session:
        forget_days(session, [DAYS[1]])
    assert set(kept(walked)) == {*DAYS} - {DAYS[1]}
    with session_scope(walked, write=True) as session:
        forget_days(session)
    assert kept(walked) == {}
