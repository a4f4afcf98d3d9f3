"""Which cell each cell belongs to: what the file says, else what the shapes say."""

from dataclasses import replace
from itertools import pairwise

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.grid.layers.codes import about
from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault
from gisgrid.grid.layers.place import Geometries
from gisgrid.grid.layers.rings import mended
from gisgrid.grid.tables import LEVELS

NONE = -1


def find_parents(cells: geopandas.GeoDataFrame) -> tuple[NDArray[np.intp], list[Fault]]:
    """Return the position of each cell's parent in the frame (NONE for streets and orphans), and the orphans.

    What the file says counts: a code, or a name that only one cell above has. Where it says nothing, the parent is the
    cell above that holds the largest part.
    """
    parents = np.full(len(cells), NONE)
    shapes = mended(np.asarray(cells.geometry, dtype=object))
    levels = cells["level"].to_numpy()
    faults = []
    for upper, lower in pairwise(LEVELS):
        above = np.flatnonzero(levels == upper)
        for row in np.flatnonzero(levels == lower):
            said = cells["parent_code"].iloc[row]
            parents[row] = _named(said, cells, above) if said else _holding(shapes[row], shapes, above)
            if parents[row] == NONE and len(above):  # a whole level that is missing is told once, by its count
                faults.append(_orphan(cells.iloc[row], LEVEL_NAMES[upper]))
    return parents, faults


def linked(cells: geopandas.GeoDataFrame, parents: NDArray[np.intp]) -> geopandas.GeoDataFrame:
    """Return the cells with their parents' codes in `parent_code`, None where there is no parent."""
    codes = np.append(cells["code"].to_numpy(dtype=object), np.array([None], dtype=object))  # the last is NONE's
    return cells.assign(parent_code=pd.Series(codes[parents], index=cells.index, dtype=object))


def _named(said: str, cells: geopandas.GeoDataFrame, above: NDArray[np.intp]) -> int:
    for column in ("code", "name"):
        rows = above[cells[column].to_numpy()[above] == said]
        if len(rows) == 1:
            return int(rows[0])
    return NONE


def _holding(shape: shapely.Geometry, shapes: Geometries, above: NDArray[np.intp]) -> int:
    shared = shapely.area(shapely.intersection(shapes[above], shape))
    return int(above[shared.argmax()]) if len(above) and shared.max() > 0 else NONE


def _orphan(cell: pd.Series, upper: tuple[str, str]) -> Fault:
    said = cell["parent_code"]
    what = (
        (f"上级 {said} 不在{upper[0]}图层中(或不止一个)", f"its parent {said} is not one of the {upper[1]} cells")
        if said
        else (f"不在任何{upper[0]}之内", f"it lies in no {upper[1]}")
    )
    remedy = (
        f"改正上级编码或补上{upper[0]};只有下级图层时用 --derive-parents",
        f"correct the parent or add the {upper[1]}; with the lower level alone, use --derive-parents",
    )
    return replace(about(cell, what, remedy), kind="parent")
