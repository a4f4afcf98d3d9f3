import pytest
import shapely
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.grid.own import present, routes
from tests.grid.own.builders import X, Y, put, put_addresses

BOX = f"{X - 0.01},{Y - 0.01},{X + 0.01},{Y + 0.01}"


def test_layers_and_what_is_in_them(client: TestClient, engine: Engine) -> None:
    assert client.get("/api/layers").json() == []
    put_addresses(engine, "甲路1号", "甲路2号")
    assert client.get("/api/layers").json() == [
        {"name": "addresses", "title_zh": "门牌地址", "title_en": "Addresses", "kind": "point", "features": 2}
    ]
    found = client.get("/api/layers/addresses", params={"bbox": BOX, "zoom": 18}).json()
    assert [each["properties"]["name"] for each in found["features"]] == ["甲路1号", "甲路2号"]
    assert (found["numberMatched"], found["numberReturned"], found["note"]) == (2, 2, None)
    assert client.get("/api/layers/addresses", params={"bbox": "0,0,1,1"}).json()["features"] == []


def test_too_many_are_told(client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    put(engine, "roads", [shapely.LineString([(X, Y), (X + 0.001, Y)])] * 3)
    for module in (present, routes):
        monkeypatch.setattr(module, "MOST", 2)
    found = client.get("/api/layers/roads").json()
    assert (found["features"], found["numberMatched"]) == ([], 3)
    assert "放大" in found["note"]
    assert "zoom in" in found["note"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nowhere", 404, "NoSuchLayer"),
        ("a?bbox=1,2,3", 422, "BadBox"),
        ("a?zoom=25", 422, "BadInput"),
    ],
)
def test_mistakes_are_told(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(f"/api/layers/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
