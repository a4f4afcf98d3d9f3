from datetime import date
from typing import Any

import pytest
import shapely
from prcoords import wgs_gcj
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.geometry import points_to_metric
from gisgrid.grid.layers.store import store_cells
from tests.grid.builders import METRIC, nested_squares

CELLS = nested_squares()
CODE = "440307009002001"
SPOT = CELLS[CELLS.code == CODE].geometry.iloc[0].representative_point()
NAMED = {
    "street": {"code": "440307009", "name": "葵涌街道"},
    "community": {"code": "440307009002", "name": "社区2"},
    "substation": {"code": CODE, "name": "分站2-1"},
}


@pytest.fixture
def loaded(engine: Engine, client: TestClient) -> TestClient:
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="t", source="t", first_day=date(2026, 1, 1), metric_crs=METRIC)
    return client


def cells(client: TestClient, **asked: Any) -> list[str]:
    answer = client.get("/api/grid/cells", params=asked)
    assert answer.status_code == 200, answer.text
    collection = answer.json()
    assert collection["numberReturned"] == len(collection["features"])
    return [feature["id"] for feature in collection["features"]]


def test_locate_names_the_cells(loaded: TestClient) -> None:
    x, y = map(float, points_to_metric(SPOT.x, SPOT.y, METRIC))
    shifted = wgs_gcj((SPOT.y, SPOT.x))
    for longitude, latitude, crs in [
        (SPOT.x, SPOT.y, "EPSG:4326"),
        (shifted.lon, shifted.lat, "gcj02"),
        (x, y, METRIC),
    ]:
        asked = {"longitude": longitude, "latitude": latitude, "crs": crs}
        found = loaded.get("/api/grid/locate", params=asked).json()
        assert {level: found[level] for level in NAMED} == NAMED
        assert (found["longitude"], found["latitude"]) == pytest.approx((SPOT.x, SPOT.y), abs=1e-7)
    outside = loaded.get("/api/grid/locate", params={"longitude": 0, "latitude": 0}).json()
    assert {level: outside[level] for level in NAMED} == dict.fromkeys(NAMED)


def test_cells_by_level_parent_and_box(loaded: TestClient) -> None:
    assert len(cells(loaded)) == 10
    assert cells(loaded, level="street") == ["440307009"]
    assert cells(loaded, parent="440307009002") == ["440307009002001", "440307009002002"]
    inside = shapely.box(*CELLS[CELLS.code == CODE].total_bounds).buffer(-0.001).bounds
    assert cells(loaded, level="substation", bbox=",".join(map(str, inside))) == [CODE]
    assert cells(loaded, limit=3, offset=2) == cells(loaded)[2:5]
    assert cells(loaded, parent=CODE) == []


def test_a_slice_names_the_next_and_the_last_names_none(loaded: TestClient) -> None:
    first = loaded.get("/api/grid/cells", params={"level": "substation", "limit": 4}).json()
    (link,) = first["links"]
    assert (link["rel"], link["href"]) == ("next", "/api/grid/cells?level=substation&limit=4&offset=4")
    second = loaded.get(link["href"]).json()
    listed = [feature["id"] for page in (first, second) for feature in page["features"]]
    assert (listed, second["links"]) == (cells(loaded, level="substation"), [])


def test_a_cell_comes_whole(loaded: TestClient) -> None:
    found = loaded.get(f"/api/grid/cells/{CODE}").json()
    assert found["type"] == "Feature"
    assert found["properties"]["parent_code"] == "440307009002"
    assert found["properties"]["area_m2"] == pytest.approx(1_000_000, rel=1e-6)
    shape = shapely.from_geojson(shapely.to_geojson(shapely.geometry.shape(found["geometry"])))
    assert shape.geoms[0].equals_exact(CELLS[CELLS.code == CODE].geometry.iloc[0], 0)
    street = loaded.get("/api/grid/cells/440307009").json()
    assert street["properties"]["parent_code"] is None


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/grid/cells/nowhere", 404, "NoSuchCell"),
        ("/api/grid/cells/440307009?day=1999-01-01", 404, "NoGrid"),
        ("/api/grid/cells?parent=nowhere", 404, "NoSuchCell"),
        ("/api/grid/cells?bbox=22,114,23,115", 422, "BadBox"),
        ("/api/grid/cells?level=zone", 422, "BadInput"),
        ("/api/grid/cells?limit=0", 422, "BadInput"),
        ("/api/grid/locate?longitude=nan&latitude=1", 422, "BadInput"),
        ("/api/grid/locate?longitude=22.6&latitude=114.4", 422, "NotOnEarth"),
        ("/api/grid/locate?longitude=1", 422, "BadInput"),
        ("/api/grid/locate?longitude=1&latitude=1&crs=mars", 422, "BadInput"),
        ("/api/nowhere", 404, "NotFound"),
    ],
)
def test_mistakes_are_told(loaded: TestClient, path: str, status: int, code: str) -> None:
    answer = loaded.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert " / " in answer.json()["description"]


def test_without_a_grid_the_answer_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/grid/cells")
    assert (answer.status_code, answer.json()["code"]) == (404, "NoGrid")
