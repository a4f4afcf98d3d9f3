"""A heartbeat is that of whoever was on duty with its sender, and joins what a silence would part."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from gisgrid.coverage.report import coverage_report
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.duty.heartbeats import beats_in, beats_version
from gisgrid.patrols.people import device_patrollers, patroller_of
from gisgrid.patrols.tables import Heartbeat, Shift
from gisgrid.settings import Settings
from gisgrid.staff.tokens import issue
from tests.coverage.worlds import NOON, settle, stay
from tests.staff.callers import person

DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


class World:
    """Somebody on duty from noon on for two hours, with a phone; `own` and `phone` are the senders."""

    def __init__(self, session: Session) -> None:
        self.session = session
        somebody = person(session, ("patroller", None), name="zhang")
        self.own = patroller_of(session, somebody.id).id
        self.token = issue(session, "device", name="phone").row.id
        self.phone = device_patrollers(session, [self.token])[self.token]
        times = {"started_at": NOON, "ended_at": NOON + timedelta(hours=2), "signed_on_at": NOON}
        session.add(Shift(patroller_id=self.own, token_id=self.token, **times))
        session.flush()

    def beat(self, sender: int, *minutes: float) -> None:
        moments = [NOON + timedelta(minutes=minute) for minute in minutes]
        self.session.add_all(Heartbeat(sender_id=sender, beat_at=each, received_at=each) for each in moments)
        self.session.flush()

    def carried(self) -> list[tuple[int, float]]:
        found = beats_in(self.session, DAY)
        start = NOON.astimezone(UTC).timestamp()
        return sorted((int(who), when / 1e6 / 60 - start / 60) for who, when in zip(*found, strict=True))


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with session_scope(engine, write=True) as session:
        settle(session)
        yield World(session)


def test_whose_they_are(world: World) -> None:
    world.beat(world.phone, -1, 0, 30, 120, 60 * 24)
    world.beat(world.own, 7)
    assert world.carried() == [(world.own, 0), (world.own, 7), (world.own, 30)]


def test_none(world: World) -> None:
    assert world.carried() == []
    assert beats_version(world.session, DAY) == (0, 0, 0)


def test_a_silence_that_they_bridge_is_part_of_a_visit_whenever_they_come(world: World, settings: Settings) -> None:
    stay(world.session, (0, 500, 500), (50, 500, 500), patroller="zhang")
    assert dwell(world, settings) == (2, 0)
    world.beat(world.phone, 25)
    assert dwell(world, settings) == (1, 3000)
    world.session.execute(update(Shift).values(ended_at=NOON + timedelta(minutes=20)))
    assert dwell(world, settings) == (2, 0)


def dwell(world: World, settings: Settings) -> tuple[int, float]:
    """Return the visits and the seconds in the south-west."""
    report = coverage_report(world.session, settings, level="substation", period=DAY)
    return next((cell.visits, cell.dwell_s) for cell in report.cells if cell.code == "SW")


def test_the_version_is_another_for_other_beats_and_another_carrier(world: World) -> None:
    world.beat(world.phone, 10)
    seen = [beats_version(world.session, DAY)]
    world.beat(world.phone, 20)
    seen.append(beats_version(world.session, DAY))
    another = patroller_of(world.session, person(world.session, ("patroller", None), name="li").id).id
    world.session.execute(update(Shift).values(patroller_id=another))
    seen.append(beats_version(world.session, DAY))
    assert len(set(seen)) == 3
    assert beats_version(world.session, Period(datetime(2020, 1, 1, tzinfo=UTC), NOON)) == (0, 0, 0)
