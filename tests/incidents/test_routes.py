from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.incidents.kinds.stored import starter
from tests.incidents.desk import URL, a_report
from tests.incidents.kinds.editions import bring, tables
from tests.laid import CODES, COMMUNITY, ELSEWHERE, NAMES, OUTSIDE, SPOT, STREET, SUBSTATION


def post(api: TestClient, body: Any, status: int = 200) -> Any:
    answer = api.post(URL, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_one_is_answered_with_its_cells_and_can_be_asked_for(api: TestClient) -> None:
    text = "<script>alert('吵架')</script>\n第二行"
    answer = post(api, a_report(client_id="K1", description=text))
    number = answer.pop("id")
    sent = {"status": "stored", "client_id": "K1", "longitude": SPOT[0], "latitude": SPOT[1]}
    assert answer == {**sent, "number": f"20261101-{SUBSTATION}-0001", **NAMES}
    assert post(api, a_report(client_id="K1", description=text))["status"] == "repeated"
    kept = api.get(f"{URL}/{number}").json()
    assert kept == api.get(URL).json()["features"][0]
    assert kept["geometry"] == {"type": "Point", "coordinates": list(SPOT)}
    assert {name: kept["properties"][name] for name in CODES} == CODES
    assert [kept["properties"][name] for name in ("kind", "kind_zh", "kind_en", "description")] == [
        "L0201",
        "邻里纠纷",
        "neighbours' dispute",
        text,
    ]


def test_a_list_is_answered_item_by_item(api: TestClient) -> None:
    post(api, a_report(client_id="old"))
    answers = post(
        api,
        [
            a_report(client_id="1"),
            a_report(client_id="2", kind="X"),
            a_report(client_id="old", kind="L0202"),
            a_report(client_id="3", description="a\x00"),
            a_report(client_id="4", longitude=OUTSIDE[0]),
        ],
    )
    assert [(answer["status"], answer.get("code")) for answer in answers] == [
        ("stored", None),
        ("refused", "UnknownKind"),
        ("conflict", "ClientIdTaken"),
        ("refused", "BadInput"),
        ("stored", None),
    ]


def test_one_alone_that_is_bad_is_an_error(api: TestClient) -> None:
    assert post(api, a_report(kind="X"), 422)["code"] == "UnknownKind"
    assert post(api, a_report(reported_at=None), 422)["code"] == "BadInput"
    assert post(api, a_report(latitude=91), 422)["code"] == "NotOnEarth"
    assert post(api, a_report(longitude=0, latitude=0), 422)["code"] == "NoFix"
    assert post(api, a_report(longitude=0.009, latitude=-0.009, crs="gcj02"), 422)["code"] == "NoFix"
    assert api.get(URL).json()["numberMatched"] == 0


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["a", "b", "c"]),
        ({"kind": "E0102"}, ["b"]),
        ({"cell": COMMUNITY}, ["a"]),
        ({"cell": STREET}, ["a", "b"]),
        ({"datetime": "2026-11-02"}, []),
        ({"bbox": "112,21,113.5,23"}, ["c"]),
        ({"limit": 1, "offset": 1}, ["b"]),
    ],
)
def test_filters(api: TestClient, asked: dict[str, Any], found: list[str]) -> None:
    b = {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1], "kind": "E0102", "client_id": "b"}
    c = {"longitude": OUTSIDE[0], "latitude": OUTSIDE[1], "client_id": "c"}
    post(api, [a_report(client_id="a"), a_report(**b), a_report(**c)])
    collection = api.get(URL, params=asked).json()
    assert [feature["properties"]["client_id"] for feature in collection["features"]] == found


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{URL}/1", 404, "NoSuchIncident"),
        (f"{URL}/99999999999999999999", 404, "NoSuchIncident"),
        (f"{URL}/x", 422, "BadInput"),
        (f"{URL}/1/handlers", 404, "NoSuchIncident"),
        (f"{URL}/99999999999999999999/handlers", 404, "NoSuchIncident"),
        (f"{URL}?kind=X", 422, "UnknownKind"),
        (f"{URL}?cell=X", 404, "NoSuchCell"),
    ],
)
def test_what_is_not_there(api: TestClient, path: str, status: int, code: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_kinds(client: TestClient) -> None:
    kinds = client.get("/api/incident-kinds").json()
    marked = {kind["code"]: (kind["is_confidential"], kind["is_complaint"]) for kind in kinds}
    assert [marked[code] for code in ("L0801", "L1201")] == [(True, False), (False, True)]
    assert kinds[0] == {
        "code": "C0101",
        "class_code": "C01",
        "class_zh": "公用设施",
        "class_en": "public utilities",
        "name_zh": "上水井盖",
        "name_en": "water supply manhole cover",
        "is_confidential": False,
        "is_complaint": False,
        "default_department": "water",
        "needs_photo": True,
        "needs_within_m": 50,
        "needs_document": False,
        "counted_as": "",
        "is_emergency": False,
        "is_patrolled": True,
        "conditions": [
            {
                "code": "1",
                "name_zh": "缺失或移位,危及行人车辆",
                "name_en": "missing or displaced, a danger to passers-by",
                "limit": 2,
                "unit": "hours",
                "clock": "urgent",
                "limit_s": 7200,
            },
            {
                "code": "2",
                "name_zh": "破损、沉降或异响",
                "name_en": "broken, sunken or rattling",
                "limit": 1,
                "unit": "days",
                "clock": "normal",
                "limit_s": 28800,
            },
        ],
    }


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_kinds_of_a_day(engine: Engine, client: TestClient) -> None:
    bring(engine, tables("甲"), date(2099, 1, 1))
    counts = [len(client.get("/api/incident-kinds", params=day).json()) for day in ({}, {"day": "2098-12-31"})]
    assert counts == [len(starter().kinds)] * 2
    (kind,) = client.get("/api/incident-kinds", params={"day": "2099-01-01"}).json()
    assert (kind["code"], kind["name_zh"], kind["conditions"][0]["limit_s"]) == ("N0101", "甲", 14_400)
    assert client.get("/api/incident-kinds", params={"day": "morgen"}).json()["code"] == "BadDay"


def test_a_report_of_an_earlier_day_has_the_kinds_of_that_day(engine: Engine, api: TestClient) -> None:
    bring(engine, tables("甲"), date(2026, 11, 2))
    sent = [
        a_report(kind=kind, reported_at=at)
        for kind in ("L0201", "N0101")
        for at in ("2026-11-01T23:59:59+08:00", "2026-11-01T16:00:00Z")
    ]
    answers = [(answer["status"], answer.get("code")) for answer in post(api, sent)]
    unknown = ("refused", "UnknownKind")
    assert answers == [("stored", None), unknown, unknown, ("stored", None)]
    shown = [feature["properties"]["kind_zh"] for feature in api.get(URL).json()["features"]]
    assert shown == ["邻里纠纷", "甲"]
