"""Points to cells, exactly and quickly. Pure: numpy and shapely.

The ground is ruled into squares. A square that no border touches lies wholly in one cell, or in none: its label is
the answer. Only in the squares along borders are points tested against the few polygons that meet there. A block of
squares with one label is asked first: all blocks fit in the processor's cache, all squares do not. The rule is that of
DESIGN: a point belongs to the first polygon, in the order given, that covers it, its edges included.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Refused
from gisgrid.grid.kept_index import map_arrays, write_arrays
from gisgrid.grid.ruling import BLOCK, Floats, Ruling, Squares, Touched, touched

Rows = NDArray[np.signedinteger]

SQUARES = 1 << 23  # 16 MB of labels; more would be built slower, fewer leave more to test
CHUNK = 1 << 16  # points looked up at a time: their intermediate arrays stay in the processor's cache
PART = 1 << 20  # points a thread takes at a time: enough that those near borders are tested many at once
OUTSIDE = -1
WORD = 8  # bytes


class AcrossAntimeridian(Refused):
    """A grid that wraps round the globe."""


class CellIndex:
    """Finds, for each point, the first of an ordered list of polygons that covers it.

    Read-only, and safe to share between threads.
    """

    def __init__(self, polygons: NDArray[np.object_], ruling: Ruling, labels: Rows, contests: list[Rows]) -> None:
        shapely.prepare(polygons)  # neither pickled nor saved with them; nothing to do after `build`
        self._polygons = polygons
        self._ruling = ruling
        self._labels = labels  # a row number; OUTSIDE; or, counted down from -2, the number of a contest
        self._one: memoryview[int] = memoryview(labels)  # type: ignore[arg-type]  # quicker for a single look-up
        self._mixed = np.iinfo(labels.dtype).min  # no row, and no contest
        self._blocks = _block_labels(labels, ruling, self._mixed)
        self._contests = contests  # rows to test in turn; what none of them covers belongs to the last, untested

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
        ruling = Ruling.over(bounds, squares)
        borders = [touched(ruling, shape) for shape in shapes]
        labels = _plain_labels(ruling, shapes, borders)
        contests = _label_contests(ruling, shapes, borders, labels)
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
        ruling = Ruling(west, south, (across, up), int(columns), int(rows))
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
        lines = None if lineage is None else _lines(lineage)
        found = np.empty(lon.size, dtype=self._labels.dtype if lines is None else lines.dtype)
        flat_lon, flat_lat = lon.reshape(-1), lat.reshape(-1)

        def locate_part(start: int) -> None:
            part = slice(start, start + PART)
            if lines is None:
                self._locate(flat_lon[part], flat_lat[part], found[part])
            else:
                rows = np.empty(len(found[part]), dtype=self._labels.dtype)
                self._locate(flat_lon[part], flat_lat[part], rows)
                lines.take(rows, out=found[part], mode="wrap")

        starts = range(0, lon.size, PART)
        if threads > 1 and len(starts) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(locate_part, starts))
        else:
            for start in starts:
                locate_part(start)
        if lineage is None:
            return found.reshape(lon.shape)
        words = found.view(lineage.dtype).reshape(*lon.shape, found.itemsize // lineage.itemsize)
        return words[..., : lineage.shape[1]]

    def _locate(self, lon: Floats, lat: Floats, found: Rows) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            for start in range(0, lon.size, CHUNK):
                chunk = slice(start, start + CHUNK)
                self._look_up(lon[chunk], lat[chunk], found[chunk])
        contested = np.flatnonzero(found < OUTSIDE)
        if contested.size:
            found[contested] = self._decide(-2 - found[contested], lon[contested], lat[contested])

    def _look_up(self, lon: Floats, lat: Floats, found: Rows) -> None:
        columns = self._ruling.columns
        column, row = self._ruling.squares(lon, lat)
        block = (row >> BLOCK) * (columns >> BLOCK) + (column >> BLOCK)
        np.take(self._blocks, block, out=found, mode="clip")  # they fit; any other mode copies
        mixed = np.flatnonzero(found == self._mixed)
        found[mixed] = self._labels[row[mixed] * columns + column[mixed]]

    def _decide(self, contest: Rows, lon: Floats, lat: Floats) -> Rows:
        order = np.argsort(contest, kind="stable")
        numbers, starts = np.unique(contest[order], return_index=True)
        decided = np.empty_like(contest)
        for number, points in zip(numbers, np.split(order, starts[1:]), strict=True):
            *rows, last = self._contests[number]
            for row in rows:
                covered = shapely.intersects_xy(self._polygons[row], lon[points], lat[points])
                decided[points[covered]] = row
                points = points[~covered]  # noqa: PLW2901 - what is left for the polygons further down
            decided[points] = last
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
        *rows, last = self._contests[-2 - label].tolist()
        covering = (row for row in rows if shapely.intersects_xy(self._polygons[row], longitude, latitude))
        return int(next(covering, last))


def _block_labels(labels: Rows, ruling: Ruling, mixed: int) -> Rows:
    """Return the label of each block of squares; `mixed` where its squares have several."""
    side = 1 << BLOCK
    squares = labels.reshape(ruling.rows >> BLOCK, side, ruling.columns >> BLOCK, side)
    least, greatest = (pick(pick(squares, axis=3), axis=1) for pick in (np.min, np.max))
    return np.where(least == greatest, least, mixed).astype(labels.dtype).reshape(-1)


def _lines(table: Rows) -> NDArray[Any]:
    """Return each line of a table as one value, padded to a word or several: taken so, it costs a quarter."""
    size = -(-table.shape[1] * table.itemsize // WORD) * WORD
    wide = np.zeros((len(table), size // table.itemsize), dtype=table.dtype)
    wide[:, : table.shape[1]] = table
    return wide.view(np.int64 if size == WORD else f"V{size}")[:, 0]


def _plain_labels(ruling: Ruling, shapes: NDArray[np.object_], borders: list[Touched]) -> Rows:
    """Label the squares that no border touches: neighbours in a row, with no touched square between, are alike."""
    plain = np.ones(ruling.rows * ruling.columns, dtype=bool)
    for border in borders:
        plain[border.square] = False
    begins = plain.copy()
    begins[1:] &= ~plain[:-1]
    begins[:: ruling.columns] = plain[:: ruling.columns]
    first = np.flatnonzero(begins)
    run = np.cumsum(begins, dtype=np.int32)[plain] - 1
    labels = np.full(plain.size, OUTSIDE, dtype=np.int32)
    labels[plain] = _first_covering(shapes, *ruling.middle(first))[run]
    return labels


def _first_covering(shapes: NDArray[np.object_], lon: Floats, lat: Floats) -> Rows:
    """Return the row of the first shape that covers each point; OUTSIDE where none does."""
    found = np.full(lon.size, OUTSIDE, dtype=np.int32)
    for row, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        near = np.flatnonzero((found == OUTSIDE) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found[near[shapely.intersects_xy(shapes[row], lon[near], lat[near])]] = row
    return found


def _label_contests(ruling: Ruling, shapes: NDArray[np.object_], borders: list[Touched], labels: Rows) -> list[Rows]:
    """Give each touched square the number of its contest; return the contests.

    A contest is the shapes to test in turn, and last whichever has what they leave: the shape that covers all of the
    square, or all that the first shape leaves of it; else OUTSIDE. What ranks behind it, or covers the same as the
    first, is left out.
    """
    if not borders:
        return []
    every = Touched(*map(np.concatenate, zip(*borders, strict=True)))
    row = np.repeat(np.arange(len(shapes)), [len(border.square) for border in borders])
    order = np.argsort(every.square, kind="stable")  # rows stay ascending within a square
    square, ahead, back, row = every.square[order], every.ahead[order], every.back[order], row[order]
    squares, start, count = np.unique(square, return_index=True, return_counts=True)
    first = np.repeat(start, count)
    leaves = np.minimum.reduceat(np.where(ahead == back[first], row, len(shapes)), start)
    last = np.minimum(leaves, _whole_cover(ruling, shapes, borders, squares))
    number = np.arange(len(row))
    tested = (row < np.repeat(last, count)) & ((ahead != ahead[first]) | (number == first))
    table = np.full((squares.size, count.max()), len(shapes))
    table[np.repeat(np.arange(squares.size), count), number - first] = np.where(tested, row, len(shapes))
    kinds, contest = np.unique(np.column_stack((np.sort(table, axis=1), last)), axis=0, return_inverse=True)
    labels[squares] = -2 - contest.reshape(-1)
    ends = np.where(kinds[:, -1] == len(shapes), OUTSIDE, kinds[:, -1])
    return [np.append(kind[:-1][kind[:-1] < len(shapes)], end) for kind, end in zip(kinds, ends, strict=True)]


def _whole_cover(ruling: Ruling, shapes: NDArray[np.object_], borders: list[Touched], squares: Squares) -> Squares:
    """Return, for each touched square, the first shape that covers all of it; the number of shapes where none does."""
    lon, lat = ruling.middle(squares)
    whole = np.full(squares.size, len(shapes), dtype=np.int64)
    for row, (west, south, east, north) in enumerate(shapely.bounds(shapes)):
        near = (whole == len(shapes)) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        near[np.searchsorted(squares, borders[row].square)] = False
        among = np.flatnonzero(near)
        whole[among[shapely.intersects_xy(shapes[row], lon[among], lat[among])]] = row
    return whole
