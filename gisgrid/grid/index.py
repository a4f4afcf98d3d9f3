"""Points to cells, exactly and quickly. Pure: numpy and shapely.

The ground is ruled into squares. A square that no border touches lies wholly in one cell, or in none: its label is
the answer. Only in the squares along borders are points tested against the few polygons that meet there. The rule is
DESIGN's: a point belongs to the first polygon, in the order given, that covers it, its edges included.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Refused
from gisgrid.grid.kept_index import map_arrays, write_arrays

Rows = NDArray[np.signedinteger]
Floats = NDArray[np.float64]

SQUARES = 1 << 22  # as many fit into 16 MB of labels and are built within a second
CHUNK = 1 << 15  # points looked up at a time: their intermediate arrays stay in the processor's cache
PART = 1 << 20  # points a thread takes at a time: enough that those near borders are tested many at once
EPSILON = 1e-6  # of a square: far above the rounding of `_Ruling.position`, far below what costs exact tests
OUTSIDE = -1


class AcrossAntimeridian(Refused):
    """A grid that wraps round the globe."""


@dataclass(frozen=True, slots=True)
class _Ruling:
    """Squares over an extent. Both coordinates of `position` grow monotonically, so a square is a true rectangle."""

    west: float
    south: float
    per_degree: tuple[float, float]
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Floats, squares: int) -> Self:
        west, south, east, north = bounds.tolist()
        width, height = max(east - west, 1e-9), max(north - south, 1e-9)
        side = (width * height / squares) ** 0.5
        columns, rows = (min(max(int(length / side), 1), 1 << 15) for length in (width, height))
        # two squares of margin on each side: no border comes near the outermost, so they are wholly outside
        per_degree = (columns / width, rows / height)
        return cls(west - 2 / per_degree[0], south - 2 / per_degree[1], per_degree, columns + 4, rows + 4)

    def position(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        """Return where points lie, in squares from the south-west corner."""
        return (longitude - self.west) * self.per_degree[0], (latitude - self.south) * self.per_degree[1]

    def squares(self, longitude: Floats, latitude: Floats) -> NDArray[np.intp]:
        """Return the squares of points; those far away, NaN included, fall into the outermost, which are outside."""
        x, y = self.position(longitude, latitude)
        np.fmax(np.fmin(x, self.columns - 0.5, out=x), 0, out=x)
        np.fmax(np.fmin(y, self.rows - 0.5, out=y), 0, out=y)
        square = y.astype(np.intp)
        square *= self.columns
        square += x.astype(np.intp)
        return square

    def middle(self, square: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the longitude and latitude of the middles of squares."""
        row, column = np.divmod(square, self.columns)
        return self.west + (column + 0.5) / self.per_degree[0], self.south + (row + 0.5) / self.per_degree[1]


