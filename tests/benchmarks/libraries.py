"""Joins of Python libraries that work on arrays and frames: gisgrid's own, shapely's, geopandas', polars-st's."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import WGS84
from gisgrid.grid.index import CellIndex
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS
from tests.benchmarks.way import Answer, One, Way, lowest
from tests.benchmarks.world import Floats, only

Pair = tuple[Floats, Floats]


def _pair(lon: Floats, lat: Floats) -> Pair:
    return lon, lat


# --- gisgrid -------------------------------------------------------------------------------------


@contextmanager
def gisgrid_index() -> Iterator[Way]:
    """One thread, one level."""
    yield Way(
        load=_pair,
        build=lambda cells: CellIndex.build(only(cells, "substation").tolist()),
        join=lambda index, points: index.locate(*points),
        one=lambda index: index.locate_one,
    )


@contextmanager
def gisgrid_levels() -> Iterator[Way]:
    """All processors, all three levels."""
    yield Way(
        load=_pair,
        build=Grid,
        join=lambda grid, points: grid.rows(*points),
        answer=lambda grid, _, rows: within_levels(grid, rows),
        one=lambda grid: grid.locate_one,
    )


def within_levels(grid: Grid, rows: Answer) -> Answer:
    """Return the grid's positions among all cells as positions within each level."""
    codes = {level: sorted(grid.cells["code"][grid.cells["level"] == level]) for level in LEVELS}
    place = {code: number for level in LEVELS for number, code in enumerate(codes[level])}
    table = np.array([place.get(code, -1) for code in grid.codes], dtype=np.int16)
    return table[rows]


# --- shapely -------------------------------------------------------------------------------------


@contextmanager
def shapely_prepared() -> Iterator[Way]:
    """One prepared cell after the other, on the points in its box that have no cell yet."""
    yield Way(load=_pair, build=_prepared, join=_cell_by_cell, one=lambda built: partial(_first, built))


def _prepared(cells: geopandas.GeoDataFrame) -> list[tuple[shapely.Geometry, tuple[float, ...]]]:
    shapes = only(cells, "substation")
    shapely.prepare(shapes)
    return [(shape, shape.bounds) for shape in shapes]


def _cell_by_cell(built: list[tuple[shapely.Geometry, tuple[float, ...]]], points: Pair) -> NDArray[np.int16]:
    lon, lat = points
    found = np.full(len(lon), -1, dtype=np.int16)
    for row, (shape, (west, south, east, north)) in enumerate(built):
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north) & (found < 0))
        found[near[shapely.intersects_xy(shape, lon[near], lat[near])]] = row
    return found


def _first(built: list[tuple[shapely.Geometry, tuple[float, ...]]], lon: float, lat: float) -> int:
    for row, (shape, (west, south, east, north)) in enumerate(built):
        if west <= lon <= east and south <= lat <= north and shapely.intersects_xy(shape, lon, lat):
            return row
    return -1


# --- geopandas -----------------------------------------------------------------------------------


@contextmanager
def geopandas_sjoin(predicate: str) -> Iterator[Way]:
    """`sjoin` as everybody writes it, and the lowest code of what it finds."""
    yield Way(
        load=shapely.points,
        build=lambda cells: geopandas.GeoDataFrame(geometry=only(cells, "substation"), crs=WGS84),
        join=partial(_sjoin, predicate),
        one=_tree,
    )


def _sjoin(predicate: str, cells: geopandas.GeoDataFrame, points: NDArray[np.object_]) -> NDArray[np.int16]:
    # frames of their own for every call: geopandas would keep the tree over the points from one round to the next
    asked = geopandas.GeoDataFrame(geometry=points, crs=WGS84)
    found = geopandas.sjoin(asked, cells.copy(), predicate=predicate)
    return lowest(found.index.to_numpy(), found["index_right"].to_numpy(), len(points))


def _tree(cells: geopandas.GeoDataFrame) -> One:
    query = cells.sindex.query
    return lambda lon, lat: min(query(shapely.Point(lon, lat), predicate="intersects"), default=-1)


# --- polars-st -----------------------------------------------------------------------------------


@contextmanager
def polars_sjoin() -> Iterator[Way]:
    """Its spatial join of two frames, and the lowest code of what it finds."""
    import polars_st

    def frame(name: str, shapes: NDArray[np.object_]) -> Any:
        return polars_st.GeoDataFrame({name: np.arange(len(shapes), dtype=np.int32), "geometry": shapes})

    def join(cells: Any, points: Any) -> NDArray[np.int16]:
        found = points.st.sjoin(cells, predicate="intersects")
        return lowest(found["point"].to_numpy(), found["row"].to_numpy(), len(points))

    yield Way(
        load=lambda lon, lat: frame("point", shapely.points(lon, lat)),
        build=lambda cells: frame("row", only(cells, "substation")),
        join=join,
    )
