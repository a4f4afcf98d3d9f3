"""On how many days each unit square was seen, and who is told."""

from datetime import timedelta

import pytest

from gisgrid.coverage.heat import TooFewDays, as_squares, squares_seen
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.geometry import to_wgs84
from gisgrid.parameters import Period
from gisgrid.sight import Sight
from tests.coverage.worlds import DAY, NOON, ORIGIN, SETTINGS, settle, stay

WEEK = Period.last_days(7, DAY, SETTINGS.zone)
DAY_AGO = timedelta(days=1)


@pytest.fixture
def walked(engine):
    """Three days in one square of SW, one of them also in one of NE, and once outside of all."""
    with session_scope(engine, write=True) as session:
        settle(session)
        for days in range(3):
            stay(session, (0, 550, 550), (1, 551, 551), start=NOON - days * DAY_AGO)
        stay(session, (9, 1550, 1550), (20, 9000, 9000), start=NOON - DAY_AGO)
    return engine


def seen(engine, period=WEEK, sight=None, **given):
    with session_scope(engine, **({} if sight is None else {"sight": sight})) as session:
        return squares_seen(session, SETTINGS, period, **given)


def test_squares_are_counted_by_day(walked):
    found = seen(walked)
    assert (found.side_m, found.of_days, found.squares["days"].tolist()) == (100, 7, [3, 1])
    (west,), (south,) = to_wgs84([ORIGIN[0] + 500], [ORIGIN[1] + 500], SETTINGS.metric_crs)
    first = found.squares.iloc[0]
    assert (first["west"], first["south"]) == (pytest.approx(west, abs=1e-5), pytest.approx(south, abs=1e-5))
    assert first["east"] - first["west"] == pytest.approx(0.000973, abs=1e-5)


def test_as_many_are_seen_as_the_report_says(walked):
    with session_scope(walked) as session:
        report = coverage_report(session, SETTINGS, level="street", period=WEEK)
    assert [cell.seen_squares for cell in report.cells] == [len(seen(walked).squares)]


@pytest.mark.parametrize(("codes", "days"), [({"SW"}, [3]), ({"N", "NE", "NW"}, [1]), ({"X", "SW"}, [3, 1]), ((), [])])
def test_those_in_other_cells_are_not_told(walked, codes, days):
    assert seen(walked, sight=Sight(codes=frozenset(codes))).squares["days"].tolist() == days


def test_too_many_are_told_as_blocks_each_day_once(walked):
    with session_scope(walked, write=True) as session:
        stay(session, (30, 650, 650))
    found = seen(walked, most=2)
    assert (found.side_m, found.squares["days"].tolist()) == (500, [3, 1])


def test_fewer_days_than_a_week_would_be_a_track(walked):
    with pytest.raises(TooFewDays, match="7"):
        seen(walked, Period.last_days(6, DAY, SETTINGS.zone))
    assert len(seen(walked, Period.last_days(7, DAY - DAY_AGO, SETTINGS.zone)).squares) == 2


def test_days_to_come_are_no_days(walked):
    with pytest.raises(TooFewDays):
        seen(walked, Period.parse("2999-01-01/2999-12-31", SETTINGS.zone))


def test_nobody_was_there(walked):
    found = seen(walked, Period.last_days(7, DAY - 99 * DAY_AGO, SETTINGS.zone))
    assert (len(found.squares), found.of_days) == (0, 7)
    assert as_squares(found).model_dump() == {"side_m": 100, "squares": [], "of_days": 7, "most": 0}


def test_on_the_wire_a_square_is_five_numbers(walked):
    told = as_squares(seen(walked))
    assert (told.most, [square[4] for square in told.squares]) == (3, [3, 1])
    assert all(round(edge, 6) == edge for square in told.squares for edge in square[:4])
