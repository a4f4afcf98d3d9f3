"""Neighbours across an edge, and incidents along one's own track."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.database import session_scope
from gisgrid.geometry import from_metric, to_metric
from gisgrid.grid.kin import lineage, neighbours
from gisgrid.grid.locate import NoSuchCell, grid_on
from gisgrid.incidents.near.edge import across_the_edge
from gisgrid.patrols.tables import Patroller
from tests.grid.builders import METRIC
from tests.incidents.conftest import Hire
from tests.laid import CELLS, COMMUNITY, STREET, SUBSTATION
from tests.rows import a_fix

SHAPES = dict(zip(CELLS["code"], CELLS.geometry, strict=True))


def test_a_cell_and_what_is_above_and_beside_it(ground: Engine) -> None:
    with session_scope(ground) as session:
        grid = grid_on(session)
        assert lineage(session, SUBSTATION) == (SUBSTATION, COMMUNITY, STREET)
        assert lineage(session, "nothing") == ()
        beside = neighbours(grid, SUBSTATION)
        with pytest.raises(NoSuchCell):
            neighbours(grid, "nothing")
    stations = CELLS[CELLS["level"] == "substation"]
    touching = {code for code in stations["code"] if SHAPES[code].intersects(SHAPES[SUBSTATION])}
    assert list(beside) == sorted(touching - {SUBSTATION})


@pytest.mark.parametrize(("metres", "is_near"), [(29.0, True), (31.0, False)])
def test_a_neighbour_is_named_within_thirty_metres(ground: Engine, metres: float, is_near: bool) -> None:
    with session_scope(ground) as session:
        grid = grid_on(session)
        beside = neighbours(grid, SUBSTATION)
    own, other = (to_metric(SHAPES[code], METRIC) for code in (SUBSTATION, beside[0]))
    edge = own.boundary.intersection(other.boundary)
    middle = edge.interpolate(0.5, normalized=True)
    inward = own.centroid
    way = shapely.LineString([middle, inward])
    place: Any = from_metric(way.interpolate(metres), METRIC)
    found = across_the_edge(grid, SUBSTATION, place.x, place.y, METRIC)
    assert (beside[0] in found) == (is_near or other.distance(to_metric(place, METRIC)) <= 30)


def test_one_is_told_of_the_incidents_along_ones_own_track(api: TestClient, ground: Engine, hire: Hire) -> None:
    walker = hire(("patroller", SUBSTATION))
    near, far = walker.report(client_id="near"), walker.report(client_id="far", latitude=22.7)
    place = api.get(f"/api/incidents/{near}").json()["geometry"]["coordinates"]
    with session_scope(ground, write=True) as session:
        mine = Patroller(ref="mine", person_id=walker.id)
        session.add(mine)
        session.flush()
        moment = datetime(2026, 11, 1, 3, tzinfo=UTC)
        session.add(a_fix(1, mine.id, fix_at=moment, longitude=place[0], latitude=place[1] + 0.0003))

    def along(day: date) -> list[tuple[int, float]]:
        headers = {"Authorization": f"Bearer {walker.words}"}
        found = api.get("/api/me/incidents", params={"day": day.isoformat()}, headers=headers).json()
        return [(each["id"], each["distance_m"]) for each in found]

    assert along(date(2026, 11, 1)) == [(near, pytest.approx(33.3, abs=0.5))]
    assert along(date(2026, 11, 2)) == []
    assert far != near
