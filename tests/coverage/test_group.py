"""Whom a report is of: the people of a plan, some people, one outing; of those their own fixes alone are measured."""

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from gisgrid.coverage.group import Group, NoSuchPeople, group_of_patrol, group_of_people, group_of_plan
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.plans.read_plans import NoSuchPlan
from gisgrid.patrols.tables import Patroller
from gisgrid.sight import Sight
from tests.coverage.worlds import NOON, settle, stay
from tests.patrols.plans.worlds import a_walker, planned, settle_down

DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


@pytest.fixture
def walked(engine: Engine) -> Engine:
    """P1 on two outings, P2 on one, P3 without an outing that has a name."""
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 200, 200), (12, 300, 200), patroller="P1", patrol="a")
        stay(session, (60, 1500, 500), (63, 1600, 500), patroller="P1", patrol="b")
        stay(session, (0, 200, 200), (5, 300, 200), patroller="P2", patrol="a")
        stay(session, (0, 500, 1500), patroller="P3", patrol=None)
    return engine


def table(engine, settings, group, *names, **sight):
    with session_scope(engine, **sight) as session:
        report = coverage_report(session, settings, level="substation", period=DAY, group=group and group(session))
    return report, {cell.code: tuple(getattr(cell, name) for name in names) for cell in report.cells if cell.check_ins}


def test_the_figures_of_a_group_are_those_of_its_people_alone(walked, settings):
    names = ("check_ins", "patrollers", "patrols", "visits", "dwell_s")
    everybody = {"SW": (4, 2, 2, 2, 1020), "SE": (2, 1, 1, 1, 180), "NW": (1, 1, 0, 1, 0)}
    groups = {
        None: everybody,
        ("P1",): {"SW": (2, 1, 1, 1, 720), "SE": (2, 1, 1, 1, 180)},
        ("P2",): {"SW": (2, 1, 1, 1, 300)},
        ("P1", "P2"): {"SW": (4, 2, 2, 2, 1020), "SE": (2, 1, 1, 1, 180)},
        ("P3", "P1", "P2"): everybody,
    }
    for refs, expected in groups.items():
        of = None if refs is None else lambda session, refs=refs: group_of_people(session, refs)
        report, found = table(walked, settings, of, *names)
        assert found == expected
        shown = None if refs is None else {"kind": "people", "name": ", ".join(sorted(refs))}
        assert (report.group and report.group.model_dump()) == shown
    _, outing = table(walked, settings, lambda session: group_of_patrol(session, "P1", "b"), *names)
    assert outing == {"SE": (2, 1, 1, 1, 180)}
    _, other = table(walked, settings, lambda session: group_of_patrol(session, "P2", "a"), *names)
    assert other == {"SW": (2, 1, 1, 1, 300)}


def test_whoever_answers_for_some_cells_sees_those_of_a_group(walked, settings):
    def one(session):
        return group_of_people(session, ["P1"])

    report, found = table(walked, settings, one, "check_ins", sight=Sight(codes=frozenset({"SE"})))
    assert [cell.code for cell in report.cells] == ["SE"]
    assert found == {"SE": (2,)}
    assert (report.outside, report.excluded, report.quarantined, report.delivered_late) == (None,) * 4
    assert table(walked, settings, one, "check_ins", sight=Sight())[0].cells == []


@pytest.mark.parametrize("refs", [["P9"], ["P1", "P9"], ["P1 "]])
def test_nobody_goes_by_that_name(walked, refs):
    with session_scope(walked) as session, pytest.raises(NoSuchPeople, match=refs[-1]):
        group_of_people(session, refs)


def test_an_outing_is_that_of_whoever_is_named(walked):
    with session_scope(walked) as session:
        for who, outing in (("P2", "b"), ("P3", "a"), ("P9", "a")):
            with pytest.raises(NoSuchPeople):
                group_of_patrol(session, who, outing)
        assert group_of_patrol(session, "P1", "a") != group_of_patrol(session, "P2", "a")


def test_the_people_of_a_plan(engine: Engine) -> None:
    settle_down(engine)
    zhang, lisi = a_walker(engine, "zhang"), a_walker(engine, "lisi")
    with session_scope(engine, write=True) as session:
        rows = [patroller_of(session, who).id for who in (zhang, lisi)]
        session.add(Patroller(ref="P1", name=""))
    named = planned(engine, by_anyone=False, people=("zhang",))
    anyone = planned(engine, name="B")
    with session_scope(engine) as session:
        group = group_of_plan(session, named)
        assert (group.kind, group.plan, group.patrollers, group.patrol) == ("plan", named, frozenset(rows[:1]), None)
        assert group_of_plan(session, anyone).patrollers is None
        assert len(session.scalars(select(Patroller.id)).all()) == 3
        with pytest.raises(NoSuchPlan):
            group_of_plan(session, 99)


def test_rows_without_an_outing_are_of_none() -> None:
    fixes = pd.DataFrame({"patroller_id": [1, 1, 2], "patrol_id": pd.array([7, None, 7], dtype="Int64")})
    for patrollers, patrol, kept in (
        (frozenset({1}), None, [0, 1]),
        (frozenset({1}), 7, [0]),
        (frozenset(), None, []),
        (None, None, [0, 1, 2]),
    ):
        assert Group("people", "x", patrollers, patrol).of(fixes).index.tolist() == kept
