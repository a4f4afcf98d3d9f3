"""Whatever is done to fixes, heartbeats and shifts is counted for the local days that it may change."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.migrations import downgrade, upgrade
from gisgrid.patrols.changes import LONGEST, ChangedHour, version_of
from gisgrid.patrols.duty import shifts
from gisgrid.patrols.tables import Fix, Heartbeat, Patroller, Shift
from tests.rows import a_fix, fill

SHANGHAI, KOLKATA, KATHMANDU = map(ZoneInfo, ("Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu"))
DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(5)]
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
"""Of the second day, in Shanghai."""


@pytest.fixture
def walker(engine: Engine) -> int:
    """Return the row of a patroller of whom there is nothing."""
    with session_scope(engine, write=True) as session:
        patroller = Patroller(ref="P1", name="")
        session.add(patroller)
        session.flush()
        return patroller.id


def versions(engine: Engine, zone: ZoneInfo = SHANGHAI) -> list[int]:
    with session_scope(engine) as session:
        found = version_of(session, DAYS, zone)
    assert list(found) == DAYS
    return list(found.values())


def grown(engine: Engine, act: Callable[[Session], object], zone: ZoneInfo = SHANGHAI) -> list[int]:
    """Do something; return the numbers of the days that have changed by it."""
    before = versions(engine, zone)
    with session_scope(engine, write=True) as session:
        act(session)
    after = versions(engine, zone)
    assert all(a <= b for a, b in zip(before, after, strict=True))
    return [number for number, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]


def fix(walker: int, at: datetime, number: int = 0) -> Fix:
    return a_fix(number, walker, fix_at=at)


def beat(walker: int, at: datetime) -> Heartbeat:
    return Heartbeat(sender_id=walker, beat_at=at, received_at=at)


def shift(walker: int, at: datetime) -> Shift:
    return Shift(patroller_id=walker, started_at=at, ended_at=at + timedelta(hours=1), signed_on_at=at)


@pytest.mark.parametrize(
    ("model", "made", "moment", "days"),
    [
        (Fix, fix, "fix_at", [1]),
        (Heartbeat, beat, "beat_at", [1]),
        (Shift, shift, "started_at", [1, 2, 3]),
    ],
)
def test_each_act_on_each_table_counts(
    engine: Engine, walker: int, model: type, made: Callable[..., object], moment: str, days: list[int]
) -> None:
    assert versions(engine) == [0] * 5
    assert grown(engine, lambda session: session.add(made(walker, NOON))) == days
    assert grown(engine, lambda session: session.execute(update(model).values({moment: NOON}))) == days
    later = NOON + timedelta(days=1)
    assert grown(engine, lambda session: session.execute(update(model).values({moment: later}))) == sorted(
        {*days, *(day + 1 for day in days)}
    )
    assert grown(engine, lambda session: session.execute(delete(model))) == [day + 1 for day in days]
    assert grown(engine, lambda session: session.execute(delete(model))) == []


def test_many_rows_of_one_statement_are_counted_each(engine: Engine, walker: int) -> None:
    def store(session: Session) -> None:
        session.add_all(fix(walker, NOON + timedelta(hours=number), number) for number in range(30))

    assert grown(engine, store) == [1, 2]
    assert versions(engine) == [0, 12, 18, 0, 0]
    assert grown(engine, lambda session: session.execute(delete(Fix).where(Fix.fix_at < NOON))) == []
    assert grown(engine, lambda session: session.execute(delete(Fix).where(Fix.fix_at == NOON))) == [1]
    assert versions(engine) == [0, 13, 18, 0, 0]


@pytest.mark.parametrize(
    ("zone", "moment", "days"),
    [
        (SHANGHAI, "2026-11-01T15:59:59.999999", [0]),
        (SHANGHAI, "2026-11-01T16:00:00", [1]),
        (UTC, "2026-11-01T23:59:59", [0]),
        (KOLKATA, "2026-11-01T17:59:59", [0]),
        (KOLKATA, "2026-11-01T18:10:00", [0, 1]),  # the hour lies in two days: both are looked at again
        (KOLKATA, "2026-11-01T19:00:00", [1]),
        (KATHMANDU, "2026-11-01T18:20:00", [0, 1]),
        (KATHMANDU, "2026-11-01T17:50:00", [0]),
        (SHANGHAI, "2026-10-31T15:59:59", []),
        (SHANGHAI, "2026-11-05T16:00:00", []),
    ],
)
def test_days_are_local(engine: Engine, walker: int, zone: ZoneInfo, moment: str, days: list[int]) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert grown(engine, lambda session: session.add(fix(walker, at)), zone) == days


@pytest.mark.parametrize(
    ("began", "days"),
    [
        ("2026-10-29T15:00:00", []),
        ("2026-10-30T02:00:00", [0]),
        ("2026-10-31T20:00:00", [0, 1, 2]),
        ("2026-11-05T15:00:00", [4]),
        ("2026-11-05T16:00:00", []),
    ],
)
def test_a_shift_counts_for_the_days_that_it_may_go_on_to(
    engine: Engine, walker: int, began: str, days: list[int]
) -> None:
    at = datetime.fromisoformat(began).replace(tzinfo=UTC)
    assert grown(engine, lambda session: session.add(shift(walker, at))) == days


def test_no_shift_is_longer_than_is_looked_back() -> None:
    assert shifts.LONGEST <= LONGEST


def test_no_days_have_no_versions(engine: Engine) -> None:
    with session_scope(engine) as session:
        assert version_of(session, [], SHANGHAI) == {}


def test_what_is_rolled_back_counts_nothing(engine: Engine, walker: int) -> None:
    class Undone(Exception):
        """Whatever goes wrong."""

    def fail() -> None:
        with session_scope(engine, write=True) as session:
            session.add(fix(walker, NOON))
            session.flush()
            raise Undone

    with pytest.raises(Undone):
        fail()
    assert versions(engine) == [0] * 5
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(ChangedHour)) == 0


@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
def test_several_who_write_at_once_wait_for_none_and_lose_no_count(engine: Engine, walker: int) -> None:
    many, each = 4, 5
    together = threading.Barrier(many, timeout=30)

    def write(whose: int) -> None:
        for turn in range(each):
            with session_scope(engine, write=True) as session:
                session.add(fix(walker, NOON, whose * each + turn))
                session.flush()
                together.wait()  # all have counted, and none has committed

    writers = [threading.Thread(target=write, args=(whose,)) for whose in range(many)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert versions(engine) == [0, many * each, 0, 0, 0]


def test_rows_from_before_are_counted_when_the_database_is_upgraded(other_engine: Engine) -> None:
    with session_scope(other_engine, write=True) as session:
        fill(session, fixes=7)
    downgrade(other_engine, "2026_11_27_0800")
    upgrade(other_engine)
    with other_engine.connect() as connection:
        counted = dict(connection.execute(text("SELECT what, sum(changes) FROM changed_hours GROUP BY what")).all())
        stored = {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in counted}
    assert counted == stored == {"fixes": 7, "heartbeats": 1, "shifts": 1}
    assert versions(other_engine)[0] == 9
    with session_scope(other_engine, write=True) as session:
        session.execute(update(Fix).values(flags=0))
    assert versions(other_engine)[0] == 9 + 2 * 7
