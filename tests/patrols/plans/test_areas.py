"""The area of a special operation: what is one, which places lie in it, how it is kept, and who sees it."""

from datetime import timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.patrols.plans.areas import LARGEST_KM2, BadArea, area_of
from tests.laid import CELLS, COMMUNITY, OUTSIDE, SPOT, SUBSTATION
from tests.patrols.asking import Asking, somebody
from tests.patrols.plans.worlds import AWAY, today

CELL = {"kind": "cell", "code": SUBSTATION}
QUAY = {"kind": "checkpoint", "code": "C1"}
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def drawn(shape: shapely.Polygon) -> dict[str, Any]:
    """Return a polygon as it is sent."""
    return {"type": "Polygon", "coordinates": [[list(place) for place in ring.coords] for ring in rings(shape)]}


def rings(shape: shapely.Polygon) -> list[shapely.LinearRing]:
    return [shape.exterior, *shape.interiors]


def of(code: str) -> shapely.Polygon:
    """Return the shape of a cell."""
    return CELLS.geometry[CELLS.code == code].iloc[0]


def around(place: tuple[float, float], degrees: float = 0.0005) -> shapely.Polygon:
    return shapely.box(place[0] - degrees, place[1] - degrees, place[0] + degrees, place[1] + degrees)


def operation(area: shapely.Polygon | None, **changes: Any) -> dict[str, Any]:
    day = today()
    times = {"at": ["08:00"], "duration_min": 600, "first_day": str(day), "last_day": str(day + timedelta(days=5))}
    return {"name": "海岸防火", "is_operation": True, **times, **({"area": drawn(area)} if area else {}), **changes}


def test_an_operation_is_of_what_lies_in_its_area(staff: Asking, town: Engine) -> None:
    made = staff.post("/api/plans", operation(of(SUBSTATION)), 201)
    assert made["places"] == [CELL, QUAY]
    assert shapely.equals(shapely.geometry.shape(made["area"]), of(SUBSTATION))
    path = f"/api/plans/{made['id']}"
    assert staff.get(path)["area"] == made["area"] == staff.get("/api/plans")["plans"][0]["area"]
    moved = staff.ask("PUT", path, json=operation(around(SPOT)))
    assert (moved["places"], moved["area"]["coordinates"][0][0]) == ([QUAY], drawn(around(SPOT))["coordinates"][0][0])
    without = staff.ask("PUT", path, json=operation(None, places=[CELL]))
    assert (without["places"], without["area"]) == ([CELL], None)


@spatialite
def test_places_of_others_are_left_out_and_a_small_area_is_of_its_substation(
    asked: TestClient, staff: Asking, town: Engine
) -> None:
    x, y = SPOT
    beside = around((x + 0.001, y + 0.001), 0.0002)
    assert staff.post("/api/plans", operation(beside), 201)["places"] == [CELL]
    wide = shapely.union_all([of(SUBSTATION), of(AWAY), shapely.LineString([SPOT, of(AWAY).centroid]).buffer(1e-4)])
    assert staff.post("/api/plans", operation(shapely.Polygon(wide.exterior)), 201)["places"] == [CELL, QUAY]
    boss = somebody(asked, town, "community_leader", name="boss", cell=COMMUNITY)
    assert len(boss.post("/api/plans", operation(of(COMMUNITY)), 201)["places"]) > 2


def test_an_area_is_seen_by_those_who_see_its_plan(asked: TestClient, staff: Asking, town: Engine) -> None:
    path = f"/api/plans/{staff.post('/api/plans', operation(of(SUBSTATION)), 201)['id']}"
    boss = somebody(asked, town, "street_leader", name="boss", cell=None)
    other = somebody(asked, town, "station_staff", name="other", cell=AWAY)
    assert boss.get(path)["area"] is not None
    assert other.get(path, 404)["code"] == "NoSuchPlan"
    assert other.get("/api/plans")["plans"] == []
    assert other.post("/api/plans", operation(of(SUBSTATION)), 422)["code"] == "NothingInside"


WRONG: dict[str, list[dict[str, Any]]] = {
    "NoPlaces": [{"area": None}],
    "AreaOfNone": [{"is_operation": False}],
    "NothingInside": [{"area": drawn(around(OUTSIDE))}],
    "BadArea": [{"area": {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 0]]]}}],
    "BadInput": [
        {"area": {"type": "Polygon", "coordinates": []}},
        {"area": {"type": "Point", "coordinates": [1, 2]}},
        {"area": {"type": "Polygon", "coordinates": [[[1, 2, 3]] * 4]}},
        {"area": {"type": "Polygon", "coordinates": [[["0", 0], [0, 1], [1, 0], [0, 0]]]}},
    ],
}


@spatialite
def test_what_is_wrong_with_an_area_is_told(staff: Asking) -> None:
    for code, sent in WRONG.items():
        for changes in sent:
            answer = staff.post("/api/plans", {**operation(of(SUBSTATION)), **changes}, 422)
            assert (answer["code"], "/" in answer["description"]) == (code, True), changes


TEN_KM = 0.0904


@pytest.mark.parametrize(
    "ring",
    [
        [],
        [(0, 0), (0, 1), (1, 1)],
        [(0, 0), (0, 0.01), (0.01, 0.01), (0.01, 0)],
        [(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01), (0, 0)],
        [(0, 0), (0.01, 0.01), (0.02, 0.02), (0, 0)],
        [(0, 0), (0, 0), (0, 0), (0, 0)],
        [(181, 0), (181, 0.01), (181.01, 0.01), (181, 0)],
        [(0, 0), (float("inf"), 0), (0, 0.01), (0, 0)],
        [(0, 0), (0, TEN_KM), (TEN_KM, TEN_KM), (TEN_KM, 0), (0, 0)],
        [*[(0, number / 1e5) for number in range(999)], (0.01, 0), (0, 0)],
    ],
)
def test_no_area(ring: list[tuple[float, float]]) -> None:
    with pytest.raises(BadArea):
        area_of([ring] if ring else [])


@given(st.floats(-179, 179), st.floats(-80, 80), st.integers(3, 60), st.floats(1e-5, 0.02), st.booleans())
def test_whatever_has_no_crossing_edges_and_is_small_is_one(
    x: float, y: float, corners: int, size: float, turned: bool
) -> None:
    ring = list(shapely.Point(x, y).buffer(size, quad_segs=corners).exterior.coords)
    shape = area_of([ring[::-1] if turned else ring])
    assert shape.is_valid
    assert shape.covers(shapely.Point(x, y))


def test_it_may_be_as_large_as_it_may_be() -> None:
    side = (LARGEST_KM2 * 0.99) ** 0.5 / 111.32
    assert area_of([[(0, 0), (0, side), (side, side), (side, 0), (0, 0)]]).area > 0
