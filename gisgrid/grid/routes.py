"""The grid over HTTP: where is this point, and what do the cells look like."""

from datetime import date
from typing import Annotated, Any

import geopandas as gpd
import shapely
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from gisgrid.database import ReadSession
from gisgrid.geometry import WGS84, feature, is_on_earth, to_wgs84
from gisgrid.grid.locate import Grid, NoSuchCell, grid_on, patrollable_mask
from gisgrid.grid.outlines import outlines, packed_outlines
from gisgrid.grid.place import not_on_earth
from gisgrid.grid.schemas import (
    CellCollection,
    CellFeature,
    CellName,
    CellProperties,
    Level,
    LocatedPoint,
    PatrollableFeature,
)
from gisgrid.parameters import BoxQuery, PageQuery
from gisgrid.tagged import tagged
from gisgrid.wire import CrsName, next_links

router = APIRouter(prefix="/api/grid", tags=["grid"])

Degrees = Annotated[float, Query(allow_inf_nan=False)]
Code = Annotated[str | None, Query(max_length=64)]
VARIES = {"Vary": "Accept-Encoding"}
OUTLINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}}},
    304: {"description": "unchanged"},
}
Day = Annotated[date | None, Query(description="the grid in force on this day; the latest when left out")]


@router.get("/locate")
def locate(
    session: ReadSession,
    longitude: Degrees,
    latitude: Degrees,
    crs: CrsName = WGS84,
    day: Day = None,
) -> LocatedPoint:
    """Find the cells that hold one point, given in any coordinate system (x or longitude first)."""
    x, y = (float(value) for value in to_wgs84(longitude, latitude, crs))
    if not is_on_earth(x, y):
        raise not_on_earth()
    return located_point(grid_on(session, day), x, y)


def located_point(grid: Grid, longitude: float, latitude: float) -> LocatedPoint:
    """Name the cells that hold a WGS 84 point."""
    names = dict(zip(grid.cells["code"], grid.cells["name"], strict=True))
    street, community, substation = (
        None if code is None else CellName(code=code, name=names[code]) for code in grid.locate_one(longitude, latitude)
    )
    return LocatedPoint(
        longitude=longitude, latitude=latitude, street=street, community=community, substation=substation
    )


@router.get("/cells")
def cells(
    request: Request,
    session: ReadSession,
    page: PageQuery,
    bbox: BoxQuery = None,
    level: Level | None = None,
    parent: Code = None,
    day: Day = None,
) -> CellCollection:
    """List cells by level, parent and box, in the order of their codes."""
    frame = grid_on(session, day).cells
    if parent is not None:
        if parent not in set(frame["code"]):
            raise _no_such_cell(parent)
        frame = frame[frame["parent_code"] == parent]
    if level is not None:
        frame = frame[frame["level"] == level]
    if bbox is not None:
        frame = frame[frame.intersects(shapely.box(*bbox))]
    shown = frame.iloc[page.offset : page.offset + page.limit]
    return CellCollection(
        features=_features(shown),
        numberMatched=len(frame),
        numberReturned=len(shown),
        links=next_links(request, page, len(frame)),
    )


@router.get("/outlines", response_class=Response, responses=OUTLINES)
def get_outlines(request: Request, session: ReadSession, day: Day = None) -> Response:
    """Return the cells of all levels as a screen needs them: GeoJSON by level, to the metre. The answer has an ETag."""
    grid = grid_on(session, day)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return tagged(request, outlines(grid), "application/json", VARIES)
    return tagged(request, packed_outlines(grid), "application/json", VARIES | {"Content-Encoding": "gzip"})


@router.get("/patrollable")
def patrollable(session: ReadSession) -> PatrollableFeature:
    """Return the patrollable ground as one feature; without a geometry, all ground is patrollable."""
    return PatrollableFeature.model_validate(feature(patrollable_mask(session), {}))


@router.get("/cells/{code}")
def cell(session: ReadSession, code: str, day: Day = None) -> CellFeature:
    """Return one cell by its code."""
    frame = grid_on(session, day).cells
    found = _features(frame[frame["code"] == code])
    if not found:
        raise _no_such_cell(code)
    return found[0]


def _no_such_cell(code: str) -> NoSuchCell:
    return NoSuchCell(f"没有编码为 {code[:40]!a} 的网格", f"there is no cell with the code {code[:40]!a}")


def _features(frame: gpd.GeoDataFrame) -> list[CellFeature]:
    properties = frame[list(CellProperties.model_fields)].to_dict("records")
    return [
        CellFeature.model_validate(feature(shape, row, row["code"]))
        for shape, row in zip(frame.geometry, properties, strict=True)
    ]