class CellIndex:
    """Finds, for each point, the first of an ordered list of polygons that covers it.

    Read-only, and safe to share between threads.
    """

    def __init__(self, polygons: NDArray[np.object_], ruling: _Ruling, labels: Rows, contests: list[Rows]) -> None:
        shapely.prepare(polygons)  # neither pickled nor saved with them; nothing to do after `build`
        self._polygons = polygons
        self._ruling = ruling
        self._labels = labels  # a row number; OUTSIDE; or, counted down from -2, the number of a contest
        self._one: memoryview[int] = memoryview(labels)  # type: ignore[arg-type]  # quicker for a single look-up
        self._contests = contests  # rows to test in turn, in the squares they share

    @classmethod
    def build(cls, polygons: Sequence[BaseGeometry], squares: int = SQUARES) -> Self:
        """Build the index over WGS 84 (Multi)Polygons; their order is their precedence.

        Raises AcrossAntimeridian when they span more than half the globe.
        """
        shapes = np.array(polygons, dtype=object)
        shapely.prepare(shapes)
        bounds = shapely.total_bounds(shapes) if len(shapes) else np.zeros(4)
        if bounds[2] - bounds[0] > 180:
            raise AcrossAntimeridian(
                "网格跨越 180° 经线,无法使用;请在该经线处分为两个网格",
                "the grid crosses the antimeridian, which is not supported; split it there into two grids",
            )
        ruling = _Ruling.over(bounds, squares)
        touched = [_touched_squares(ruling, shape) for shape in shapes]
        labels = _plain_labels(ruling, shapes, touched)
        contests = _label_contests(ruling, shapes, touched, labels)
        small = max(len(shapes), len(contests) + 2) <= np.iinfo(np.int16).max
        return cls(shapes, ruling, labels.astype(np.int16 if small else np.int32), contests)

    def save(self, path: Path) -> None:
        """Save the index to a file for `open`. It appears under its name only when it is whole."""
        shapes = shapely.to_wkb(self._polygons)
        ruling = self._ruling
        write_arrays(
            path,
            {
                "ruling": np.array([ruling.west, ruling.south, *ruling.per_degree, ruling.columns, ruling.rows]),
                "labels": self._labels,
                "shapes": np.frombuffer(b"".join(shapes), dtype=np.uint8),
                "shape_ends": np.cumsum([len(shape) for shape in shapes], dtype=np.int64),
                "contests": np.concatenate([*self._contests, np.empty(0, dtype=np.int32)]),
                "contest_ends": np.cumsum([len(contest) for contest in self._contests], dtype=np.int64),
            },
        )

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return a saved index, mapped from its file: processes that open it share its memory.

        It answers as the saved one did, bit for bit. Raises UnreadableIndex.
        """
        kept = map_arrays(path)
        west, south, across, up, columns, rows = kept["ruling"].tolist()
        shapes = [part.tobytes() for part in np.split(kept["shapes"], kept["shape_ends"])[:-1]]
        contests = np.split(kept["contests"], kept["contest_ends"])[:-1]
        ruling = _Ruling(west, south, (across, up), int(columns), int(rows))
        return cls(shapely.from_wkb(np.array(shapes, dtype=object)), ruling, kept["labels"], contests)

    def __reduce__(self) -> tuple[type["CellIndex"], tuple[Any, ...]]:
        return CellIndex, (self._polygons, self._ruling, self._labels, self._contests)

    def locate(
        self, longitude: ArrayLike, latitude: ArrayLike, *, lineage: Rows | None = None, threads: int = 1
    ) -> Rows:
        """Return, for each point (degrees, two arrays of one shape), the row of its polygon; -1 outside.

        NaN and infinities are outside. The answer is int16, or int32 where the rows do not fit. With a `lineage`,
        shape (polygons + 1, k), the answer has k columns: that table's line for the row, its last line for -1.
        """
        lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        like = self._labels if lineage is None else lineage
        found = np.empty((lon.size, *like.shape[1:]), dtype=like.dtype)
        flat_lon, flat_lat = lon.reshape(-1), lat.reshape(-1)

        def locate_part(start: int) -> None:
            part = slice(start, start + PART)
            rows = self._locate(flat_lon[part], flat_lat[part])
            if lineage is None:
                found[part] = rows
            else:
                lineage.take(rows, axis=0, out=found[part], mode="wrap")

        starts = range(0, lon.size, PART)
        if threads > 1 and len(starts) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(locate_part, starts))
        else:
            for start in starts:
                locate_part(start)
        return found.reshape(lon.shape + like.shape[1:])

    def _locate(self, lon: Floats, lat: Floats) -> Rows:
        found = np.empty(lon.size, dtype=self._labels.dtype)
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, lon.size, CHUNK):
                chunk = slice(start, start + CHUNK)
                square = self._ruling.squares(lon[chunk], lat[chunk])
                np.take(self._labels, square, out=found[chunk], mode="clip")  # they fit; any other mode copies
        contested = np.flatnonzero(found < OUTSIDE)
        if contested.size:
            found[contested] = self._decide(-2 - found[contested], lon[contested], lat[contested])
        return found

    def _decide(self, contest: Rows, lon: Floats, lat: Floats) -> Rows:
        order = np.argsort(contest, kind="stable")
        numbers, starts = np.unique(contest[order], return_index=True)
        decided = np.full(contest.size, OUTSIDE, dtype=contest.dtype)
        for number, points in zip(numbers, np.split(order, starts[1:]), strict=True):
            for row in self._contests[number]:
                covered = shapely.intersects_xy(self._polygons[row], lon[points], lat[points])
                decided[points[covered]] = row
                points = points[~covered]  # noqa: PLW2901 - what is left for the polygons further down
                if not points.size:
                    break
        return decided

    def locate_one(self, longitude: float, latitude: float) -> int:
        """Return the row of the polygon that holds one point; -1 outside. The same answer as `locate`."""
        ruling = self._ruling
        x = (longitude - ruling.west) * ruling.per_degree[0]
        y = (latitude - ruling.south) * ruling.per_degree[1]
        if not (0 <= x < ruling.columns and 0 <= y < ruling.rows):
            return OUTSIDE
        label = self._one[int(y) * ruling.columns + int(x)]
        if label >= OUTSIDE:
            return label
        rows = self._contests[-2 - label]
        return next(
            (int(row) for row in rows if shapely.intersects_xy(self._polygons[row], longitude, latitude)), OUTSIDE
        )


def _touched_squares(ruling: _Ruling, shape: BaseGeometry) -> NDArray[np.int64]:
    """Return the squares (sorted, unique) through which, or within EPSILON of which, a border of the shape runs."""
    lines = shapely.get_parts(shapely.boundary(shape))
    if not len(lines):
        return np.empty(0, dtype=np.int64)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    x, y = ruling.position(xy[:, 0], xy[:, 1])
    joined = line[1:] == line[:-1]
    ends = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))[joined]
    row, segment = _spread(np.minimum(ends[:, 1], ends[:, 3]), np.maximum(ends[:, 1], ends[:, 3]))
    column, band = _spread(*_span_in_row(ends[segment], row))
    return np.unique(row[band] * ruling.columns + column)


def _spread(low: Floats, high: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each whole number from low to high (both widened by EPSILON), and which pair it comes from."""
    first = np.floor(low - EPSILON).astype(np.int64)
    counts = np.floor(high + EPSILON).astype(np.int64) - first + 1
    source = np.repeat(np.arange(len(counts)), counts)
    return first[source] + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts), source


