"""A grid laid in the test's database, and places on it."""

from datetime import date

import shapely
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from tests.grid.builders import METRIC, nested_squares

CELLS = nested_squares()
FIRST_DAY = date(2026, 1, 1)
SUBSTATION, COMMUNITY, STREET = "440307009002001", "440307009002", "440307009"
CODES = {"street_code": STREET, "community_code": COMMUNITY, "substation_code": SUBSTATION}
NAMES = {
    "street": {"code": STREET, "name": "葵涌街道"},
    "community": {"code": COMMUNITY, "name": "社区2"},
    "substation": {"code": SUBSTATION, "name": "分站2-1"},
}
OUTSIDE = (113.0, 22.0)


def middle(code: str) -> tuple[float, float]:
    """Return a place inside a cell."""
    point = shapely.point_on_surface(CELLS.geometry[CELLS.code == code].iloc[0])
    return point.x, point.y


SPOT = middle(SUBSTATION)
ELSEWHERE = middle("440307009003002")


def lay(engine: Engine, first_day: date = FIRST_DAY) -> None:
    """Store the grid, in force from its first day."""
    with session_scope(engine, write=True) as session:
        store_cells(session, CELLS, name="t", source="t", first_day=first_day, metric_crs=METRIC)
