from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.laid import CODES, COMMUNITY, ELSEWHERE, NAMES, OUTSIDE, SPOT, STREET, SUBSTATION

URL = "/api/check-ins"
WHY = {"purpose": "to try it out"}
MORNING = datetime.fromisoformat("2026-11-01T08:00:00+08:00")


@pytest.fixture
def api(ground: Engine, client: TestClient) -> TestClient:
    return client


def a_check_in(minute: int = 0, **changes: Any) -> dict[str, Any]:
    at = (MORNING + timedelta(minutes=minute)).isoformat()
    return {"patroller": "P1", "fix_at": at, "longitude": SPOT[0], "latitude": SPOT[1], **changes}


def post(api: TestClient, body: Any, status: int = 200) -> Any:
    answer = api.post(URL, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def listed(api: TestClient, **asked: Any) -> list[str]:
    answer = api.get(URL, params={**WHY, **asked})
    assert answer.status_code == 200, answer.text
    collection = answer.json()
    assert collection["numberReturned"] == len(collection["features"])
    return [feature["properties"]["client_id"] for feature in collection["features"]]


def test_one_is_answered_with_its_cells(api: TestClient) -> None:
    answer = post(api, a_check_in(client_id="1"))
    assert answer.pop("id") > 0
    told = {"status": "stored", "standing": "counted", "client_id": "1", **NAMES}
    assert [doubt["flag"] for doubt in answer.pop("doubts")] == ["old"]
    assert answer.pop("checkpoint") is None
    assert answer == {**told, "longitude": SPOT[0], "latitude": SPOT[1]}


def test_one_again_is_answered_alike(api: TestClient) -> None:
    first, again = post(api, a_check_in(client_id="1")), post(api, a_check_in(client_id="1"))
    assert again == {**first, "status": "repeated"}
    assert listed(api) == ["1"]


def test_one_alone_that_is_bad_is_an_error(api: TestClient) -> None:
    refused = post(api, a_check_in(longitude="east"), 422)
    assert refused == {"code": "BadInput", "description": "longitude:应为数字 / longitude must be a number"}
    post(api, a_check_in(client_id="1"))
    assert post(api, a_check_in(1, client_id="1"), 409)["code"] == "ClientIdTaken"
    assert listed(api) == ["1"]


def test_nothing_of_one_alone_that_is_bad_is_stored(api: TestClient, engine: Engine) -> None:
    from gisgrid.database import session_scope
    from gisgrid.patrols.tables import Patroller

    post(api, a_check_in(accuracy_m=-1, patroller="nobody"), 422)
    with session_scope(engine) as session:
        assert session.query(Patroller).count() == 0


def test_a_list_is_answered_item_by_item(api: TestClient) -> None:
    post(api, a_check_in(client_id="old"))
    answers = post(
        api,
        [
            a_check_in(client_id="new"),
            a_check_in(9, client_id="old"),
            a_check_in(client_id="bad", fix_at="2026-11-01T08:00:00"),
            a_check_in(client_id="\u0000"),
            a_check_in(client_id="out", longitude=OUTSIDE[0], latitude=OUTSIDE[1]),
            a_check_in(client_id="old"),
            7,
        ],
    )
    assert [(answer["status"], answer["client_id"]) for answer in answers] == [
        ("stored", "new"),
        ("conflict", "old"),
        ("refused", "bad"),
        ("refused", None),
        ("stored", "out"),
        ("repeated", "old"),
        ("refused", None),
    ]
    assert answers[4]["street"] is answers[4]["community"] is answers[4]["substation"] is None
    assert [answer.get("code") for answer in answers] == [
        None,
        "ClientIdTaken",
        "BadInput",
        "BadInput",
        None,
        None,
        "BadInput",
    ]
    assert all("/" in answer["description"] for answer in answers if "code" in answer)


def test_lists_of_none_and_of_too_many(api: TestClient) -> None:
    assert post(api, []) == []
    assert post(api, [a_check_in()] * 1001, 413)["code"] == "TooManyItems"
    assert listed(api) == []
    answers = post(api, [a_check_in(number) for number in range(1000)])
    assert {answer["status"] for answer in answers} == {"stored"}


def test_a_body_larger_than_the_limit(api: TestClient) -> None:
    answer = api.post(URL, content=b"[" + b" " * 2_000_000 + b"]", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BodyTooLarge")


def test_what_was_sent_is_kept_and_told(api: TestClient) -> None:
    sent = a_check_in(client_id="1", crs="gcj02", accuracy_m=7, patrol="早班")
    post(api, sent)
    (feature,) = api.get(URL, params=WHY).json()["features"]
    properties = feature["properties"]
    longitude, _ = feature["geometry"]["coordinates"]
    assert longitude == pytest.approx(SPOT[0] - 0.005, abs=0.001)
    assert (feature["type"], feature["geometry"]["type"]) == ("Feature", "Point")
    kept = ("raw_longitude", "raw_latitude", "crs", "accuracy_m", "patrol", "patroller", "client_id")
    assert [properties[name] for name in kept] == [*SPOT, "gcj02", 7, "早班", "P1", "1"]
    assert datetime.fromisoformat(properties["fix_at"]) == MORNING
    assert datetime.fromisoformat(properties["received_at"]) > MORNING


@pytest.fixture
def four(api: TestClient) -> TestClient:
    """One every ten minutes, sent in another order."""
    places = {"a": SPOT, "b": ELSEWHERE, "c": OUTSIDE, "d": SPOT}
    made = [
        a_check_in(10 * number, client_id=name, longitude=place[0], latitude=place[1], patroller=f"P{number % 2}")
        for number, (name, place) in enumerate(places.items())
    ]
    post(api, [made[2], made[0], made[3], made[1]])
    return api


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "abcd"),
        ({"cell": SUBSTATION}, "ad"),
        ({"cell": COMMUNITY}, "ad"),
        ({"cell": STREET}, "abd"),
        ({"cell": "440307009001"}, ""),
        ({"patroller": "P1"}, "bd"),
        ({"patroller": "nobody"}, ""),
        ({"datetime": "2026-11-01"}, "abcd"),
        ({"datetime": "2026-11-02"}, ""),
        ({"datetime": "2026-11-01T08:10:00+08:00/2026-11-01T08:30:00+08:00"}, "bc"),
        ({"datetime": "2026-11-01T00:10:00Z/2026-11-01T00:30:00.000001Z"}, "bcd"),
        ({"bbox": f"{SPOT[0]},{SPOT[1]},{SPOT[0]},{SPOT[1]}"}, "ad"),
        ({"bbox": "112,21,113.5,23"}, "c"),
        ({"limit": 2}, "ab"),
        ({"limit": 2, "offset": 3}, "d"),
        ({"offset": 9}, ""),
        ({"cell": STREET, "patroller": "P0", "datetime": "2026-11-01/2026-11-02"}, "a"),
    ],
)
def test_filters(four: TestClient, asked: dict[str, Any], found: str) -> None:
    assert "".join(listed(four, **asked)) == found


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"cell": "440307009999"}, 404, "NoSuchCell"),
        ({"cell": ""}, 422, "BadInput"),
        ({"patroller": "a\x00"}, 422, "BadInput"),
        ({"datetime": "never"}, 422, "BadPeriod"),
        ({"bbox": "1,2,3"}, 422, "BadBox"),
        ({"limit": 0}, 422, "BadInput"),
        ({"limit": 10_001}, 422, "BadInput"),
        ({"offset": -1}, 422, "BadInput"),
    ],
)
def test_filters_that_make_no_sense(four: TestClient, asked: dict[str, Any], status: int, code: str) -> None:
    answer = four.get(URL, params={**WHY, **asked})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_pages_lead_on_to_the_end(four: TestClient) -> None:
    url, found = f"{URL}?limit=1&cell={STREET}&purpose=to+try+it+out", []
    while url:
        page = four.get(url).json()
        assert page["numberMatched"] == 3
        found += [feature["properties"]["client_id"] for feature in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert found == ["a", "b", "d"]


def test_codes_of_the_features(four: TestClient) -> None:
    features = four.get(URL, params={**WHY, "limit": 3}).json()["features"]
    codes = [{name: feature["properties"][name] for name in CODES} for feature in features]
    assert (codes[0], codes[2]) == (CODES, dict.fromkeys(CODES))


def test_checkpoints(api: TestClient, engine: Engine) -> None:
    from gisgrid.database import session_scope
    from gisgrid.patrols.checkpoints import store_checkpoints
    from tests.patrols.test_checkpoints import a_frame

    with session_scope(engine, write=True) as session:
        store_checkpoints(session, a_frame())
    collection = api.get("/api/checkpoints").json()
    assert [feature["id"] for feature in collection["features"]] == ["C1", "C2"]
    assert collection["features"][0] == {
        "type": "Feature",
        "id": "C1",
        "geometry": {"type": "Point", "coordinates": [114.4, 22.6]},
        "properties": {
            "code": "C1",
            "name": "码头",
            "radius_m": 30.0,
            "dwell_s": 0.0,
            "needs_code": False,
            "is_illustrative": True,
        },
    }


def test_the_api_tells_what_it_takes(client: TestClient) -> None:
    told = client.get("/openapi.json").json()["paths"][URL]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    one, many = told["anyOf"]
    assert one["required"] == ["fix_at", "longitude", "latitude"]
    assert one["properties"]["fix_at"]["format"] == "date-time"
    assert many["items"] == one
