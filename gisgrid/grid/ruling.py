"""The ground ruled into squares, and which of them a border touches. Pure: numpy and shapely."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Marks = NDArray[np.uint64]
Squares = NDArray[np.int64]

EPSILON = 1e-6  # of a square: far above the rounding of `Ruling.position`, far below what costs exact tests
BLOCK = 4  # bits: a block is 16 × 16 squares


@dataclass(frozen=True, slots=True)
class Ruling:
    """Squares over an extent. Both coordinates of `position` grow monotonically, so a square is a true rectangle."""

    west: float
    south: float
    per_degree: tuple[float, float]
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Floats, squares: int) -> Self:
        """Rule about so many squares over west, south, east, north."""
        west, south, east, north = bounds.tolist()
        width, height = max(east - west, 1e-9), max(north - south, 1e-9)
        side = (width * height / squares) ** 0.5
        columns, rows = (min(max(int(length / side), 1), 1 << 15) for length in (width, height))
        # two squares of margin or more on each side: no border comes near the outermost, so they are wholly outside
        per_degree = (columns / width, rows / height)
        columns, rows = (-(-(length + 4) >> BLOCK) << BLOCK for length in (columns, rows))
        return cls(west - 2 / per_degree[0], south - 2 / per_degree[1], per_degree, columns, rows)

    def position(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return where points lie, in squares from the south-west corner."""
        return (longitude - self.west) * self.per_degree[0], (latitude - self.south) * self.per_degree[1]

    def squares(self, longitude: Floats, latitude: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return column and row of the squares of points.

        Those far away, NaN included, fall into the outermost squares, which are outside.
        """
        x, y = self.position(longitude, latitude)
        np.fmax(np.fmin(x, self.columns - 0.5, out=x), 0, out=x)
        np.fmax(np.fmin(y, self.rows - 0.5, out=y), 0, out=y)
        return x.astype(np.int32), y.astype(np.int32)

    def middle(self, square: Squares) -> tuple[Floats, Floats]:
        """Return the longitude and latitude of the middles of squares."""
        row, column = np.divmod(square, self.columns)
        return self.west + (column + 0.5) / self.per_degree[0], self.south + (row + 0.5) / self.per_degree[1]


class Touched(NamedTuple):
    """The squares (ascending) through which, or within EPSILON of which, a shape's border runs.

    `ahead` marks the pieces of border in a square, each walked with the shape on its left; `back` the same pieces
    walked the other way. Two shapes with one `ahead` cover the same of the square; where one's `ahead` is the other's
    `back`, each covers what the other leaves.
    """

    square: Squares
    ahead: Marks
    back: Marks


def touched(ruling: Ruling, shape: BaseGeometry) -> Touched:
    """Return the squares that the border of a (Multi)Polygon touches. What is not valid is marked like nothing else."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    start, end = xy[:-1][ring[1:] == ring[:-1]], xy[1:][ring[1:] == ring[:-1]]
    x0, y0 = ruling.position(*start.T)
    x1, y1 = ruling.position(*end.T)
    row, segment = _spread(np.minimum(y0, y1), np.maximum(y0, y1))
    ends = np.column_stack((x0, y0, x1, y1))[segment]
    column, band = _spread(*_span_in_row(ends, row))
    square, segment = row[band] * ruling.columns + column, segment[band]
    order = np.argsort(square, kind="stable")
    squares, first = np.unique(square[order], return_index=True)
    salt = np.uint64(0 if shapely.is_valid(shape) else id(shape))
    ahead, back = _marks(start, end, salt)[segment[order]], _marks(end, start, salt)[segment[order]]
    return Touched(squares, _sums(ahead, first), _sums(back, first))


def _marks(start: Floats, end: Floats, salt: np.uint64) -> Marks:
    """Return 64 bits for each directed segment: the same for the same four numbers, mixed as in splitmix64."""
    mark = np.full(len(start), salt, dtype=np.uint64)
    for numbers in (*start.T, *end.T):
        mark ^= (numbers + 0.0).view(np.uint64)  # −0 becomes 0
        mark ^= mark >> np.uint64(30)
        mark *= np.uint64(0xBF58476D1CE4E5B9)
        mark ^= mark >> np.uint64(27)
        mark *= np.uint64(0x94D049BB133111EB)
        mark ^= mark >> np.uint64(31)
    return mark


def _sums(marks: Marks, first: NDArray[np.intp]) -> Marks:
    return np.add.reduceat(marks, first) if first.size else marks


def _spread(low: Floats, high: Floats) -> tuple[Squares, Squares]:
    """Return each whole number from low to high (both widened by EPSILON), and which pair it comes from."""
    first = np.floor(low - EPSILON).astype(np.int64)
    counts = np.floor(high + EPSILON).astype(np.int64) - first + 1
    source = np.repeat(np.arange(len(counts)), counts)
    return first[source] + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts), source


def _span_in_row(ends: Floats, row: Squares) -> tuple[Floats, Floats]:
    """Return the least and greatest x of segments (x0, y0, x1, y1) within a row of squares."""
    x0, y0, x1, y1 = ends.T
    rise = y1 - y0
    level = rise == 0
    slope = (x1 - x0) / np.where(level, 1.0, rise)
    south, north = np.minimum(y0, y1), np.maximum(y0, y1)
    enter = np.where(level, x0, x0 + (np.clip(row - EPSILON, south, north) - y0) * slope)
    leave = np.where(level, x1, x0 + (np.clip(row + 1 + EPSILON, south, north) - y0) * slope)
    # a nearly level segment makes the product imprecise, but never beyond its own ends
    least, greatest = np.minimum(x0, x1), np.maximum(x0, x1)
    return np.clip(np.minimum(enter, leave), least, greatest), np.clip(np.maximum(enter, leave), least, greatest)
