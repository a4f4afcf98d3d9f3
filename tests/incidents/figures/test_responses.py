"""Who came first: somebody who was sent, within a hundred metres, while it was theirs; nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.incidents.figures import responses as module
from gisgrid.incidents.figures.course import Course, Record
from gisgrid.incidents.figures.dispatched import WITHIN
from gisgrid.incidents.figures.responses import responses
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.tables import SealedDay
from gisgrid.settings import Settings
from gisgrid.sight import NOTHING, seeing
from tests.rows import a_fix, a_step, an_incident, point
from tests.staff.callers import person

SPOT = (114.5, 22.5)
METRE = 1 / 111_195
NINE = datetime(2026, 11, 2, 1, tzinfo=UTC)
SETTINGS = Settings()
LATER = NINE + timedelta(days=50)

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


class World:
    """Wang and Li of the fire brigade, Zhao of the police; an incident at nine, and whoever walks."""

    def __init__(self, session: Session) -> None:
        self.session = session
        staff = (("wang", "fire"), ("li", "fire"), ("zhao", "police"))
        hired = {
            name: person(session, ("department_staff", None), name=name, department=department)
            for name, department in staff
        }
        self.people = {name: patroller_of(session, each.id).id for name, each in hired.items()}
        self.count = 0

    def record(self, *steps: tuple[float, str, str, str], place: tuple[float, float] = SPOT, **given: Any) -> Record:
        """Store an incident that was reported at nine, and then (minutes, move, state, detail in JSON)."""
        self.count += 1
        where = {"longitude": place[0], "latitude": place[1], "geometry": point(*place)}
        row = an_incident(self.count, reported_at=NINE, **where)
        self.session.add(row)
        self.session.flush()
        every = [(0.0, "report", "reported", "{}"), *steps]
        for number, (minutes, move, state, detail) in enumerate(every, start=1):
            made = {"number": number, "move": move, "to_state": state, "made_at": at(minutes), "detail": detail}
            self.session.add(a_step(row.id, **made))
        self.session.flush()
        return Record(row.id, "other", NINE, Course(), longitude=place[0], latitude=place[1], **given)

    def walked(self, who: str, *minutes: float, metres: float = 0, **changes: Any) -> None:
        """Store fixes of somebody, so many minutes after nine and metres north of the incident."""
        for each in minutes:
            self.count += 1
            times = {"fix_at": at(each), "received_at": at(each)}
            place = {"longitude": SPOT[0], "latitude": SPOT[1] + metres * METRE}
            self.session.add(a_fix(self.count, self.people[who], **{**times, **place, **changes}))
        self.session.flush()

    def came(self, *records: Record) -> list[float | None]:
        """Return how many minutes after nine somebody came to each."""
        with seeing(self.session, NOTHING):
            found = responses(self.session, SETTINGS, records, LATER)
        return [(found[each.id] - NINE) / timedelta(minutes=1) if each.id in found else None for each in records]


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with session_scope(engine, write=True) as session:
        yield World(session)


TO_FIRE = (10.0, "dispatch", "dispatched", '{"departments": ["fire"]}')


def test_somebody_of_the_department_and_nobody_else(world: World) -> None:
    its = world.record(TO_FIRE)
    other = world.record((10.0, "dispatch", "dispatched", '{"departments": ["police"]}'))
    assert world.came(its, other) == [None, None]
    world.walked("zhao", 20)  # passes by
    assert world.came(its, other) == [None, 20]
    world.walked("wang", 5)  # before it was theirs
    world.walked("wang", 30, metres=101)
    world.walked("li", 50, 55, 60, metres=99)
    assert world.came(its) == [50]
    world.walked("wang", 40, metres=-99)
    assert world.came(its) == [40]
    world.walked("wang", 35, standing="withheld")
    assert world.came(its) == [40]


def test_the_handler_alone_where_one_is_named(world: World) -> None:
    detail = '{"departments": ["fire"], "person": "LI"}'
    its = world.record((10.0, "dispatch", "dispatched", detail))
    nobody = world.record((10.0, "dispatch", "dispatched", '{"person": "nobody"}'))
    world.walked("wang", 20)
    world.walked("li", 30)
    assert world.came(its, nobody) == [30, None]


def test_only_while_it_is_theirs(world: World) -> None:
    back = (20.0, "send_back", "filed", "{}")
    police = (30.0, "dispatch", "dispatched", '{"departments": ["police", "fire"]}')
    its = [world.record(TO_FIRE, back), world.record(TO_FIRE, back, police)]
    done = world.record(TO_FIRE, (15.0, "accept", "handling", "{}"), (25.0, "finish", "handled", "{}"))
    over = world.record(TO_FIRE, (15.0, "accept", "handling", "{}"), (25.0, "pass", "closed", "{}"))
    world.walked("wang", 25)
    assert world.came(*its, done, over) == [None, None, 25, None]
    world.walked("zhao", 35)
    assert world.came(*its, done, over) == [None, 35, 25, None]
    assert world.came(world.record(), world.record((10.0, "dispatch", "dispatched", "{}"))) == [None, None]


@spatialite
def test_nobody_is_looked_for_for_ever(world: World) -> None:
    its = world.record(TO_FIRE)
    last = WITHIN / timedelta(minutes=1)
    world.walked("wang", last)
    assert world.came(its) == [None]
    world.walked("li", last - 1)
    assert world.came(its) == [last - 1]


@spatialite
def test_what_has_no_place_and_what_is_of_sealed_days_is_not_known(world: World) -> None:
    whole_cell, known = world.record(TO_FIRE, is_placed=False), world.record(TO_FIRE)
    world.walked("wang", 3 * 24 * 60)
    assert world.came(whole_cell, known) == [None, 3 * 24 * 60]
    for day, minutes in (((NINE - timedelta(days=1)).date(), 3 * 24 * 60), (NINE.date(), None)):
        world.session.add(SealedDay(day=day, sealed_at=LATER, fixes=0))
        world.session.flush()
        assert world.came(known) == [minutes]


@spatialite
def test_days_gone_by_are_looked_through_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def counting(session: Session, basis: Any, during: Any) -> Any:
        asked.append(basis.day)
        return plain(session, basis, during)

    plain = module._arrived
    monkeypatch.setattr(module, "_arrived", counting)
    its = world.record(TO_FIRE)
    world.walked("wang", 2 * 24 * 60)
    for _ in range(2):
        assert world.came(its) == [2 * 24 * 60]
        assert [each.day for each in asked] == [2, 3, 4]
    world.walked("li", 24 * 60)
    assert world.came(its) == [24 * 60]
    assert [each.day for each in asked] == [2, 3, 4, 3]
