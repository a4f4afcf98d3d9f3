"""Days are found as they are kept; once anything that a day is made of has changed, that day alone is made anew."""

from datetime import date, timedelta

import pytest
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import delete, func, select, update

from gisgrid.coverage import figures
from gisgrid.coverage.days import find
from gisgrid.coverage.days.find import is_kept, name_of
from gisgrid.coverage.figures import parts_between
from gisgrid.coverage.group import group_of_people
from gisgrid.coverage.tables import KeptDay
from gisgrid.database import session_scope
from gisgrid.grid.tables import PatrollableArea
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix, Heartbeat, Patroller, Shift
from tests.coverage.days.worlds import DAYS, keep, kept, noon, told, walk_on
from tests.coverage.worlds import SETTINGS, box, on_earth, settle, stay


@pytest.fixture
def days_kept(walked, settings, anew):
    """The four days, kept, and nothing in memory."""
    assert keep(walked, settings) == 4
    anew.clear()
    return walked


def test_what_is_kept_says_what_the_fixes_say(walked, settings, anew):
    raw = told(walked, settings)
    keep(walked, settings)
    anew.clear()
    assert told(walked, settings) == raw
    assert anew == []


def on_the_second_day(fix_at):
    day = Period.last_days(1, DAYS[1], SETTINGS.zone)
    return (fix_at >= day.start) & (fix_at < day.end)


def late_fix(session):
    stay(session, (0, 1700, 300), patroller="P3", patrol="late", start=noon(1) + timedelta(hours=3))


def fix_of_the_first_second(session):
    stay(session, (0, 1700, 300), start=Period.last_days(1, DAYS[1], SETTINGS.zone).start)


def fix_of_the_last_second(session):
    stay(session, (0, 1700, 300), start=Period.last_days(1, DAYS[1], SETTINGS.zone).last_moment)


def fix_of_another_week(session):
    stay(session, (0, 1700, 300), start=noon(-7))


def heartbeat(session):
    sender = session.scalars(select(Patroller.id).where(Patroller.ref == "P1")).one()
    at = noon(1) + timedelta(minutes=20)
    session.add(Heartbeat(sender_id=sender, beat_at=at, received_at=at))


def shift(session):
    whose = session.scalars(select(Patroller.id).where(Patroller.ref == "P1")).one()
    times = {"started_at": noon(1), "ended_at": noon(2), "signed_on_at": noon(1)}
    session.add(Shift(patroller_id=whose, **times))


def doubt(session):
    one = select(func.min(Fix.id)).where(on_the_second_day(Fix.fix_at)).scalar_subquery()
    session.execute(update(Fix).where(Fix.id == one).values(standing="quarantined"))


def flag(session):
    session.execute(update(Fix).where(on_the_second_day(Fix.fix_at)).values(flags=1 << 3))


def purge(session):
    session.execute(delete(Fix).where(on_the_second_day(Fix.fix_at)))


def moved_to_the_third_day(session):
    its = select(func.max(Fix.id)).where(on_the_second_day(Fix.fix_at)).scalar_subquery()
    session.execute(update(Fix).where(Fix.id == its).values(fix_at=noon(2) + timedelta(hours=5)))


def mask(session):
    west = on_earth(shapely.multipolygons([box(0, 0, 700, 2000)]))
    session.add(PatrollableArea(name="西", geometry=from_shape(west, srid=4326)))


def grid_for_days_gone_by(session):
    settle(session, DAYS[2])


CHANGES = {
    "nothing": (lambda session: None, []),
    "a late fix": (late_fix, [1]),
    "a fix of a day's first moment": (fix_of_the_first_second, [1]),
    "a fix of a day's last moment": (fix_of_the_last_second, [1]),
    "a fix of another week": (fix_of_another_week, []),
    "a heartbeat": (heartbeat, [1]),
    "a shift, which may go on for two days": (shift, [1, 2, 3]),
    "a doubt": (doubt, [1]),
    "other flags": (flag, [1]),
    "a fix of another day than was thought": (moved_to_the_third_day, [1, 2]),
    "a purge": (purge, [1]),
    "a mask": (mask, [0, 1, 2, 3]),
    "a grid for days gone by": (grid_for_days_gone_by, [2, 3]),
}


def test_each_change_makes_the_days_concerned_anew_and_no_other(days_kept, settings, anew):
    for change, (act, concerned) in CHANGES.items():
        with session_scope(days_kept, write=True) as session:
            act(session)
        anew.clear()
        found = told(days_kept, settings)
        assert (change, anew) == (change, [DAYS[number] for number in concerned])
        assert keep(days_kept, settings) == len(concerned) + (act in (fix_of_another_week, mask))
    anew.clear()
    assert told(days_kept, settings) == found
    assert anew == []
    with session_scope(days_kept, write=True) as session:
        session.execute(delete(KeptDay))
    assert told(days_kept, settings) == found
    assert anew == DAYS


SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@SPATIALITE
def test_a_setting_makes_all_anew_if_figures_follow_from_it(days_kept, settings, anew):
    rules = {"reach_m": 33.0, "visit_gap_s": 60.0, "band_gap_s": 60.0, "band_length_m": 60.0, "timezone": "Asia/Manila"}
    with session_scope(days_kept) as session:
        for changes in ({}, {"fix_days": 77}, *({rule: value} for rule, value in rules.items())):
            changed = settings.model_copy(update=changes)
            parts = parts_between(session, changed, DAYS[0], DAYS[-1])
            assert {is_kept(session, part) for part in parts} == {not changes.keys() & rules.keys()}
    told(days_kept, settings.model_copy(update={"reach_m": 33.0}))
    assert anew == DAYS


@SPATIALITE
def test_a_released_doubt_counts_as_if_there_had_been_none(days_kept, settings):
    before = told(days_kept, settings)
    with session_scope(days_kept, write=True) as session:
        doubt(session)
    doubted = told(days_kept, settings)
    assert doubted["quarantined"] == 1
    assert doubted["cells"] != before["cells"]
    with session_scope(days_kept, write=True) as session:
        session.execute(update(Fix).values(standing="counted"))
    assert told(days_kept, settings) == before


@SPATIALITE
def test_memory_holds_what_was_made_and_lets_go_of_the_oldest(walked, settings, anew, monkeypatch):
    monkeypatch.setattr(find, "MOST_HELD", 3)
    whole = told(walked, settings)
    assert anew == DAYS
    assert [key[1] for key in find._held] == [Period.last_days(1, day, settings.zone).start for day in DAYS[1:]]
    assert told(walked, settings) == whole


@SPATIALITE
def test_a_period_longer_than_memory_is_told_from_what_is_kept(days_kept, settings, anew, monkeypatch):
    monkeypatch.setattr(find, "MOST_HELD", 1)
    find._held.clear()
    figures._kept.clear()
    told(days_kept, settings)
    assert anew == []


@SPATIALITE
def test_parts_of_days_are_measured_by_themselves(days_kept, settings, anew):
    half = Period(noon(0) + timedelta(minutes=5), noon(3) + timedelta(minutes=2))
    report = told(days_kept, settings, half)
    assert anew == [DAYS[0], DAYS[3]]
    assert sum(cell["check_ins"] for cell in report["cells"] if cell["level"] == "street") == 2 + 2 * 6 + 2
    assert set(kept(days_kept)) == set(DAYS)


@SPATIALITE
def test_a_group_is_measured_anew_and_never_kept(days_kept, settings, anew):
    content = kept(days_kept)
    with session_scope(days_kept) as session:
        one = group_of_people(session, ["P1"])
    report = told(days_kept, settings, group=one)
    assert anew == DAYS
    assert {cell["patrollers"] for cell in report["cells"]} == {0, 1}
    assert kept(days_kept) == content


@SPATIALITE
def test_days_on_which_nothing_was_sent_are_not_looked_at(walked, settings, anew):
    report = told(walked, settings, Period.last_days(400, DAYS[-1], settings.zone))
    assert anew == DAYS
    assert report["cells"][0]["check_ins"] == 4 * 6


@SPATIALITE
def test_what_is_kept_is_current_or_it_is_not(days_kept, settings):
    with session_scope(days_kept) as session:
        parts = parts_between(session, settings, DAYS[0], DAYS[-1])
        assert [is_kept(session, part) for part in parts] == [True] * 4
        other = parts[1]._replace(changes=parts[1].changes + 1)
        assert not is_kept(session, other)
        assert not is_kept(session, parts[1]._replace(on=parts[1].on._replace(name="another ground")))
    walk_on(days_kept, 4)
    with session_scope(days_kept) as session:
        last = parts_between(session, settings, DAYS[0], DAYS[-1] + timedelta(days=1))[-1]
        assert not is_kept(session, last)


def test_a_name_is_another_for_another_ground():
    grounds = [(1, date(2026, 1, 1), None), (2, date(2026, 1, 1), None), (1, date(2026, 1, 2), None)]
    names = {name_of(SETTINGS, *ground) for ground in grounds}
    assert len(names) == 3
    assert name_of(SETTINGS, *grounds[0]) in names


@SPATIALITE
def test_a_period_of_days_is_the_sum_of_its_days(walked, settings):
    one = [told(walked, settings, Period.last_days(1, day, settings.zone))["cells"] for day in DAYS]
    for number, cell in enumerate(told(walked, settings)["cells"]):
        for name in ("check_ins", "visits", "dwell_s", "effort_m2"):
            assert cell[name] == pytest.approx(sum(cells[number][name] for cells in one), abs=0.4)
