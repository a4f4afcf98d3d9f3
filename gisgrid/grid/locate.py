"""Which cell a point belongs to, on its day: the finest cell that covers it, and that cell's parents.

Where cells touch, the lowest code has it. Where no substation covers a point, its community does, and so up.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import URL, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.errors import NotFound
from gisgrid.geometry import WGS84
from gisgrid.grid.index import OUTSIDE, CellIndex, Rows
from gisgrid.grid.tables import LEVELS, Cell, LayerSet, PatrollableArea

FINEST_FIRST = tuple(reversed(LEVELS))


KEPT_GRIDS = 8
_grids: dict[tuple[URL, int, datetime], "Grid"] = {}  # rows of a layer set never change, so neither do these


class NoGrid(NotFound):
    """No grid has been loaded, or none for that day."""


class NoSuchCell(NotFound):
    """No cell has that code."""


@dataclass(frozen=True, slots=True)
class Located:
    """Cells of n points: `cell_ids` int64 (n, 3) with −1 outside, `codes` object (n, 3) with None outside.

    Columns are street, community, substation.
    """

    cell_ids: NDArray[np.int64]
    codes: NDArray[np.object_]


class _Known(NamedTuple):
    """What is known of a layer set without its row."""

    id: int
    first_day: date
    created_at: datetime


KNOWN: Final = select(LayerSet.id, LayerSet.first_day, LayerSet.created_at).order_by(LayerSet.first_day)


class Grid:
    """One layer set, ready to locate on. Read-only.

    `cells` is a GeoDataFrame in EPSG:4326 sorted by code, with id, level, code, name, parent_code, is_illustrative,
    note, area_m2 and geometry; all three levels in one.
    """

    def __init__(self, cells: gpd.GeoDataFrame) -> None:
        self.cells = cells
        rank = cells["level"].map(FINEST_FIRST.index)
        order = cells.assign(rank=rank).sort_values(["rank", "code"])
        self.index = CellIndex.build(order.geometry.tolist())
        row_of = {code: row for row, code in enumerate(order["code"])}
        # of each row of the index, and last of −1: the rows of its street, community and substation
        self.lineage = _lineage(order["level"].tolist(), [row_of.get(code) for code in order["parent_code"]])
        # one entry more, for −1: outside
        identifiers = order["id"] if "id" in order else pd.Series(range(len(order)))
        self._ids = np.append(identifiers.to_numpy(dtype=np.int64), OUTSIDE)
        # the code of each row of the index; the last stands for −1
        self.codes = np.append(order["code"].to_numpy(dtype=object), np.array([None], dtype=object))

    def locate(self, longitude: ArrayLike, latitude: ArrayLike) -> Located:
        """Return the cells of points given in degrees (two arrays of length n)."""
        rows = self.rows(longitude, latitude)
        return Located(self._ids[rows], self.codes[rows])

    def rows(self, longitude: ArrayLike, latitude: ArrayLike) -> Rows:
        """Return the street, community and substation of n points as positions in `codes`: int16 (n, 3), −1 outside.

        (int32 where the cells are too many.) Uses all processors when the points are many.
        """
        return self.index.locate(longitude, latitude, lineage=self.lineage, threads=os.cpu_count() or 1)

    def locate_one(self, longitude: float, latitude: float) -> tuple[str | None, str | None, str | None]:
        """Return the codes of one point's street, community and substation; the same answer as `locate`."""
        street, community, substation = self.codes[self.lineage[self.index.locate_one(longitude, latitude)]]
        return street, community, substation


def _lineage(levels: Sequence[str], parents: Sequence[int | None]) -> Rows:
    """Return, for each row and for −1, the rows of its street, community and substation."""
    kind = np.int16 if len(levels) < np.iinfo(np.int16).max else np.int32
    table = np.full((len(levels) + 1, len(LEVELS)), OUTSIDE, dtype=kind)
    for start, level in enumerate(levels):
        row: int | None = start
        for column in range(LEVELS.index(level), -1, -1):
            if row is not None:
                table[start, column] = row
                row = parents[row]
    return table


def layer_set_on(session: Session, day: date | None = None) -> LayerSet:
    """Return the layer set in force on a day; without one, the latest. Raises NoGrid."""
    query = select(LayerSet).order_by(LayerSet.first_day.desc()).limit(1)
    found = session.scalar(query if day is None else query.where(LayerSet.first_day <= day))
    if found is None:
        raise _no_grid(day, session.scalar(select(func.min(LayerSet.first_day))))
    return found


