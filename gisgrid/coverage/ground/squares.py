"""The unit squares (万米单元网格) of a grid: 100 m × 100 m, each of the cell that covers its centre. Pure."""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import to_metric, to_wgs84
from gisgrid.grid.locate import Grid
from gisgrid.grid.tables import LEVELS

SIDE_M: Final = 100
HALF: Final = 1 << 31
"""Rows from so far below zero fit into the lower half of a square's number; its column is the upper one."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Squares:
    """The squares whose centres lie in a cell and under the mask: the patrollable ones. Read-only.

    `numbers` are those of the squares, rising, `codes` those of the cells that cover the centre of each, a column a
    level, None where no cell of that level does.
    """

    def __init__(self, grid: Grid, mask: BaseGeometry | None, metric_crs: str) -> None:
        x, y = _centres(to_metric(grid.cells.geometry.to_numpy(), metric_crs))
        longitude, latitude = to_wgs84(x, y, metric_crs)
        codes = grid.locate(longitude, latitude).codes
        is_here = np.array([any(code is not None for code in row) for row in codes], dtype=bool)
        if mask is not None:
            is_here &= shapely.intersects_xy(mask, longitude, latitude)
        numbers = self.number(x[is_here], y[is_here])
        order = np.argsort(numbers)
        self.numbers, self.codes = numbers[order], codes[is_here][order]

    @staticmethod
    def number(x: Floats, y: Floats) -> Integers:
        """Return the numbers of the squares that hold points, in metres; points without a place are left out."""
        is_near = np.isfinite(x) & np.isfinite(y)
        column, row = (np.floor(each[is_near] / SIDE_M).astype(np.int64) for each in (x, y))
        return _numbered(column, row)

    def count(self, level: str, seen: Integers) -> tuple[dict[str, int], dict[str, int]]:
        """Count the patrollable squares of each cell of a level by its code, and those of them that were seen."""
        codes = self.codes[:, LEVELS.index(level)]
        return _tally(codes), _tally(codes[np.isin(self.numbers, seen)])


class Boxes(NamedTuple):
    """The sides of squares, in degrees."""

    west: Floats
    south: Floats
    east: Floats
    north: Floats


def boxes(numbers: Integers, side_m: int, metric_crs: str) -> Boxes:
    """Return where squares with sides of `side_m` lie, each side where its middle is: they stand a little askew."""
    column, row = _place(numbers)
    x, y = (each * float(side_m) for each in (column, row))
    half = side_m / 2
    west, east = (to_wgs84(x + across, y + half, metric_crs)[0] for across in (0, side_m))
    south, north = (to_wgs84(x + half, y + up, metric_crs)[1] for up in (0, side_m))
    return Boxes(west, south, east, north)


def block_of(numbers: Integers, side: int) -> Integers:
    """Return the numbers of the blocks of `side` by `side` squares that squares lie in."""
    column, row = (each // side for each in _place(numbers))
    return _numbered(column, row)


def _place(numbers: Integers) -> tuple[Integers, Integers]:
    return numbers >> 32, (numbers & (2 * HALF - 1)) - HALF


def _numbered(column: Integers, row: Integers) -> Integers:
    return np.asarray(column << 32 | (row + HALF))


def _centres(polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
    west, south, east, north = np.floor(shapely.total_bounds(polygons) / SIDE_M)
    x, y = (np.arange(low, high + 1) * SIDE_M + SIDE_M / 2 for low, high in ((west, east), (south, north)))
    across, up = np.meshgrid(x, y)
    return across.ravel(), up.ravel()


def _tally(codes: NDArray[np.object_]) -> dict[str, int]:
    found, count = np.unique(codes[codes != None].astype(str), return_counts=True)  # noqa: E711 - element by element
    return dict(zip(found.tolist(), count.tolist(), strict=True))
