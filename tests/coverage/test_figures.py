"""From a session to figures: what is asked twice is measured once, until something that it follows from has changed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from gisgrid.coverage import figures as module
from gisgrid.coverage.figures import STEP, local_day, measured, parts_between
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoGrid
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix, SealedDay
from tests.coverage.worlds import DAY, NOON, SETTINGS, cells, settle, stay

PERIOD = Period.last_days(1, DAY, SETTINGS.zone)
SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def walked(engine):
    with session_scope(engine, write=True) as session:
        settle(session, date(2026, 10, 15))
        stay(session, (0, 500, 500), (10, 500, 500))
    return engine


@pytest.fixture
def measurings(monkeypatch):
    """One entry each time that something is measured."""
    found, measure = [], module.measure
    monkeypatch.setattr(module, "measure", lambda *given: found.append(True) or measure(*given))
    return found


def asked(engine, settings, period=PERIOD):
    with session_scope(engine) as session:
        return measured(session, settings, period).figures["street"].cells["check_ins"].sum()


def test_what_is_asked_again_is_measured_once_until_it_changes(walked, settings, measurings):
    assert [asked(walked, settings) for _ in range(3)] == [2, 2, 2]
    assert len(measurings) == 1
    with session_scope(walked, write=True) as session:
        stay(session, (20, 700, 700))
    assert [asked(walked, settings) for _ in range(2)] == [3, 3]
    with session_scope(walked, write=True) as session:
        session.execute(update(Fix).values(standing="withheld"))
    assert asked(walked, settings) == 0
    assert len(measurings) == 3


@SPATIALITE
def test_what_has_not_ended_is_told_up_to_now(walked, settings, monkeypatch):
    class Clock(datetime):
        """A little after three in the afternoon of the day."""

        at = NOON + timedelta(hours=3, minutes=2, seconds=7)

        @classmethod
        def now(cls, tz=None):
            return cls.at.astimezone(tz)

    monkeypatch.setattr(module, "datetime", Clock)

    def waited():
        with session_scope(walked) as session:
            found = measured(session, settings, PERIOD)
        return found.basis.until, found.figures["street"].cells.loc[0, "worst_idle_s"]

    # from midnight to noon, and from ten past to three
    assert waited() == (NOON + timedelta(hours=3), 12 * 3600)
    Clock.at = NOON + timedelta(hours=11, minutes=59)
    assert waited() == (NOON + timedelta(hours=11, minutes=55), 12 * 3600)
    Clock.at = PERIOD.end + timedelta(days=3)
    assert waited() == (PERIOD.end, 12 * 3600)
    Clock.at = PERIOD.start - timedelta(days=1)
    until, idle = waited()
    assert until == PERIOD.start
    assert idle != idle  # noqa: PLR0124 - NaN
    assert timedelta(minutes=5) == STEP


@SPATIALITE
def test_days_are_on_the_ground_in_force_on_them_and_sealed_ones_are_left_out(walked, settings):
    days = [DAY + timedelta(days=number) for number in range(3)]
    with session_scope(walked, write=True) as session:
        settle(session, days[2], cells())
        session.add(SealedDay(day=days[1], sealed_at=NOON, fixes=1))
    with session_scope(walked) as session:
        parts = parts_between(session, settings, days[0], days[2])
        assert [part.day for part in parts] == [days[0], days[2]]
        assert [part.on.first_day for part in parts] == [date(2026, 10, 15), days[2]]
        assert [(part.is_whole, part.changes > 0) for part in parts] == [(True, True), (True, False)]
        with pytest.raises(NoGrid):
            parts_between(session, settings, date(2026, 10, 1), date(2026, 10, 14))


def test_days_are_local():
    assert local_day(datetime(2026, 11, 1, 15, 59, tzinfo=UTC), SETTINGS) == date(2026, 11, 1)
    assert local_day(datetime(2026, 11, 1, 16, tzinfo=UTC), SETTINGS) == date(2026, 11, 2)


def test_a_report_is_compared_with_the_period_before(walked, settings):
    with session_scope(walked, write=True) as session:
        stay(session, (0, 500, 500), start=NOON - timedelta(days=1))
        stay(session, (0, 1500, 500), start=NOON - timedelta(days=2))

    def compared(period):
        with session_scope(walked) as session:
            report = coverage_report(session, settings, level="substation", period=period, is_compared=True)
        return report, [{cell.code: cell.check_ins for cell in found} for found in (report.cells, report.cells_before)]

    report, (now, before) = compared(PERIOD)
    assert (report.before.start, report.before.end) == (PERIOD.start - timedelta(days=1), PERIOD.start)
    assert (now["SW"], before["SW"], now["SE"], before["SE"]) == (2, 1, 0, 0)
    _, (now, before) = compared(Period.last_days(2, DAY, SETTINGS.zone))
    assert (now["SW"], before["SW"], now["SE"], before["SE"]) == (3, 0, 0, 1)
    with session_scope(walked) as session:
        before = Period(report.before.start, report.before.end)
        alone = coverage_report(session, settings, level="substation", period=before)
    assert alone.cells == report.cells_before
    october = Period.parse("2026-10-15/2026-10-20", SETTINGS.zone)
    report, _ = compared(october)  # there was no grid before
    assert (report.before, report.cells_before, len(report.cells)) == (None, [], 4)
    assert any("不作比较" in note.zh for note in report.notes)


def test_without_a_grid_there_are_no_figures(engine, settings):
    with session_scope(engine) as session, pytest.raises(NoGrid):
        measured(session, settings, PERIOD)