def _no_grid(day: date | None, first: date | None) -> NoGrid:
    if first is None:
        return NoGrid(
            "还没有网格图层。请先运行 gisgrid load 文件…;还没有人员账号的新库,也可用 gisgrid init --sample 载入示例",
            "no grid has been loaded; run: gisgrid load FILES…; while there are no accounts of people, gisgrid init "
            "--sample loads the sample",
        )
    return NoGrid(
        f"{day} 尚无生效的网格;最早的网格自 {first} 起生效,请查询该日及以后的日期",
        f"no grid was in force on {day}; the first is in force from {first}: ask for that day or a later one",
    )


def has_grid(session: Session) -> bool:
    """Tell whether there is a grid of any day."""
    return session.scalar(select(LayerSet.id).limit(1)) is not None


def grid_on(session: Session, day: date | None = None) -> Grid:
    """Return the grid in force on a day; without one, the latest. Raises NoGrid."""
    return _grid(session, layer_set_on(session, day))


def _grid(session: Session, layer_set: LayerSet | _Known) -> Grid:
    # the creation time tells a restored database from the one before it
    key = (session.get_bind().engine.url, layer_set.id, layer_set.created_at)
    if key not in _grids:
        if len(_grids) == KEPT_GRIDS:
            _grids.clear()
        _grids[key] = Grid(_read_cells(session, layer_set.id))
    return _grids[key]


def _read_cells(session: Session, layer_set_id: int) -> gpd.GeoDataFrame:
    parent = aliased(Cell)
    query = (
        select(
            Cell.id,
            Cell.level,
            Cell.code,
            Cell.name,
            parent.code.label("parent_code"),
            Cell.is_illustrative,
            Cell.note,
            Cell.area_m2,
            func.ST_AsBinary(Cell.geometry).label("geometry"),
        )
        .outerjoin(parent, Cell.parent_id == parent.id)
        .where(Cell.layer_set_id == layer_set_id)
        .order_by(Cell.code)
    )
    rows = session.execute(query).all()
    frame = pd.DataFrame(rows, columns=[column.name for column in query.selected_columns], dtype=object)
    geometry = shapely.from_wkb(frame.pop("geometry").to_numpy())
    frame = frame.astype({"id": "int64", "is_illustrative": bool, "area_m2": float})
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84)


def located(session: Session, longitude: ArrayLike, latitude: ArrayLike, days: Sequence[date]) -> Located:
    """Locate n points (degrees), each in the grid in force on its own local day.

    A point of a day before the first grid is outside, as is one that no cell covers.
    """
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    cell_ids = np.full((lon.size, len(LEVELS)), OUTSIDE, dtype=np.int64)
    codes = np.full((lon.size, len(LEVELS)), None, dtype=object)
    for grid, points in grids_on(session, days):
        found = grid.locate(lon[points], lat[points])
        cell_ids[points], codes[points] = found.cell_ids, found.codes
    return Located(cell_ids, codes)


def grids_on(session: Session, days: Sequence[date]) -> Iterator[tuple[Grid, NDArray[np.intp]]]:
    """Yield each grid in force on any of the days, with the positions of its days; none for those before the first."""
    number, layer_sets = _in_force(session, days)
    for position in np.unique(number[number >= 0]):
        yield _grid(session, layer_sets[position]), np.flatnonzero(number == position)


def _in_force(session: Session, days: Sequence[date]) -> tuple[NDArray[np.int64], list[_Known]]:
    """Return, for each day, which of the layer sets (in order of their first day) counts; −1 before the first."""
    layer_sets = [_Known(*row) for row in session.execute(KNOWN)]
    firsts = np.array([layer_set.first_day for layer_set in layer_sets], dtype="datetime64[D]")
    return np.searchsorted(firsts, np.array(days, dtype="datetime64[D]"), side="right") - 1, layer_sets


def patrollable_mask(session: Session) -> BaseGeometry | None:
    """Return the union of the patrollable areas in WGS 84, or None when none are loaded."""
    areas = session.scalars(select(func.ST_AsBinary(PatrollableArea.geometry)).order_by(PatrollableArea.id)).all()
    return shapely.union_all(shapely.from_wkb(areas)) if areas else None
