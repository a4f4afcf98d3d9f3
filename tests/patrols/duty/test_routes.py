"""What a page for patrollers asks first: who sends from here, who is on duty, what is taken from them."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.patrols.asking import VERSION, a_fix, ago, device, somebody
from tests.staff.builders import PIN

DUTY = "/api/duty"


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


def test_a_phone_that_nobody_and_then_somebody_carries(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    phone.send(a_fix("early", ago(minutes=30)))
    sender = {"kind": "device", "id": phone.id, "called": "phone"}
    nobody = {"sender": sender, "patroller": None, "shift": None, "may_track": True, "waiting": 1}
    assert phone.get(DUTY) == nobody
    shift = phone.sign_on(person=zhang.name, pin=PIN)
    assert phone.get(DUTY) == {**nobody, "patroller": "zhangsan", "shift": shift}
    assert zhang.get(DUTY)["shift"] == shift


@pytest.mark.parametrize("is_agreed", [True, False])
def test_volunteers_are_not_tracked_unless_they_agreed(api: TestClient, engine: Engine, is_agreed: bool) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "volunteer_patroller")
    assert not zhang.get(DUTY)["may_track"]
    phone.sign_on(person=zhang.name, pin=PIN, track=is_agreed)
    assert [asking.get(DUTY)["may_track"] for asking in (phone, zhang)] == [is_agreed] * 2


def test_somebody_with_an_account(api: TestClient, engine: Engine) -> None:
    zhang = somebody(api, engine, "patroller")
    told = zhang.get(DUTY)
    assert told["sender"] == {"kind": "person", "id": zhang.id, "called": "zhangsan"}
    assert (told["patroller"], told["shift"], told["may_track"], told["waiting"]) == ("zhangsan", None, True, 0)
    shift = zhang.post("/api/shifts", {"notice_version": VERSION}, 201)
    assert zhang.get(DUTY)["shift"] == shift


@pytest.mark.parametrize("role", ["cadre", "auditor"])
def test_who_does_not_walk_sends_nothing_from_here(api: TestClient, engine: Engine, role: str) -> None:
    assert somebody(api, engine, role).get(DUTY) is None
