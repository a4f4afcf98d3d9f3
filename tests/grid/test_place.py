from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prcoords import wgs_bd
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.place import Place, places
from tests.laid import OUTSIDE, SPOT, lay

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 1, 12, tzinfo=ZONE)


def found(engine: Engine, *points: tuple[float, float, str, datetime], zone: ZoneInfo = ZONE) -> list[Place | None]:
    x, y, systems, moments = zip(*points, strict=True) if points else ((), (), (), ())
    with session_scope(engine) as session:
        return places(session, x, y, systems, moments, zone)


def test_points_of_different_systems_keep_their_order(engine: Engine) -> None:
    lay(engine)
    shifted = wgs_bd((SPOT[1], SPOT[0]))
    first, none, last, outside = found(
        engine,
        (shifted.lon, shifted.lat, "bd09", NOON),
        (200.0, 0.0, "EPSG:4326", NOON),
        (*SPOT, "EPSG:4326", NOON),
        (*OUTSIDE, "EPSG:4490", NOON),
    )
    assert none is None
    assert first is not None
    assert last is not None
    assert outside is not None
    assert (first.longitude, first.latitude) == pytest.approx(SPOT, abs=1e-7)
    assert (last.longitude, last.latitude) == SPOT
    assert first.cells == last.cells
    assert None not in last.cells
    assert outside.cells == (None, None, None)
    assert last.columns["street_id"] == last.cells[0]


def test_each_point_is_located_on_its_own_day_of_its_own_zone(engine: Engine) -> None:
    lay(engine, date(2026, 11, 1))
    eve = datetime(2026, 11, 1, tzinfo=ZONE) - timedelta(microseconds=1)
    cells = [place and place.cells[0] for place in found(engine, (*SPOT, "EPSG:4326", eve), (*SPOT, "EPSG:4326", NOON))]
    assert cells[0] is None
    assert cells[1] is not None
    (later,) = found(engine, (*SPOT, "EPSG:4326", eve), zone=ZoneInfo("Pacific/Auckland"))
    assert later is not None
    assert later.cells[0] == cells[1]


def test_no_points(engine: Engine) -> None:
    assert found(engine) == []


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:32650", "EPSG:4326", "gcj02"])
def test_coordinates_that_are_far_off_their_system_are_no_place(engine: Engine, crs: str) -> None:
    assert found(engine, (1e9, -1e9, crs, NOON), (float("nan"), 0.0, crs, NOON)) == [None, None]
