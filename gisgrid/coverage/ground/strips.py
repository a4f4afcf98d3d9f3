"""How much of a polygon a union of discs and bands covers, measured along lines. Pure.

The ground is cut into level strips, and each is measured on its middle line: there a disc or band is one run, found
exactly, and the runs of all of them are united by sorting. So the only error is that a strip's middle stands for the
whole of its height. It would be felt at edges of bands that run along the strips; so everything is turned first, by an
angle at which hardly a road runs.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HEIGHTS_M: Final = (2.0, 4.0, 8.0)
ROWS: Final = 150
"""Strips that the smallest piece of ground gets at least, if there is such a height."""
LATTICE_M: Final = 4096
"""All lines lie on one lattice: a window over it begins and ends at multiples of this, so that runs fit any window."""
MARGIN_M: Final = 4096
"""How far a window reaches beyond the ground: a boundary that is moved a little leaves it where it is."""
TURN: Final = 0.618
"""Radians."""
UNIT_M: Final = 1 / 16
"""Places on a line are whole numbers of this: sums are exact, and the order of the shapes changes nothing."""
LENGTH_BITS: Final = 24
"""A run packed for sorting: its place above, its length (up to 1,000 km) in these bits."""
LENGTH_MASK: Final = (1 << LENGTH_BITS) - 1
SLICE: Final = 1 << 15
"""Shapes handled at a time: their columns stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Strips:
    """`rows` strips of `height` metres northwards from `south`; their lines lie end to end, of `length` units each.

    Strips of one height lie on one lattice: those of two windows that overlap are the same there.
    """

    west: float
    south: float
    height: float
    rows: int
    length: int

    @classmethod
    def over(cls, polygons: NDArray[np.object_], coarser: float = 1.0) -> Self:
        """Cut the ground of polygons, in metres, into strips: fine enough for the smallest, times `coarser`."""
        area = shapely.area(polygons)
        if not area.any():
            return cls(0, 0, HEIGHTS_M[0] * coarser, 0, 2)
        wish = math.sqrt(float(area[area > 0].min())) / ROWS
        height = coarser * max((each for each in HEIGHTS_M if each <= wish), default=HEIGHTS_M[0])
        west, south, east, north = (float(each) for each in shapely.total_bounds(turned_polygons(polygons)))
        west, south = (math.floor((each - MARGIN_M) / LATTICE_M) * LATTICE_M for each in (west, south))
        east, north = (math.ceil((each + MARGIN_M) / LATTICE_M) * LATTICE_M for each in (east, north))
        return cls(west, south, height, round((north - south) / height), round((east - west) / UNIT_M) + 2)

    def row_from(self, y: Floats) -> Integers:
        """Return the first row whose line lies at or above `y`, within 0 and `rows`."""
        return np.clip(np.ceil((y - self.south) / self.height - 0.5), 0, self.rows).astype(np.int64)

    def row_of(self, y: Floats) -> Integers:
        """Return the row of the strip that holds `y`."""
        return np.clip(np.floor((y - self.south) / self.height), 0, self.rows - 1).astype(np.int64)

    def line(self, row: Integers) -> Floats:
        """Return the y of the line of a row."""
        return np.asarray(self.south + (row + 0.5) * self.height)

    def place(self, x: Floats) -> Integers:
        """Return the nearest unit on a line, within it."""
        return np.clip(np.rint((x - self.west) / UNIT_M), 0, self.length - 2).astype(np.int64)


