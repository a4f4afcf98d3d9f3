"""Places by their names: checkpoints of one's cells, and what own layers hold, by door number too."""

import re
from collections.abc import Sequence
from typing import Any, Final

import shapely
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gisgrid.grid.locate import Grid
from gisgrid.grid.own.store import FEATURE, LAYER
from gisgrid.patrols.checkpoints import checkpoints_within
from gisgrid.search.hits import Hit, Hits, best, bounds_of, names_of, rank
from gisgrid.sight import Sight

PIECES: Final = 500
"""Parts of one thing that are looked at, such as those of a road."""


COORDINATES: Final = re.compile(r"(-?\d{1,3}(?:\.\d+)?)[,;](-?\d{1,3}(?:\.\d+)?)")
"""Two numbers in degrees, the longitude first unless it could be none."""


def find_places(session: Session, grid: Grid, sight: Sight, key: str, limit: int) -> Hits:
    """Return the checkpoints in a sight and the things of own layers that a key names; of coordinates, their place."""
    if (place := _place(grid, key)) is not None:
        return Hits([place])
    checkpoints, is_more = best(_checkpoints(session, grid, sight, key), limit)
    things = _things(session, grid, key, limit + 1)
    every = [*checkpoints, *things]
    return Hits(every[:limit], is_more or len(every) > limit)


def _place(grid: Grid, key: str) -> Hit | None:
    found = COORDINATES.fullmatch(key)
    if found is None:
        return None
    x, y = float(found[1]), float(found[2])
    if abs(y) > 90:
        x, y = y, x
    if abs(x) > 180 or abs(y) > 90:
        return None
    where = names_of(grid.cells, grid.locate_one(x, y))
    return Hit("place", key, f"{x}, {y}", "坐标", "coordinates", where, point=(x, y))


def _checkpoints(session: Session, grid: Grid, sight: Sight, key: str) -> list[tuple[int | None, Hit]]:
    frame = checkpoints_within(session, sight)
    found = []
    for row in frame.itertuples(index=False):
        x, y = row.geometry.x, row.geometry.y
        where = names_of(grid.cells, grid.locate_one(x, y))
        hit = Hit("checkpoint", row.code, row.name, "打卡点", "checkpoint", where, point=(x, y))
        found.append((rank(key, row.name, row.code), hit))
    return found


def _things(session: Session, grid: Grid, key: str, limit: int) -> list[Hit]:
    """Return what own layers hold; what has the same name in the same layer is one thing."""
    its = FEATURE.c.key
    well = case((its == key, 0), (its.startswith(key, autoescape=True), 1), else_=2)
    columns = (FEATURE.c.layer_id, its, func.min(FEATURE.c.name).label("name"), func.min(FEATURE.c.id).label("id"))
    asked = select(*columns, LAYER.c.title_zh, LAYER.c.title_en).join(LAYER, LAYER.c.id == FEATURE.c.layer_id)
    asked = asked.where(LAYER.c.name.is_not(None), its.contains(key, autoescape=True))
    asked = asked.group_by(FEATURE.c.layer_id, its, LAYER.c.title_zh, LAYER.c.title_en)
    rows = session.execute(asked.order_by(well, func.length(its), its, FEATURE.c.layer_id).limit(limit)).all()
    return [_thing(session, grid, row) for row in rows]


def _thing(session: Session, grid: Grid, row: Any) -> Hit:
    same = (FEATURE.c.layer_id == row.layer_id, FEATURE.c.key == row.key)
    asked = select(func.ST_AsBinary(FEATURE.c.geometry)).where(*same).order_by(FEATURE.c.id).limit(PIECES)
    shapes: Sequence[Any] = shapely.from_wkb(session.scalars(asked).all())
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes[0]))[0].tolist()
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    bbox = None if (west, south) == (east, north) else bounds_of(west, south, east, north)
    where = names_of(grid.cells, grid.locate_one(x, y))
    return Hit("place", str(row.id), row.name, row.title_zh, row.title_en, where, bbox, (round(x, 7), round(y, 7)))
