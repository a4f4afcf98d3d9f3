"""How much of a polygon a union of discs and bands covers, measured along lines. Pure.

The ground is cut into level strips, and each is measured on its middle line: there a disc or band is one run, found
exactly, and the runs of all of them are united by sorting. A polygon's covered area is read off along its border, as
in Green's theorem: what is covered west of its eastern borders minus what is west of its western ones. So the only
error is that a strip's middle stands for the whole of its height. It would be felt at edges of bands that run along
the strips; so everything is turned first, by an angle at which hardly a road runs.
"""

import math
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HEIGHT_M: Final = (2.0, 8.0)
ROWS: Final = 150
"""Strips that the smallest piece of ground gets, if that makes them neither thinner nor thicker than HEIGHT_M."""
TURN: Final = 0.618
"""Radians."""
UNIT_M: Final = 1 / 16
"""Places on a line are whole numbers of this: sums are exact, and the order of the shapes changes nothing."""
LENGTH_BITS: Final = 24
"""A run packed for sorting: its place above, its length (up to 1,000 km) in these bits."""
DECIMALS: Final = 6
"""Of a share: below lies the rounding of sums."""
SLICE: Final = 1 << 15
"""Shapes handled at a time: their columns stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Strips:
    """`rows` strips of `height` metres northwards from `south`; their lines lie end to end, of `length` units each."""

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
            return cls(0, 0, HEIGHT_M[0], 0, 2)
        west, south, east, north = shapely.total_bounds(_turned_polygons(polygons)).tolist()
        height = coarser * float(np.clip(np.sqrt(area[area > 0].min()) / ROWS, *HEIGHT_M))
        return cls(west, south, height, math.ceil((north - south) / height), math.ceil((east - west) / UNIT_M) + 2)

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


class Border(NamedTuple):
    """A polygon's border, cut at the edges of strips.

    `place`: where the middle of each piece meets the line; `weight`: how much of the strip's height it spans, + with
    the polygon to its west, − to its east; `length`: what that makes of the polygon's area, in lines.
    """

    place: Integers
    weight: Floats
    length: float


def covered(strips: Strips, shapes: Shapes) -> Runs:
    """Return what the shapes cover of the lines."""
    upright = _upright(shapes)
    first = strips.row_from(upright.y0 - upright.radius)
    count = np.where(upright.radius > 0, strips.row_from(upright.y1 + upright.radius) - first, 0)
    order = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    united = []
    for begin in range(0, len(order), SLICE):
        part = order[begin : begin + SLICE]
        runs = _cut(strips, Shapes(*(values[part] for values in upright)), first[part], count[part])
        united.append(_pack(*_united(runs)))
    start, end = _united(np.concatenate([np.empty(0, dtype=np.int64), *united]))
    return Runs(start, end, np.cumsum(end - start) - (end - start))


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


def _cut(strips: Strips, shapes: Shapes, first: Integers, count: Integers) -> Integers:
    """Return the packed runs of the shapes on the lines from row `first`, sorted by falling `count` of rows.

    The eastern end of a band on the line of height y is the largest x(t) + √(r² − u²), u = y − y(t), over its points t:
    where u = −r · run / length, or at the end nearest to that. The western end has the other sign.
    """
    x0, y0, x1, y1, radius = shapes
    run, rise = x1 - x0, y1 - y0
    lean = radius * run / np.hypot(run, rise)
    active = np.searchsorted(-count, -np.arange(count[0]), side="left")
    packed = np.empty(count.sum(), dtype=np.int64)
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
    return packed


def _pack(start: Integers, end: Integers) -> Integers:
    return np.asarray(start << LENGTH_BITS | end - start)


def _united(packed: Integers) -> tuple[Integers, Integers]:
    """Unite runs that overlap or touch; return their starts and ends in rising order."""
    packed.sort()
    start = packed >> LENGTH_BITS
    reach = np.maximum.accumulate(start + (packed & (1 << LENGTH_BITS) - 1))
    begins = np.ones(len(start), dtype=bool)
    begins[1:] = start[1:] > reach[:-1]
    return start[begins], reach[np.append(begins[1:], True)[: len(begins)]]


def borders(strips: Strips, polygons: NDArray[np.object_]) -> list[Border]:
    """Return the borders of (multi)polygons, in metres, that the strips were cut over."""
    return [_border(strips, polygon) for polygon in _turned_polygons(polygons)]


def _turned_polygons(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    turned = shapely.transform(polygons, lambda xy: np.column_stack(_turned(xy[:, 0], xy[:, 1])))
    return np.asarray(turned, dtype=object)


def _border(strips: Strips, polygon: shapely.Geometry) -> Border:
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    a, b = xy[:-1][joined], xy[1:][joined]
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    first = strips.row_of(low)
    count = np.where(low < high, strips.row_of(high) - first + 1, 0)
    edge = np.repeat(np.arange(len(a)), count)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    foot = strips.line(row) - strips.height / 2
    south, north = np.maximum(low[edge], foot), np.minimum(high[edge], foot + strips.height)
    part = ((south + north) / 2 - a[edge, 1]) / (b[edge, 1] - a[edge, 1])
    place = strips.place(a[edge, 0] + part * (b[edge, 0] - a[edge, 0]))
    weight = (north - south) / strips.height * np.where(b[edge, 1] > a[edge, 1], 1, -1)
    order = np.lexsort((place, row))  # near places lie near in memory, too
    length = float(np.sum((place * weight)[order]))
    return Border((row * strips.length + place)[order], weight[order], length)


def share(runs: Runs, border: Border) -> float:
    """Return which part of a polygon is covered, 0 to 1, to DECIMALS; NaN for one without area."""
    if border.length <= 0:
        return math.nan
    last = np.searchsorted(runs.start, border.place, side="right") - 1
    known = last >= 0
    place, last = border.place[known], last[known]
    west = runs.before[last] + np.minimum(place, runs.end[last]) - runs.start[last]
    return min(max(round(float(np.sum(border.weight[known] * west)) / border.length, DECIMALS), 0), 1)
