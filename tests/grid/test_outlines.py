"""The cells as a screen needs them."""

import json
from datetime import date

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.locate import grid_on
from gisgrid.grid.outlines import outlines
from tests.laid import CELLS, lay


def test_all_levels_with_a_place_for_the_name(engine: Engine) -> None:
    lay(engine)
    with session_scope(engine) as session:
        grid = grid_on(session)
        told = json.loads(outlines(grid))
        assert outlines(grid_on(session)) is outlines(grid)
    assert {level: len(each["features"]) for level, each in told.items()} == CELLS["level"].value_counts().to_dict()
    whole = grid.cells.set_index("code")
    for each in told["substation"]["features"]:
        shape = shapely.geometry.shape(each["geometry"])
        longitude, latitude, room = each["properties"]["label"]
        assert shape.hausdorff_distance(whole.loc[each["id"]].geometry) < 2e-5
        assert shape.contains(shapely.Point(longitude, latitude))
        assert tuple(each["bbox"]) == shape.bounds
        assert room > 0
        assert each["properties"]["parent_code"] == whole.loc[each["id"]].parent_code


@pytest.mark.parametrize("day", ["", "2026-01-01"])
def test_whoever_has_them_is_told_that_nothing_has_changed(client: TestClient, engine: Engine, day: str) -> None:
    lay(engine, date(2020, 1, 1))
    first = client.get("/api/grid/outlines", params={"day": day} if day else {})
    assert first.status_code == 200
    again = client.get("/api/grid/outlines", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_they_are_packed_once_for_whoever_can_unpack_them(client: TestClient, engine: Engine) -> None:
    lay(engine)
    packed, plain = (
        client.get("/api/grid/outlines", headers={"Accept-Encoding": each}) for each in ("gzip", "identity")
    )
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"
