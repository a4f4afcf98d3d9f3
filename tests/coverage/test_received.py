"""On which days anything was received: whole local days that are over, and from when on, whoever sent it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from gisgrid.coverage.figures import measured
from gisgrid.coverage.group import group_of_people
from gisgrid.coverage.received import received_in
from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.tables import Fix, SealedDay
from tests.coverage.worlds import NOON, settle, stay

DAY = timedelta(days=1)
LATER = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = 3600


@pytest.fixture
def walked(engine):
    """Somebody at noon of the 2nd and of the 4th of November, outside all cells, the second time in quarantine."""
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 500, 500))
        stay(session, (30, -500, 500), patroller="P2", start=NOON + 2 * DAY)
        session.execute(update(Fix).where(Fix.fix_at > NOON + DAY).values(standing="quarantined"))
    return engine


def received(engine, settings, text, now=LATER, who=None, **changes):
    with session_scope(engine) as session:
        group = None if who is None else group_of_people(session, [who])
        found = measured(session, settings, Period.parse(text, settings.zone), group)
        return received_in(session, found._replace(**changes), settings.zone, now)


@pytest.mark.parametrize(
    ("period", "days", "of_days", "since", "unheard_h"),
    [
        ("2026-11-02/2026-11-02", 1, 1, "02T00:00", 0),
        ("2026-11-02/2026-11-04", 2, 3, "02T00:00", 24),
        ("2026-11-01/2026-11-05", 2, 5, "02T12:00", 36 + 24 + 24),
        ("2026-11-03/2026-11-04", 1, 2, "04T12:00", 36),
        ("2026-11-05/2026-11-06", 0, 2, None, 48),
        ("2026-11-02T08:00/2026-11-03T08:00", 0, 0, "02T08:00", 0),
        ("2026-11-01T08:00/2026-11-04T08:00", 1, 2, "02T12:00", 28 + 24),
    ],
)
def test_days_are_counted_whole_and_told_from_when_on(walked, settings, period, days, of_days, since, unheard_h):
    found = received(walked, settings, period)
    begun = None if since is None else datetime.fromisoformat(f"2026-11-{since}").replace(tzinfo=settings.zone)
    assert (found.days, found.of_days, found.since, found.unheard_s) == (days, of_days, begun, unheard_h * HOUR)


def test_of_some_people_it_is_told_on_which_days_anybody_sent_anything(walked, settings):
    assert received(walked, settings, "2026-11-01/2026-11-05", who="P2").days == 2


def test_days_that_are_not_over_are_not_missed(walked, settings):
    found = received(walked, settings, "2026-11-02/2026-11-05", now=NOON + 2 * DAY)
    assert (found.days, found.of_days) == (1, 2)


def test_a_sealed_day_has_data_though_its_fixes_are_gone(walked, settings):
    with session_scope(walked, write=True) as session:
        session.add(SealedDay(day=date(2026, 11, 3), sealed_at=LATER, fixes=1))
    assert received(walked, settings, "2026-11-02/2026-11-04").days == 3


def test_of_files_the_days_that_have_one_have_data(walked, settings):
    missing = (date(2026, 11, 2), date(2026, 11, 4))
    found = received(walked, settings, "2026-11-02/2026-11-04", without_file=missing)
    assert (found.days, found.of_days, found.unheard_s) == (1, 3, 48 * HOUR)


def test_the_report_tells_so_first_of_all(walked, settings):
    def notes(text):
        with session_scope(walked) as session:
            report = coverage_report(session, settings, period=Period.parse(text, settings.zone))
        return [note.zh for note in report.notes if "有数据" in note.zh], report.received.days

    told = "5 天中有 2 天有数据,自 2026-11-02 起;没有数据的日子不计入“连续无人到访”"
    assert notes("2026-11-01/2026-11-05") == ([told], 2)
    assert notes("2026-11-02/2026-11-02") == ([], 1)