class Shapes(NamedTuple):
    """Bands from (x0, y0) to (x1, y1), a disc where both ends are one; `radius` in metres. Arrays of one length."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    radius: Floats


class Runs(NamedTuple):
    """Runs in rising order that do not touch: first and last place, and the length of all before."""

    start: Integers
    end: Integers
    before: Integers


def covered(strips: Strips, shapes: Shapes) -> Runs:
    """Return what the shapes cover of the lines."""
    return _runs([_pack(*_united(packed)) for _, packed in _cuts(strips, shapes)])


def together(strips: Strips, parts: Iterable[tuple[Strips, Runs]]) -> Runs:
    """Return what any of several parts covers, each found in a window of its own over strips of the same height."""
    return _runs([_pack(*_moved(runs, window, strips)) for window, runs in parts])


def each_covered(strips: Strips, shapes: Shapes, group: Integers) -> tuple[Integers, Integers, Integers]:
    """Return what the shapes of each group cover of the lines, as starts, ends, and the group, from 0, of each run."""
    span = strips.rows * strips.length
    starts, ends = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for which, packed in _cuts(strips, shapes):
        base = group[which] * span
        starts.append(base + (packed >> LENGTH_BITS))
        ends.append(starts[-1] + (packed & LENGTH_MASK))
    start, end = np.concatenate(starts), np.concatenate(ends)
    order = np.argsort(start)
    start, end = _merged(start[order], np.maximum.accumulate(end[order]))
    whose = start // max(span, 1)
    return start - whose * span, end - whose * span, whose


def _runs(parts: list[Integers]) -> Runs:
    start, end = _united(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
    return Runs(start, end, np.cumsum(end - start) - (end - start))


def _moved(runs: Runs, window: Strips, strips: Strips) -> tuple[Integers, Integers]:
    """Return runs of one window as those of another; what lies beyond its lines is left out."""
    if window == strips:
        return runs.start, runs.end
    north = round((window.south - strips.south) / strips.height)
    east = round((window.west - strips.west) / UNIT_M)
    row = runs.start // window.length
    start, end = (np.clip(each - row * window.length + east, 0, strips.length - 2) for each in (runs.start, runs.end))
    row = row + north
    kept = (row >= 0) & (row < strips.rows) & (start < end)
    return (start + row * strips.length)[kept], (end + row * strips.length)[kept]


def _cuts(strips: Strips, shapes: Shapes) -> Iterator[tuple[Integers, Integers]]:
    """Yield slice by slice which shape each of its runs is of, and the runs, packed."""
    upright = _upright(shapes)
    first = strips.row_from(upright.y0 - upright.radius)
    count = np.where(upright.radius > 0, strips.row_from(upright.y1 + upright.radius) - first, 0)
    order = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    for begin in range(0, len(order), SLICE):
        part = order[begin : begin + SLICE]
        which, packed = _cut(strips, Shapes(*(values[part] for values in upright)), first[part], count[part])
        yield part[which], packed


def _turned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    cos, sin = math.cos(TURN), math.sin(TURN)
    return cos * x - sin * y, sin * x + cos * y


def _upright(shapes: Shapes) -> Shapes:
    """Turn the shapes, each band so that it runs north, by a hair at least: what follows divides by its rise."""
    (x0, y0), (x1, y1) = _turned(shapes.x0, shapes.y0), _turned(shapes.x1, shapes.y1)
    falls = y1 < y0
    south = np.minimum(y0, y1)
    north = south + np.maximum(np.abs(y1 - y0), 1e-9)
    return Shapes(np.where(falls, x1, x0), south, np.where(falls, x0, x1), north, shapes.radius)


def _cut(strips: Strips, shapes: Shapes, first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return the shapes' runs on the lines from row `first`, packed, and before them which shape each is of.

    The shapes are sorted by falling `count` of rows.

    The eastern end of a band on the line of height y is the largest x(t) + √(r² − u²), u = y − y(t), over its points t:
    where u = −r · run / length, or at the end nearest to that. The western end has the other sign.
    """
    x0, y0, x1, y1, radius = shapes
    run, rise = x1 - x0, y1 - y0
    lean = radius * run / np.hypot(run, rise)
    active = np.searchsorted(-count, -np.arange(count[0]), side="left")
    packed = np.empty(count.sum(), dtype=np.int64)
    which = np.concatenate([np.arange(n) for n in active.tolist()])
    done = 0
    for step, n in enumerate(active.tolist()):
        row = first[:n] + step
        above = strips.line(row) - y0[:n]
        ends = []
        for side in (-1, 1):
            t = np.clip((above + side * lean[:n]) / rise[:n], 0, 1)
            u = above - t * rise[:n]
            half = np.sqrt(np.maximum(radius[:n] ** 2 - u * u, 0))
            ends.append(strips.place(x0[:n] + t * run[:n] + side * half))
        packed[done : done + n] = _pack(row * strips.length + ends[0], row * strips.length + ends[1])
        done += n
    return which, packed


def _pack(start: Integers, end: Integers) -> Integers:
    return np.asarray(start << LENGTH_BITS | end - start)


def _united(packed: Integers) -> tuple[Integers, Integers]:
    """Unite runs that overlap or touch; return their starts and ends in rising order."""
    packed.sort()
    start = packed >> LENGTH_BITS
    return _merged(start, np.maximum.accumulate(start + (packed & LENGTH_MASK)))


def _merged(start: Integers, reach: Integers) -> tuple[Integers, Integers]:
    """Join runs in rising order to those that they touch; `reach` is how far any up to each goes."""
    begins = np.ones(len(start), dtype=bool)
    begins[1:] = start[1:] > reach[:-1]
    return start[begins], reach[np.append(begins[1:], True)[: len(begins)]]


def turned_polygons(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (multi)polygons in metres, turned as everything is before it is measured."""
    turned = shapely.transform(polygons, lambda xy: np.column_stack(_turned(xy[:, 0], xy[:, 1])))
    return np.asarray(turned, dtype=object)
