"""The area of a special operation: which drawing is one, which places lie in it, and how it is kept with its plan."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from pyproj import Geod
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.geometry import is_on_earth
from gisgrid.grid.locate import NoGrid, grid_on
from gisgrid.once import table_of
from gisgrid.patrols.plans.find_spots import cell_spots, standing_checkpoints
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.tables import PlanArea
from gisgrid.patrols.plans.terms import MOST_PLACES, Place
from gisgrid.settings import Settings
from gisgrid.sight import Sight, sight_of, visible

AREA: Final = table_of(PlanArea)
MOST_CORNERS: Final = 1000
LARGEST_KM2: Final = 100
EARTH: Final = Geod(ellps="WGS84")
SHARE: Final = 0.5
"""How much of a substation lies in an area at least, if it is to be a place of its operation."""

Ring = Sequence[tuple[float, float]]


class BadArea(Refused):
    """A drawing that is no area: open, crossing itself, not on earth, of too many corners or too large."""


class NothingInside(Refused):
    """An area in which whoever draws it answers for nothing."""


class TooManyInside(Refused):
    """An area with more places than a plan may have."""


def area_of(rings: Sequence[Ring]) -> shapely.Polygon:
    """Return the polygon of GeoJSON rings, the outer one first, in degrees of WGS 84. Raises BadArea."""
    corners = sum(len(ring) for ring in rings)
    if not rings or corners > MOST_CORNERS:
        raise BadArea(f"范围至多 {MOST_CORNERS} 个角点", f"an area has at most {MOST_CORNERS} corners")
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise BadArea("范围至少 3 个角点,首尾须闭合", "an area has three corners at least, and ends where it begins")
    if not all(is_on_earth(*place) for ring in rings for place in ring):
        raise BadArea(
            "范围的坐标不在地球上;经度在前,以度为单位", "the area is not on earth; give degrees, longitude first"
        )
    area = shapely.Polygon(rings[0], rings[1:])
    if not area.is_valid:
        raise BadArea("范围的边互相交叉;请重新画", "the edges of the area cross; draw it anew")
    if not 0 < _square_kilometres(area) <= LARGEST_KM2:
        raise BadArea(
            f"范围应大于零,至多 {LARGEST_KM2} 平方公里", f"an area is larger than nothing, {LARGEST_KM2} km² at most"
        )
    return area


def _square_kilometres(area: shapely.Polygon) -> float:
    return float(abs(EARTH.geometry_area_perimeter(area)[0])) / 1e6


def places_in(session: Session, settings: Settings, area: shapely.Polygon, today: date) -> tuple[Place, ...]:
    """Return the places in an area for which whoever asks answers: substations that lie in it by half, checkpoints.

    If there are none, the substations that it touches. Raises NothingInside, TooManyInside.
    """
    sight = sight_of(session)
    standing = standing_checkpoints(session, today, settings.metric_crs)
    at = shapely.points([(spot.longitude, spot.latitude) for spot in standing] or np.empty((0, 2)))
    spots = [spot for spot, is_in in zip(standing, shapely.covers(area, at), strict=True) if is_in]
    substations = _substations(session, settings, area, today)
    held = _answered_for(sight, [*(spot for spot, share in substations if share >= SHARE), *spots])
    found = held or _answered_for(sight, [spot for spot, _ in substations])
    if not found:
        raise NothingInside(
            "范围内没有您负责的工作分站或打卡点", "no substation or checkpoint that you answer for lies in the area"
        )
    if len(found) > MOST_PLACES:
        raise TooManyInside(
            f"范围内有 {len(found)} 个地点,一个计划至多 {MOST_PLACES} 个;请画小一些",
            f"{len(found)} places lie in the area and a plan has {MOST_PLACES} at most: draw a smaller one",
        )
    return tuple(sorted(spot.place for spot in found))


def _answered_for(sight: Sight, spots: Sequence[Spot]) -> list[Spot]:
    return [spot for spot in spots if sight.holds(spot.cells)]


def _substations(session: Session, settings: Settings, area: shapely.Polygon, today: date) -> list[tuple[Spot, float]]:
    """Return the substations that an area meets, with the share of each that lies in it."""
    try:
        grid = grid_on(session, today)
    except NoGrid:
        return []
    cells = grid.cells[grid.cells["level"] == "substation"]
    shares = shapely.area(shapely.intersection(cells.geometry.to_numpy(), area)) / shapely.area(
        cells.geometry.to_numpy()
    )
    by_code = dict(zip(cells["code"], shares.tolist(), strict=True))
    met = [code for code, share in by_code.items() if share > 0]
    return [(spot, by_code[spot.place.code]) for spot in cell_spots(grid, met, settings.metric_crs)]


# --- kept with its plan ----------------------------------------------------------------------------


def keep_area(session: Session, plan_id: int, area: shapely.Polygon | None) -> None:
    """Let a plan have an area, or none any more."""
    session.execute(delete(AREA).where(visible(session, AREA), AREA.c.plan_id == plan_id))
    if area is not None:
        session.execute(insert(AREA).values(plan_id=plan_id, geometry=from_shape(area, srid=4326)))


def areas_of(session: Session, plans: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the areas of plans as GeoJSON, by the plans that have one."""
    asked = select(AREA.c.plan_id, func.ST_AsBinary(AREA.c.geometry))
    rows = session.execute(asked.where(visible(session, AREA), AREA.c.plan_id.in_(plans))).all() if plans else []
    return {plan: dict(shapely.geometry.mapping(shapely.from_wkb(kept))) for plan, kept in rows}
