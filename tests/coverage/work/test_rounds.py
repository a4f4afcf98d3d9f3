"""Rounds and open gaps by cell: on a small town by hand, and the same numbers as the report of a plan."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.schemas import Note
from gisgrid.coverage.work.rounds import round_figures, round_notes
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gaps import close_gap, settle_gaps
from gisgrid.patrols.plans.report import plan_report
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.plans.terms import Place
from gisgrid.privacy.retention import run
from gisgrid.sight import NOTHING
from tests.laid import CELLS, COMMUNITY, ELSEWHERE, STREET, SUBSTATION
from tests.patrols.plans.builders import DAY, QUAY, ZONE, after_nine
from tests.patrols.plans.worlds import AWAY, EVENING, SETTINGS, a_walker, on_duty, planned, settle_down, walked

A_DAY = 24 * 60
BEFORE = DAY - timedelta(days=1)
LATER = EVENING + timedelta(days=10)
BOTH = (QUAY, Place("checkpoint", "C9"))
PLACES = (*BOTH, Place("cell", COMMUNITY), Place("cell", STREET))
NAMES = ("rounds_done", "rounds_done_late", "rounds_missed", "rounds_unconfirmed", "open_gaps")

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def town(engine: Engine) -> Engine:
    """A grid with a checkpoint in each of two stations, whose communities are two as well."""
    settle_down(engine)
    return engine


def days(first: date = BEFORE, last: date = DAY) -> Period:
    return Period(*(datetime.combine(day, time(), ZONE) for day in (first, last + timedelta(days=1))))


def figures(
    engine: Engine, period: Period | None = None, now: datetime = LATER, **asked: Any
) -> dict[str, pd.DataFrame]:
    with session_scope(engine, sight=NOTHING) as session:
        return round_figures(session, SETTINGS, period or days(), now, **asked)


def told(found: dict[str, pd.DataFrame]) -> dict[str, tuple[int, ...]]:
    """Return done, late, missed, unconfirmed and open of the cells where there is any."""
    rows = {code: tuple(row) for frame in found.values() for code, *row in frame[list(NAMES)].itertuples()}
    return {code: row for code, row in rows.items() if any(row)}


def test_a_round_belongs_to_the_cells_of_its_place(town: Engine) -> None:
    planned(town, places=PLACES, first_day=BEFORE)
    walked(town, "P1", 10, 20)
    walked(town, "P2", 70, at=ELSEWHERE)
    settle_gaps(town, SETTINGS, Period(EVENING - timedelta(days=3), EVENING), EVENING)
    found = figures(town)
    # on DAY: C1 in time, C9 late, the community by P1, the street by both; the day before nobody came, and four gaps
    # opened, all of them closed by the visits of the next day
    assert told(found) == {
        SUBSTATION: (1, 0, 1, 0, 0),
        AWAY: (0, 1, 1, 0, 0),
        COMMUNITY: (2, 0, 2, 0, 0),
        AWAY[:12]: (0, 1, 1, 0, 0),
        STREET: (3, 1, 4, 0, 0),
    }
    assert found["street"].loc[STREET, "rounds_ratio"] == 0.5
    for level, frame in found.items():
        assert frame.index.name == "code"
        assert list(frame.index) == sorted(CELLS.loc[CELLS["level"] == level, "code"])
        nothing = frame[frame[list(NAMES)].sum(axis=1) == 0]
        assert nothing["rounds_ratio"].isna().all()


def test_it_says_what_the_report_of_the_plan_says(town: Engine) -> None:
    both = [
        planned(town, places=BOTH, name=name, at=at) for name, at in (("甲", ("09:00",)), ("乙", ("15:00", "23:00")))
    ]
    walked(town, "P1", 10, 15 * 60)
    walked(town, "P2", 70 - A_DAY, at=ELSEWHERE)
    every = figures(town)["street"].loc[STREET]
    parts = []
    for plan in both:
        with session_scope(town) as session:
            rounds = plan_report(session, SETTINGS, plan, LATER, (BEFORE, DAY)).rounds
        its = figures(town, plan=plan)["street"].loc[STREET]
        names = ("rounds_done", "rounds_done_late", "rounds_missed", "rounds_unconfirmed")
        assert tuple(its[list(names)]) == (rounds.done, rounds.done_late, rounds.missed, rounds.unconfirmed)
        assert its["rounds_ratio"] == pytest.approx(rounds.done_ratio)
        parts.append(its[list(names)])
    assert (sum(parts) == every[parts[0].index]).all()
    assert told(figures(town, plan=99)) == {}


@spatialite
def test_what_is_not_over_is_not_counted_and_what_has_not_told_is_apart(town: Engine) -> None:
    zhang = a_walker(town, "zhang")
    planned(town, at=("09:00", "19:30"))
    on_duty(town, zhang, -60, 12 * 60)
    walked(town, zhang, -30)
    assert told(figures(town, days(DAY), EVENING))[SUBSTATION] == (0, 0, 0, 1, 0)
    assert figures(town, days(DAY), EVENING)["substation"]["rounds_ratio"].isna().all()
    walked(town, zhang, 600)
    assert told(figures(town, days(DAY), EVENING))[SUBSTATION] == (0, 0, 1, 0, 0)
    assert told(figures(town, days(DAY, DAY + timedelta(days=30)), EVENING))[SUBSTATION] == (0, 0, 1, 0, 0)
    assert told(figures(town, days(DAY + timedelta(days=1), DAY + timedelta(days=30)), EVENING)) == {}


@spatialite
def test_parts_of_a_period_add_up_wherever_it_is_cut(town: Engine) -> None:
    planned(town, windows=("22:00-06:00",), times_a_day=5, duration_min=60)
    walked(town, "P1", *range(-A_DAY, A_DAY, 45))
    whole = told(figures(town))[STREET]
    assert sum(whole[:3]) == 10
    for hours in (1, 20, 24, 26, 47):
        cut = days().start + timedelta(hours=hours)
        parts = [
            told(figures(town, part)).get(STREET, (0,) * 5)
            for part in (Period(days().start, cut), Period(cut, days().end))
        ]
        assert tuple(map(sum, zip(*parts, strict=True))) == whole


@spatialite
def test_gaps_are_open_until_they_are_closed(town: Engine) -> None:
    planned(town, places=BOTH, first_day=BEFORE)
    settle_gaps(town, SETTINGS, Period(EVENING - timedelta(days=3), EVENING), EVENING)
    assert told(figures(town))[STREET] == (0, 0, 4, 0, 4)
    assert told(figures(town))[SUBSTATION] == (0, 0, 2, 0, 2)
    assert told(figures(town, days(DAY)))[STREET] == (0, 0, 2, 0, 2)
    with session_scope(town, write=True) as session:
        gap = session.query(Gap).filter(Gap.code == "C1").order_by(Gap.id).first()
        assert gap is not None
        close_gap(session, OPERATOR, gap.id, "封路")
    assert told(figures(town))[SUBSTATION] == (0, 0, 2, 0, 1)
    assert told(figures(town, plan=gap.plan_id + 1)) == {}


def notes(engine: Engine, period: Period, now: datetime) -> list[Note]:
    with session_scope(engine, sight=NOTHING) as session:
        return round_notes(session, SETTINGS, period, now)


def test_of_sealed_days_rounds_stay_where_all_places_of_their_plan_are(town: Engine) -> None:
    planned(town, places=BOTH, first_day=BEFORE, last_day=DAY, at=("09:00", "19:00"))
    planned(town, places=(QUAY,), name="码头", first_day=BEFORE, last_day=DAY)
    walked(town, "P1", 10 - A_DAY, 10)
    walked(town, "P2", 70, at=ELSEWHERE)
    before = told(figures(town))
    assert before[STREET] == (4, 1, 5, 0, 0)
    assert before[SUBSTATION] == (4, 0, 2, 0, 0)
    assert notes(town, days(), LATER) == []
    now = datetime.combine(DAY + timedelta(days=SETTINGS.fix_days), time(12), ZONE)
    run(town, SETTINGS, now)
    after = told(figures(town, now=now))
    assert after == {STREET: before[STREET], COMMUNITY: (2, 0, 0, 0, 0), SUBSTATION: (2, 0, 0, 0, 0)}
    assert len(notes(town, days(), now)) == 1
    # a day of which only a part lies in the period cannot be divided
    part = Period(days().start, after_nine(0))
    assert told(figures(town, part, now))[STREET] == (2, 0, 3, 0, 0)
