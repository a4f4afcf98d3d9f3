"""Calls for help over HTTP: who may call, who is told, and how whoever called learns that somebody comes."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.laid import COMMUNITY, ELSEWHERE, NAMES, SPOT, STREET
from tests.patrols.asking import Asking, a_fix, ago, device, somebody
from tests.staff.builders import PIN

ALARMS = "/api/alarms"
HERE = {"longitude": SPOT[0], "latitude": SPOT[1], "accuracy_m": 8.0}


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


def seen(asking: Asking, **asked: object) -> list[str]:
    answer = asking.get(ALARMS, **asked)
    assert answer["numberMatched"] == answer["numberReturned"] == len(answer["alarms"])
    return [each["client_id"] for each in answer["alarms"]]


def test_a_call_from_a_phone_until_somebody_comes(api: TestClient, engine: Engine) -> None:
    phone, zhang = device(api, engine), somebody(api, engine, "patroller")
    leader = somebody(api, engine, "community_leader", name="lisi", cell=COMMUNITY)
    phone.sign_on(person=zhang.name, pin=PIN)
    call = {"client_id": "c", "raised_at": ago().isoformat(), "words": "被困", **HERE}
    answer = phone.post(ALARMS, call)
    assert (answer["status"], answer["patroller"], answer["device"]) == ("stored", "zhangsan", "phone")
    assert {level: answer[level] for level in NAMES} == NAMES
    assert (answer["acknowledged_by"], answer["acknowledged_at"]) == (None, None)
    again = phone.post(ALARMS, call)
    assert again == {**answer, "status": "repeated"}
    assert seen(leader) == seen(leader, open="true") == ["c"]
    path = f"{ALARMS}/{answer['id']}"
    acknowledged = leader.post(f"{path}/acknowledge", {})
    assert (acknowledged["acknowledged_by"], acknowledged["acknowledged_at"] is None) == ("lisi", False)
    assert phone.get(path) == zhang.get(path) == leader.get(path) == acknowledged
    assert leader.post(f"{path}/acknowledge", {}) == acknowledged
    assert (seen(leader), seen(leader, open="true")) == (["c"], [])


def test_it_is_seen_by_those_who_answer_for_the_place_and_without_one_by_those_of_the_street(
    api: TestClient, engine: Engine
) -> None:
    zhang = somebody(api, engine, "patroller")
    elsewhere = dict(zip(("longitude", "latitude"), ELSEWHERE, strict=True))
    for client_id, place in (("here", HERE), ("there", elsewhere), ("nowhere", {})):
        zhang.post(ALARMS, {"client_id": client_id, **place})
    for name, role, cell, sees in [
        ("an", "community_leader", COMMUNITY, ["here"]),
        ("bo", "cadre", STREET, ["nowhere", "there", "here"]),
        ("cy", "supervision", None, ["nowhere", "there", "here"]),
    ]:
        assert seen(somebody(api, engine, role, name=name, cell=cell)) == sees
    for name, role in (("di", "patroller"), ("ed", "mediator"), ("fu", "administrator")):
        somebody(api, engine, role, name=name, cell=None).get(ALARMS, 403)
    beside = somebody(api, engine, "community_leader", name="gu", cell="440307009001")
    assert (seen(beside), beside.get(f"{ALARMS}/1", 404)["code"]) == ([], "NoSuchAlarm")
    assert beside.post(f"{ALARMS}/1/acknowledge", {}, 404)["code"] == "NoSuchAlarm"


def test_a_phone_and_a_patroller_see_their_own_call_and_no_other(api: TestClient, engine: Engine) -> None:
    phone, other = device(api, engine), device(api, engine)
    zhang, li = (somebody(api, engine, "patroller", name=name) for name in ("zhangsan", "lisi"))
    number = phone.post(ALARMS, {})["id"]
    assert (phone.get(f"{ALARMS}/{number}")["name"], phone.get(f"{ALARMS}/{number}")["patroller"]) == (None, None)
    own = zhang.post(ALARMS, {})["id"]
    assert zhang.get(f"{ALARMS}/{own}")["patroller"] == "zhangsan"
    for asking, path in ((other, number), (zhang, number), (phone, own), (li, own)):
        assert asking.get(f"{ALARMS}/{path}", 404)["code"] == "NoSuchAlarm"
    zhang.post(f"{ALARMS}/{own}/acknowledge", {}, 403)


def test_who_does_not_walk_does_not_call(api: TestClient, engine: Engine) -> None:
    assert somebody(api, engine, "cadre").post(ALARMS, {}, 403)["code"] == "NotForYou"


def test_a_call_is_no_check_in(api: TestClient, engine: Engine) -> None:
    zhang = somebody(api, engine, "patroller")
    zhang.post(ALARMS, {"client_id": "x", **HERE})
    assert zhang.send(a_fix("x", ago(minutes=1))) == ["withheld"]
    assert zhang.seen() == ["x"]


@pytest.mark.parametrize(
    "body", [[], [{}], {"raised_at": "soon"}, {"client_id": ""}, {"words": "\x00"}, {"x": 1}, None]
)
def test_what_is_no_call_is_told(api: TestClient, engine: Engine, body: object) -> None:
    somebody(api, engine, "patroller").post(ALARMS, body, 422)
