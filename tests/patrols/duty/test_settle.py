"""Whatever came first, fixes or shifts: the rows are the same, and those that a simple model expects."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from gisgrid.patrols.arrival.check_in import check_in
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.duty.settle import settle
from gisgrid.patrols.duty.shifts import DeviceTaken, NotSignedOn, sign_off, sign_on
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.people import patroller_of
from gisgrid.patrols.tables import Fix, Patrol, Patroller, Shift
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller
from gisgrid.staff.scope import Role
from gisgrid.staff.tokens import issue
from tests.doses import dose
from tests.laid import SPOT
from tests.staff.callers import person

ZONE = ZoneInfo("Asia/Shanghai")
BACK = timedelta(hours=72)
HOURS = 24


class Sent(NamedTuple):
    """A fix: in which hour, by which device (0, 1) or person (2, 3), on which outing."""

    hour: int
    by: int
    patrol: str | None


class Turn(NamedTuple):
    """Somebody (0, 1) signs on or off at an hour, on a device (0, 1) or, for 2, by themselves."""

    who: int
    at: int
    hour: int
    is_on: bool


class World:
    """Two people and two phones of their own for each example, in one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.start = engine, datetime.now(UTC) - timedelta(hours=48)
        with session_scope(engine, write=True) as session:
            people = [person(session, ("patroller", None)) for _ in range(2)]
            self.devices = [issue(session, "device", name="phone").row.id for _ in range(2)]
            self.rows = [patroller_of(session, each.id).id for each in people]
        self.people = [each.id for each in people]
        walker = (Role("patroller", None),)
        self.callers = [Caller("device", token=each) for each in self.devices]
        self.callers += [Caller("person", person=each.id, name=each.name, roles=walker) for each in people]

    def send(self, number: int, sent: Sent) -> str:
        moment = self.start + timedelta(hours=sent.hour, minutes=30)
        fix = CheckIn(None, moment, moment, *SPOT, client_id=str(number), patrol=sent.patrol)
        with session_scope(self.engine, write=True) as session:
            return check_in(session, [fix], Settings(), self.callers[sent.by])[0].status

    def turn(self, turn: Turn) -> None:
        moment, who = self.start + timedelta(hours=turn.hour), self.people[turn.who]
        token = self.devices[turn.at] if turn.at < 2 else None
        with session_scope(self.engine, write=True) as session:
            try:
                if turn.is_on:
                    sign_on(session, OPERATOR, who, token, moment, back=BACK)
                else:
                    sign_off(session, OPERATOR, person_id=who, ended_at=moment, back=BACK)
            except (DeviceTaken, NotSignedOn):
                session.rollback()

    def kept(self) -> dict[str, tuple[int, str, str | None]]:
        """Return whose each fix is (0, 1, or 2 and 3 for the phones), how it stands, and its outing."""
        names = {row: number for number, row in enumerate(self.rows)}
        with session_scope(self.engine) as session:
            refs = [f"device\t{device}" for device in self.devices]
            waiting = select(Patroller.ref, Patroller.id).where(Patroller.ref.in_(refs))
            for ref, row in session.execute(waiting):
                names[row] = 2 + self.devices.index(int(ref.partition("\t")[2]))
            query = select(Fix, Patrol).outerjoin(Patrol, Patrol.id == Fix.patrol_id).where(Fix.patroller_id.in_(names))
            rows = session.execute(query).all()
        assert all(patrol is None or patrol.patroller_id == fix.patroller_id for fix, patrol in rows)
        assert len({fix.client_id for fix, _ in rows}) == len(rows)
        return {fix.client_id: (names[fix.patroller_id], fix.standing, patrol and patrol.ref) for fix, patrol in rows}

    def expected(self, sent: list[Sent]) -> dict[str, tuple[int, str, str | None]]:
        """Say the same by the shifts alone."""
        with session_scope(self.engine) as session:
            shifts = session.scalars(select(Shift).where(Shift.patroller_id.in_(self.rows))).all()
        self.check(list(shifts))
        found = {}
        for number, fix in enumerate(sent):
            moment = self.start + timedelta(hours=fix.hour, minutes=30)
            now = [shift for shift in shifts if shift.started_at <= moment < shift.ended_at]
            if fix.by < 2:
                carrying = [shift.patroller_id for shift in now if shift.token_id == self.devices[fix.by]]
                whose = self.rows.index(carrying[0]) if carrying else 2 + fix.by
                counts = bool(carrying)
            else:
                whose = fix.by - 2
                counts = any(shift.patroller_id == self.rows[whose] for shift in now)
            found[str(number)] = (whose, "counted" if counts else "withheld", fix.patrol)
        return found

    def check(self, shifts: list[Shift]) -> None:
        """No two shifts of a person or of a phone overlap."""
        for key in ("patroller_id", "token_id"):
            for one in shifts:
                for other in shifts:
                    is_same = getattr(one, key) is not None and getattr(one, key) == getattr(other, key)
                    if one is not other and is_same:
                        assert (
                            one.ended_at <= other.started_at
                            or other.ended_at <= one.started_at
                            or (min(one.ended_at - one.started_at, other.ended_at - other.started_at) <= timedelta(0))
                        )


