"""Which cell each cell belongs to: what the file says, else what the shapes say."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.grid.layers.codes import about
from gisgrid.grid.layers.faults import LEVEL_NAMES, Fault, code_of
from gisgrid.grid.layers.fields import tidied
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
    """Return the cells with their parents' codes in `parent_code`, None where there is no parent.

    `identifier` and `parent_identifier` say the same of cells whose codes are missing or given twice.
    """
    identifiers = pd.Series(_identifiers(cells), index=cells.index, dtype=object)
    return cells.assign(
        parent_code=_of_parents(cells["code"], parents),
        identifier=identifiers,
        parent_identifier=_of_parents(identifiers, parents),
    )


def identified(cells: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Return linked cells under their identifiers, so that each code is there and only once; others as they are."""
    if "identifier" not in cells:
        return cells
    return cells.assign(code=cells["identifier"], parent_code=cells["parent_identifier"])


def _of_parents(values: pd.Series, parents: NDArray[np.intp]) -> pd.Series:
    known = np.append(values.to_numpy(dtype=object), np.array([None], dtype=object))  # the last is NONE's
    return pd.Series(known[parents], index=values.index, dtype=object)


def _identifiers(cells: geopandas.GeoDataFrame) -> list[str]:
    """Return the codes, "#3" for the third row of a file where there is none; a further one of its kind is "#3 (2)"."""
    times: Counter[str] = Counter()
    found = []
    for plain in (code_of(cell) for _, cell in cells.iterrows()):
        times[plain] += 1
        found.append(plain if times[plain] == 1 else f"{plain} ({times[plain]})")
    return found


def _named(said: str, cells: geopandas.GeoDataFrame, above: NDArray[np.intp]) -> int:
    for column, word in (("code", said), ("code", tidied(said)), ("name", said)):
        rows = above[cells[column].to_numpy()[above] == word]
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
