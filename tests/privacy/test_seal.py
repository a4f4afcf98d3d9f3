"""A day is sealed: what is kept of it, and that whatever interrupts it, every check-in counts once."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.grid.relocate import relocate
from gisgrid.patrols.tables import Fix
from gisgrid.privacy import retention, seal
from tests.coverage.worlds import settle
from tests.privacy.worlds import (
    FIRST,
    SPOTS,
    ground,
    kept,
    retain,
    rows,
    sealed,
    stand,
    standings,
    sums,
    walk,
)
from tests.staff.builders import audited

DAY = timedelta(days=1)


def test_what_is_kept_of_a_day(engine, settings):
    ground(engine)
    walk(engine, 61, "SW", "SE", "NE")
    walk(engine, 61, "outside", who="P2")
    for number in range(5):
        walk(engine, 61, "NW", "NW", who=f"Q{number}")
    retain(engine, settings)
    names = ("level", "code", "check_ins", "patrollers", "patrols", "visits", "dwell_s")
    assert kept(engine, *names) == [
        ("community", "", 1, None, None, 0, 0),
        ("community", "N", 11, 6, 6, 6, 330),
        ("community", "S", 2, None, None, 1, 90),
        ("street", "", 1, None, None, 0, 0),
        ("street", "X", 13, 6, 6, 6, 420),
        ("substation", "", 1, None, None, 0, 0),
        ("substation", "NE", 1, None, None, 1, 30),
        ("substation", "NW", 10, 5, 5, 5, 300),
        ("substation", "SE", 1, None, None, 1, 60),
        ("substation", "SW", 1, None, None, 1, 30),
    ]
    areas = {
        code: (area, ratio)
        for level, code, area, ratio in kept(engine, "level", "code", "covered_area_m2", "coverage_ratio")
        if level == "substation"
    }
    assert areas[""] == (None, None)
    assert areas["NW"] == (pytest.approx(7854, abs=80), pytest.approx(0.00785, abs=1e-4))


def test_a_cell_that_was_only_reached_is_kept_too(engine, settings, monkeypatch):
    monkeypatch.setitem(SPOTS, "edge", (990, 500))
    ground(engine)
    walk(engine, 61, "edge")
    retain(engine, settings)
    found = {
        code: (check_ins, area > 0)
        for level, code, check_ins, area in kept(engine, "level", "code", "check_ins", "covered_area_m2")
        if level == "substation"
    }
    assert found == {"SW": (1, True), "SE": (0, True)}


def test_a_day_from_before_the_first_grid(engine, settings):
    ground(engine, date(2026, 11, 1))
    walk(engine, 61, "SW", "SW")
    assert retain(engine, settings)["days"] == 1
    assert kept(engine, "level", "code", "check_ins") == [
        (level, "", 2) for level in ("community", "street", "substation")
    ]


def test_without_any_grid_days_are_sealed_as_well(engine, settings):
    walk(engine, 61, "SW")
    assert retain(engine, settings)["days"] == 1
    assert rows(engine, Fix) == 0


def test_a_fix_that_comes_too_late_changes_no_figure(engine, settings):
    ground(engine)
    walk(engine, 0, "SW")
    walk(engine, 61, "SW")
    retain(engine, settings)
    before = sums(engine, settings)
    for days_ago in (61, 62, 100):  # a sealed day; days on which nobody walked, before it
        walk(engine, days_ago, "SE", who="late")
    assert standings(engine) == {"counted": 1, "quarantined": 3}
    assert sums(engine, settings) == before
    walk(engine, 60, "SE", who="in time")
    assert sums(engine, settings) != before


def test_a_rebuild_leaves_sealed_days(engine, settings):
    ground(engine)
    for days_ago in (10, 61):
        walk(engine, days_ago, "SW")
    retain(engine, settings)
    before = kept(engine, "day", "level", "code", "check_ins")
    with session_scope(engine, write=True) as session:
        settle(session, date(2026, 2, 1))
        assert relocate(session, date(2026, 2, 1), settings) == 1
    retain(engine, settings)
    assert kept(engine, "day", "level", "code", "check_ins") == before
    assert sums(engine, settings)["substation"] == {"SW": 2, "": 0}


def test_a_fix_that_arrives_while_the_day_is_measured_is_measured_too(engine, settings, monkeypatch):
    ground(engine)
    walk(engine, 61, "SW")
    measure, seen = seal._rows, []

    def slowly(session, settings, period):
        found = measure(session, settings, period)
        if not seen:
            seen.append(True)
            session.rollback()  # what it has read stays; an embedded database lets the writer go on
            walk(engine, 61, "SE", who="P2")
        return found

    monkeypatch.setattr(seal, "_rows", slowly)
    assert retain(engine, settings)["days"] == 1
    assert sums(engine, settings)["substation"] == {"SW": 1, "SE": 1, "": 0}
    assert sealed(engine) == {FIRST - 2 * DAY: 2}


def test_a_day_whose_fixes_have_gone_meanwhile_is_not_sealed(engine, settings, monkeypatch):
    ground(engine)
    walk(engine, 61, "SW")
    found = retention.due_days

    def slowly(*given):
        due = found(*given)
        stand(engine, "withheld")
        return due

    monkeypatch.setattr(retention, "due_days", slowly)
    retain(engine, settings)
    assert (sealed(engine), standings(engine)) == ({}, {"withheld": 1})


def test_a_long_day_goes_in_slices(engine, settings, monkeypatch):
    ground(engine)
    walk(engine, 61, *["SW", "SE"] * 5)
    monkeypatch.setattr(seal, "SLICE", 3)
    commits = []
    event.listen(engine, "commit", lambda _: commits.append(rows(engine, Fix)))
    assert retain(engine, settings)["fixes"] == 10
    assert {4, 7, 1} <= set(commits)


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(number):
    """Let the commit after so many others be the end of the process: what it was to commit is lost."""
    left = [number]

    def kill(_):
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    event.listen(Session, "before_commit", kill)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", kill)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))])
def test_whatever_the_order_and_wherever_it_is_killed_each_check_in_counts_once(engine, settings, monkeypatch, seed):
    chance = random.Random(seed)
    monkeypatch.setattr(seal, "SLICE", 2)
    ground(engine)
    for _ in range(8):
        spots = chance.choices(list(SPOTS), k=chance.randint(1, 5))
        walk(engine, chance.randint(55, 65), *spots, who=f"P{chance.randint(1, 3)}")
    before = sums(engine, settings)
    evening = deaths = 0
    while evening < 12:
        try:
            with killed_at(chance.randint(0, 4)):
                retain(engine, settings, evening * DAY)
            evening += 1
        except Killed:
            deaths += 1
        assert sums(engine, settings) == before
    assert deaths > 3
    assert (rows(engine, Fix), sums(engine, settings)) == (0, before)
    assert retain(engine, settings, evening * DAY) == {}


def test_two_at_the_same_time_do_no_harm(engine, settings, monkeypatch):
    monkeypatch.setattr(seal, "SLICE", 2)
    ground(engine)
    for days_ago in (61, 62, 63):
        walk(engine, days_ago, "SW", "SE", "SW", "SE", "NE")
    before = sums(engine, settings)
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(retain, engine, settings) for _ in range(2)]:
            one.result()
    assert (len(sealed(engine)), rows(engine, Fix), sums(engine, settings)) == (3, 0, before)
    assert len(audited(engine, "retention.sealed")) == 3