SENT = st.lists(
    st.builds(Sent, st.integers(0, HOURS), st.integers(0, 3), st.sampled_from([None, "day", "night"])),
    min_size=1,
    max_size=8,
)
TURNS = st.lists(
    st.builds(Turn, st.integers(0, 1), st.integers(0, 2), st.integers(0, HOURS), st.sampled_from([True, True, False])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=dose(8), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sent=SENT, turns=TURNS, order=st.randoms(use_true_random=False))
def test_fixes_and_shifts_in_any_order_give_the_same_rows(
    ground: Engine, sent: list[Sent], turns: list[Turn], order: Any
) -> None:
    world = World(ground)
    places = sorted((order.randint(0, len(turns)), number) for number in range(len(sent)))
    for number, turn in enumerate(turns):
        for place, fix in places:
            if place == number:
                world.send(fix, sent[fix])
        world.turn(turn)
        if order.random() < 0.3:  # what was answered and not heard is sent again
            world.send(0, sent[0])
    for place, fix in places:
        if place == len(turns):
            world.send(fix, sent[fix])
    assert world.kept() == world.expected(sent)
    assert {world.send(number, fix) for number, fix in enumerate(sent)} == {"repeated"}
    assert world.kept() == world.expected(sent)


@pytest.fixture
def world(ground: Engine) -> World:
    return World(ground)


def test_a_sign_on_waits_for_a_fix_that_is_under_way(world: World) -> None:
    world.send(1, Sent(HOURS, 0, None))  # so that nothing waits for the row of the phone
    sent = [CheckIn(None, moment := world.start + timedelta(hours=3), moment, *SPOT, client_id="0")]
    with ThreadPoolExecutor() as pool:
        with session_scope(world.engine, write=True) as session:
            check_in(session, sent, Settings(), world.callers[0])
            signing = pool.submit(world.turn, Turn(0, 0, 2, is_on=True))
            with pytest.raises(TimeoutError):
                signing.result(0.5)
        signing.result(10)
    assert world.kept()["0"] == (0, "counted", None)


@pytest.mark.parametrize("by", range(4))
def test_many_fixes_take_as_many_queries_as_one(world: World, by: int) -> None:
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    counts = []
    for number, many in ((0, 1), (1, 1), (2, 30)):  # the first is asked who everybody is
        moment = world.start + timedelta(hours=number)
        sent = [CheckIn(None, moment + timedelta(seconds=each), moment, *SPOT, is_track=True) for each in range(many)]
        asked.clear()
        with session_scope(world.engine, write=True) as session:
            check_in(session, sent, Settings(), world.callers[by])
        counts.append(len(asked))
    assert counts[1] == counts[2] < 25


def test_what_is_evidence_stays(world: World) -> None:
    for number in range(2):
        world.send(number, Sent(3, 0 if number % 2 else 2, None))
    with session_scope(world.engine, write=True) as session:
        session.execute(update(Fix).values(standing="evidence"))
    before = world.kept()
    world.turn(Turn(0, 0, 1, is_on=True))
    assert world.kept() == before


def test_what_is_doubted_is_quarantined_on_duty_withheld_outside_and_counts_once_it_is_released(world: World) -> None:
    for number, by in enumerate((2, 0)):
        world.send(number, Sent(3, by, None))
    with session_scope(world.engine, write=True) as session:
        session.execute(update(Fix).values(flags=int(Flag.FAR_AHEAD | Flag.COARSE)))
    world.turn(Turn(0, 0, 1, is_on=True))
    assert {standing for _, standing, _ in world.kept().values()} == {"quarantined"}
    with session_scope(world.engine, write=True) as session:
        session.execute(update(Fix).values(is_released=True))
        settle(session, world.rows[0], world.devices[0], Period(world.start, datetime.now(UTC)))
    assert {standing for _, standing, _ in world.kept().values()} == {"counted"}


def test_one_id_sent_on_two_ways_is_two_fixes_of_one_owner(world: World) -> None:
    world.turn(Turn(0, 2, 1, is_on=True))
    assert [world.send(7, Sent(3, by, "day")) for by in (2, 0)] == ["stored", "stored"]
    world.turn(Turn(0, 0, 2, is_on=True))
    with session_scope(world.engine) as session:
        assert sorted(session.scalars(select(Fix.standing))) == ["counted", "counted"]


def test_settling_twice_changes_nothing_and_what_was_brought_in_is_left_alone(world: World) -> None:
    world.send(0, Sent(3, 2, None))
    with session_scope(world.engine, write=True) as session:
        moment = world.start + timedelta(hours=3)
        ref = session.get_one(Patroller, world.rows[0]).ref
        check_in(session, [CheckIn(ref, moment, moment, *SPOT, client_id="brought")], Settings())
    before = world.kept()
    assert before == {"0": (0, "withheld", None), "brought": (0, "counted", None)}
    for _ in range(2):
        with session_scope(world.engine, write=True) as session:
            settle(session, world.rows[0], world.devices[0], Period(world.start, datetime.now(UTC)))
        assert world.kept() == before
