"""A call for help: kept whatever is wrong with it, once, under whoever is in need, and acknowledged by another."""

from datetime import UTC, datetime, timedelta
from math import inf, nan
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.patrols.alarms.calls import OwnAlarm, Sos, acknowledge, raise_alarm
from gisgrid.patrols.tables import Alarm, Patroller
from gisgrid.staff.caller import Caller
from tests.laid import CODES, OUTSIDE, SPOT
from tests.patrols.asking import ago, device, somebody
from tests.staff.builders import PIN, audited, hire

ZONE = ZoneInfo("Asia/Shanghai")


def call(engine: Engine, caller: Caller, **said: object) -> tuple[int, bool]:
    now = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        return raise_alarm(session, caller, Sos(**{"raised_at": now, "received_at": now, **said}), ZONE)  # type: ignore[arg-type]


def rows(engine: Engine) -> list[Alarm]:
    with session_scope(engine) as session:
        return list(session.scalars(select(Alarm).order_by(Alarm.id)))


def whose(engine: Engine) -> list[str]:
    with session_scope(engine) as session:
        asked = select(Patroller.ref).join(Alarm, Alarm.patroller_id == Patroller.id)
        return list(session.scalars(asked.order_by(Alarm.id)))


@pytest.fixture
def zhang(ground: Engine, client: TestClient) -> Caller:
    person = somebody(client, ground, "patroller")
    return Caller("person", person=person.id, name=person.name)


@pytest.mark.parametrize(
    ("longitude", "latitude", "is_placed"),
    [
        (*SPOT, True),
        (*OUTSIDE, True),
        (None, None, False),
        (SPOT[0], None, False),
        (nan, nan, False),
        (inf, 0.0, False),
        (500.0, 500.0, False),
    ],
)
def test_no_position_keeps_a_call_from_being_stored(
    ground: Engine, zhang: Caller, longitude: float | None, latitude: float | None, is_placed: bool
) -> None:
    assert call(ground, zhang, longitude=longitude, latitude=latitude, accuracy_m=5.0)[1]
    (kept,) = rows(ground)
    assert (kept.longitude, kept.latitude) == ((longitude, latitude) if is_placed else (None, None))
    assert kept.accuracy_m == (5.0 if is_placed else None)
    assert (kept.substation_id is not None) == ((longitude, latitude) == SPOT)


def test_where_there_is_no_grid_it_is_kept_all_the_same(engine: Engine, client: TestClient) -> None:
    person = somebody(client, engine, "patroller", cell=None)
    call(engine, Caller("person", person=person.id), longitude=SPOT[0], latitude=SPOT[1])
    assert [(kept.longitude, kept.street_id) for kept in rows(engine)] == [(SPOT[0], None)]


def test_a_repeat_is_one_row_and_brings_the_position_that_was_missing(ground: Engine, zhang: Caller) -> None:
    first, _ = call(ground, zhang, client_id="a")
    assert call(ground, zhang, client_id="a", longitude=SPOT[0], latitude=SPOT[1]) == (first, False)
    assert call(ground, zhang, client_id="a", longitude=OUTSIDE[0], latitude=OUTSIDE[1]) == (first, False)
    second, is_new = call(ground, zhang, client_id="b")
    assert is_new
    assert [kept.longitude for kept in rows(ground)] == [SPOT[0], None]
    told = [(entry.action, entry.subject, entry.detail["alarm"]) for entry in audited(ground, "alarm")]
    assert told == [("alarm.raised", zhang.person, first), ("alarm.raised", zhang.person, second)]
    assert not any(str(part) in str(audited(ground, "alarm")) for part in SPOT)


def test_without_a_client_id_the_same_moment_is_one_call(ground: Engine, zhang: Caller) -> None:
    moment = ago(minutes=5)
    assert [call(ground, zhang, raised_at=at)[1] for at in (moment, moment.astimezone(ZONE))] == [True, False]
    assert call(ground, zhang, raised_at=moment + timedelta(seconds=1))[1]


def test_a_device_calls_for_whoever_was_signed_on_to_it_and_else_for_itself(ground: Engine, client: TestClient) -> None:
    phone, zhang = device(client, ground), somebody(client, ground, "patroller")
    itself = Caller("device", phone.id)
    call(ground, itself, client_id="nobody")
    phone.sign_on(person=zhang.name, pin=PIN)
    call(ground, itself, client_id="zhang")
    call(ground, itself, client_id="ahead", raised_at=datetime.now(UTC) + timedelta(days=300))
    call(ground, itself, client_id="nobody")
    assert whose(ground) == [f"device\t{phone.id}", "zhangsan", "zhangsan"]
    assert {(kept.token_id, kept.sender_id) for kept in rows(ground)} == {(phone.id, rows(ground)[0].sender_id)}


def test_the_first_who_acknowledges_it_counts_and_nobody_acknowledges_their_own(ground: Engine, zhang: Caller) -> None:
    number, _ = call(ground, zhang)
    others = [hire(ground, name) for name in ("one", "two")]
    with session_scope(ground, write=True) as session:
        with pytest.raises(OwnAlarm):
            acknowledge(session, zhang.person or 0, number)
        for other in others:
            acknowledge(session, other, number)
    (kept,) = rows(ground)
    assert (kept.acknowledged_by, kept.acknowledged_at is not None) == (others[0], True)
    entry = audited(ground, "alarm")[-1]
    assert (entry.action, entry.subject) == ("alarm.acknowledged", zhang.person)
    assert len(audited(ground, "alarm.acknowledged")) == 1


def test_the_place_is_one_of_todays_grid(ground: Engine, zhang: Caller) -> None:
    call(ground, zhang, longitude=SPOT[0], latitude=SPOT[1], raised_at=datetime(1990, 1, 1, tzinfo=UTC))
    with session_scope(ground) as session:
        code = session.scalar(select(Cell.code).join(Alarm, Alarm.substation_id == Cell.id))
    assert code == CODES["substation_code"]
