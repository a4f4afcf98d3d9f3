from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from gisgrid.database import session_scope
from gisgrid.patrols.sealed import begin_sealing, hold_off_sealing, is_late, sealed_until
from gisgrid.patrols.tables import SealedDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 9, 20)
MIDNIGHT = datetime(2026, 9, 20, 16, tzinfo=UTC)


def test_the_newest_sealed_day_and_all_before_it_are_over(engine):
    with session_scope(engine, write=True) as session:
        assert sealed_until(session) is None
        session.add_all(SealedDay(day=day, sealed_at=MIDNIGHT, fixes=1) for day in (date(2026, 9, 1), DAY))
    with session_scope(engine, write=True) as session:
        assert hold_off_sealing(session) == sealed_until(session) == DAY


@pytest.mark.parametrize(
    ("moment", "newest", "late"),
    [
        (MIDNIGHT, DAY, False),
        (MIDNIGHT.replace(hour=15, minute=59), DAY, True),
        (datetime(2020, 1, 1, tzinfo=UTC), DAY, True),
        (datetime(2020, 1, 1, tzinfo=UTC), None, False),
    ],
)
def test_a_fix_is_late_by_its_local_day(moment, newest, late):
    assert is_late(moment, newest, SHANGHAI) is late


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_sealing_waits_for_those_who_store(engine):
    with session_scope(engine, write=True) as storing, session_scope(engine, write=True) as another:
        hold_off_sealing(storing)
        hold_off_sealing(another)
        with session_scope(engine, write=True) as session:
            session.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                begin_sealing(session)
            session.rollback()
        storing.rollback()
        another.rollback()
        with session_scope(engine, write=True) as session:
            begin_sealing(session)
            assert session.scalar(select(SealedDay.day)) is None
