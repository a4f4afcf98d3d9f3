"""What part of a polygon is covered, read off along its border, and how much of it each run covers. Pure.

As in Green's theorem: what is covered west of a polygon's eastern borders minus what is west of its western ones.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.coverage.ground.strips import UNIT_M, Floats, Integers, Runs, Strips, turned_polygons

DECIMALS: Final = 6
"""Of a share: below lies the rounding of sums."""


class Border(NamedTuple):
    """A polygon's border, cut at the edges of strips.

    `place`: where the middle of each piece meets the line; `weight`: how much of the strip's height it spans, + with
    the polygon to its west, − to its east; `length`: what that makes of the polygon's area, in lines.
    """

    place: Integers
    weight: Floats
    length: float


def borders(strips: Strips, polygons: NDArray[np.object_]) -> list[Border]:
    """Return the borders of (multi)polygons, in metres, that the strips were cut over."""
    return [_border(strips, polygon) for polygon in turned_polygons(polygons)]


def _border(strips: Strips, polygon: shapely.Geometry) -> Border:
    a, b = _edges(polygon)
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    first = strips.row_of(low)
    count = np.where(low < high, strips.row_of(high) - first + 1, 0)
    edge, row = _rows(first, count)
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
    part = float(np.sum(border.weight * _west_of(runs, border.place))) / border.length
    return min(max(round(part, DECIMALS), 0), 1)


def insides(strips: Strips, polygons: NDArray[np.object_]) -> list[Runs]:
    """Return what (multi)polygons, in metres, hold of the lines of strips that were cut over them."""
    return [_inside(strips, polygon) for polygon in turned_polygons(polygons)]


def _inside(strips: Strips, polygon: shapely.Geometry) -> Runs:
    a, b = _edges(polygon)
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    first = strips.row_from(low)
    edge, row = _rows(first, strips.row_from(high) - first)
    part = (strips.line(row) - a[edge, 1]) / (b[edge, 1] - a[edge, 1])
    place = np.sort(row * strips.length + strips.place(a[edge, 0] + part * (b[edge, 0] - a[edge, 0])))
    start, end = place[::2], place[1::2]  # a line goes in and out by turns
    return Runs(start, end, np.cumsum(end - start) - (end - start))


def area_within(strips: Strips, inside: Runs, start: Integers, end: Integers) -> Floats:
    """Return how many m² of each run, from `start` to `end`, lie in what `inside` holds."""
    length = _west_of(inside, end) - _west_of(inside, start)
    return np.asarray(length * (UNIT_M * strips.height), dtype=np.float64)


def _west_of(runs: Runs, place: Integers) -> Integers:
    """Return the length of what runs cover before each place."""
    last = np.searchsorted(runs.start, place, side="right") - 1
    if not len(runs.start):
        return np.zeros(len(place), dtype=np.int64)
    west = runs.before[last] + np.minimum(place, runs.end[last]) - runs.start[last]
    return np.where(last >= 0, west, 0)


def _edges(polygon: shapely.Geometry) -> tuple[Floats, Floats]:
    """Return the ends of all edges, with the polygon to the left of each."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return xy[:-1][joined], xy[1:][joined]


def _rows(first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """Return for each edge so many rows from a first one on, as the number of the edge and the row."""
    edge = np.repeat(np.arange(len(count)), count)
    return edge, first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
