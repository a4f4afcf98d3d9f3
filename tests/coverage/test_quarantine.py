"""What waits for a verdict is counted by cell, and is in no other figure."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from gisgrid.coverage.group import group_of_patrol, group_of_people
from gisgrid.coverage.quarantine import quarantined_in
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix
from tests.coverage.worlds import NOON, settle, stay

DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


@pytest.fixture
def doubted(engine):
    """Quarantined are P1's first of two in SW, one in NE on another outing, P2's one outside all, one a day later."""
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 500, 500), (1, 1500, 1500), patroller="P1", patrol="a")
        stay(session, (2, 500, 500), patroller="P1", patrol="b")
        stay(session, (3, -500, 500), patroller="P2", patrol="a")
        stay(session, (0, 500, 500), patroller="P2", patrol="a", start=DAY.end)
        session.execute(update(Fix).values(standing="quarantined"))
        stay(session, (9, 500, 500), patroller="P1", patrol="a")
    return engine


def test_they_are_counted_where_they_lie_by_whose_they_are(doubted):
    with session_scope(doubted) as session:
        for group, total, by_code in (
            (None, 4, {"SW": 2, "S": 2, "NE": 1, "N": 1, "X": 3}),
            (group_of_people(session, ["P1"]), 3, {"SW": 2, "S": 2, "NE": 1, "N": 1, "X": 3}),
            (group_of_people(session, ["P2"]), 1, {}),
            (group_of_patrol(session, "P1", "a"), 2, {"SW": 1, "S": 1, "NE": 1, "N": 1, "X": 2}),
            (group_of_patrol(session, "P1", "b"), 1, {"SW": 1, "S": 1, "X": 1}),
        ):
            found = quarantined_in(session, DAY, group)
            assert (found.total, dict(found.by_code)) == (total, by_code)


@pytest.mark.parametrize("standing", ["rejected", "withheld", "counted"])
def test_whatever_stands_otherwise_is_none(doubted, standing):
    with session_scope(doubted, write=True) as session:
        session.execute(update(Fix).values(standing=standing))
    with session_scope(doubted) as session:
        assert quarantined_in(session, DAY, None).total == 0


def test_they_are_in_no_other_figure_until_they_are_released(doubted, settings):
    def report():
        with session_scope(doubted) as session:
            found = coverage_report(session, settings, level="substation", period=DAY)
        return found, {cell.code: (cell.check_ins, cell.quarantined) for cell in found.cells}

    before, cells = report()
    assert (before.quarantined, before.outside.check_ins, before.outside.quarantined) == (4, 0, 1)
    assert cells == {"NE": (0, 1), "NW": (0, 0), "SE": (0, 0), "SW": (1, 2)}
    with session_scope(doubted, write=True) as session:
        session.execute(update(Fix).values(standing="counted"))
    after, cells = report()
    assert (after.quarantined, after.outside.check_ins, after.outside.quarantined) == (0, 1, 0)
    assert cells == {"NE": (1, 0), "NW": (0, 0), "SE": (0, 0), "SW": (3, 0)}