def _span_in_row(ends: Floats, row: NDArray[np.int64]) -> tuple[Floats, Floats]:
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


def _plain_labels(ruling: _Ruling, shapes: NDArray[np.object_], touched: list[NDArray[np.int64]]) -> Rows:
    """Label the squares that no border touches: neighbours in a row, with no touched square between, are alike."""
    plain = np.ones(ruling.rows * ruling.columns, dtype=bool)
    for squares in touched:
        plain[squares] = False
    begins = plain.copy()
    begins[1:] &= ~plain[:-1]
    begins[:: ruling.columns] = plain[:: ruling.columns]
    first = np.flatnonzero(begins)
    run = np.cumsum(begins) - 1
    labels = np.full(plain.size, OUTSIDE, dtype=np.int32)
    labels[plain] = _first_covering(shapes, *ruling.middle(first))[run[plain]]
    return labels


def _first_covering(shapes: NDArray[np.object_], lon: Floats, lat: Floats) -> Rows:
    """Return the row of the first shape that covers each point; OUTSIDE where none does."""
    found = np.full(lon.size, OUTSIDE, dtype=np.int32)
    for row, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        near = np.flatnonzero((found == OUTSIDE) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found[near[shapely.intersects_xy(shapes[row], lon[near], lat[near])]] = row
    return found


def _label_contests(
    ruling: _Ruling, shapes: NDArray[np.object_], touched: list[NDArray[np.int64]], labels: Rows
) -> list[Rows]:
    """Give each touched square the number of its contest; return the contests.

    A contest is the shapes with a border in the square and, after them, whichever covers all of it: that one always
    wins where it is reached, so what ranks behind it is left out.
    """
    square = np.concatenate([*touched, np.empty(0, dtype=np.int64)])
    row = np.repeat(np.arange(len(shapes)), [len(squares) for squares in touched])
    order = np.argsort(square, kind="stable")  # rows stay ascending within a square
    square, row = square[order], row[order]
    squares, start, count = np.unique(square, return_index=True, return_counts=True)
    table = np.full((squares.size, count.max(initial=0) + 1), len(shapes), dtype=np.int64)
    table[np.repeat(np.arange(squares.size), count), np.arange(square.size) - np.repeat(start, count)] = row
    whole = _whole_cover(ruling, shapes, touched, squares)
    table[table > whole[:, None]] = len(shapes)
    table[:, -1] = whole
    kinds, number = np.unique(table, axis=0, return_inverse=True)
    labels[squares] = -2 - number.reshape(-1)
    return [np.sort(kind[kind < len(shapes)]).astype(np.int32) for kind in kinds]


def _whole_cover(
    ruling: _Ruling, shapes: NDArray[np.object_], touched: list[NDArray[np.int64]], squares: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return, for each touched square, the first shape that covers all of it; the number of shapes where none does."""
    lon, lat = ruling.middle(squares)
    whole = np.full(squares.size, len(shapes), dtype=np.int64)
    for row, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        near = (whole == len(shapes)) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        near[np.searchsorted(squares, touched[row])] = False
        among = np.flatnonzero(near)
        whole[among[shapely.intersects_xy(shapes[row], lon[among], lat[among])]] = row
    return whole
