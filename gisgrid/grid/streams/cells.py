"""The cells of many points as columns of codes: `street_code`, `community_code`, `substation_code`."""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import Floats, crs_name, to_wgs84
from gisgrid.grid.index import OUTSIDE, Rows
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS

CODE_COLUMNS = tuple(f"{level}_code" for level in LEVELS)


@dataclass(slots=True)
class Joined:
    """How many rows there were, how many lie in no cell, and how many of those have no readable coordinates.

    `continued_from` of them were joined by an earlier run that did not come to its end.
    """

    rows: int = 0
    outside: int = 0
    without_coordinates: int = 0
    continued_from: int = 0

    def add(self, other: Self) -> None:
        """Count the rows of another piece too."""
        self.rows += other.rows
        self.outside += other.outside
        self.without_coordinates += other.without_coordinates


class Cells:
    """Finds the cells of points in one coordinate system. Read-only, safe to share between threads.

    `codes` has, for each level, the codes of its cells. Raises UnknownCrs.
    """

    def __init__(self, grid: Grid, crs: str) -> None:
        self._grid = grid
        self.crs = crs_name(crs)
        levels = grid.cells.set_index("code")["level"].reindex(grid.codes[:-1])
        self.codes = tuple(pa.array(grid.codes[:-1][levels == level], pa.string()) for level in LEVELS)
        most = max(len(codes) for codes in self.codes)
        # the number of each cell among those of its level; what a column of the answer says
        kind = next(kind for kind in (np.int8, np.int16, np.int32) if most <= np.iinfo(kind).max)
        number: Rows = np.full(len(grid.codes), OUTSIDE, dtype=kind)
        for level in LEVELS:
            members = np.flatnonzero(levels == level)
            number[members] = np.arange(len(members))
        self._lineage = number[grid.lineage]

    def numbers(self, x: Floats, y: Floats) -> tuple[Rows, Joined]:
        """Return for n points (n, 3): which of its level's `codes` each point's cell has, -1 for none."""
        found = self._grid.index.locate(*to_wgs84(x, y, self.crs), lineage=self._lineage)
        outside = np.flatnonzero((found[:, 0] & found[:, 1] & found[:, 2]) < 0)
        nowhere = int(np.count_nonzero(~(np.isfinite(x[outside]) & np.isfinite(y[outside]))))
        return found, Joined(len(found), len(outside), nowhere)

    def columns(self, numbers: Rows) -> list[pa.DictionaryArray]:
        """Return the codes, null for none, as a column for each level."""
        return [
            pa.DictionaryArray.from_arrays(pa.array(column, mask=column < 0), codes)
            for column, codes in zip(np.ascontiguousarray(numbers.T), self.codes, strict=True)
        ]

    def fingerprint(self) -> str:
        """Return what tells this grid and coordinate system from any other."""
        cells = self._grid.cells
        found = hashlib.sha256(repr([self.crs, *cells[["level", "code", "parent_code"]].to_numpy().tolist()]).encode())
        for shape in _wkb(cells.geometry.to_numpy()):
            found.update(shape)
        return found.hexdigest()


def _wkb(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.to_wkb(shapes))
