"""The rule itself, in shapely's words, and the points at which a fast join goes wrong."""

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.grid.index import CellIndex
from gisgrid.grid.tables import LEVELS
from tests.benchmarks.world import Floats, edge_points, edges, only

Rows = NDArray[np.int16]

SLICE = 1 << 18
MOVES = (-2, -1, 0, 0, 0, 1, 2)


def rule(cells: geopandas.GeoDataFrame, lon: Floats, lat: Floats) -> Rows:
    """Return the street, community and substation (n, 3) of points, each as a position in its own level, −1 outside.

    It is the first polygon of which shapely says that it covers the point.
    """
    levels = [only(cells, level) for level in LEVELS]
    shapely.prepare(np.concatenate(levels))
    found = np.full((len(lon), len(levels)), -1, dtype=np.int16)
    for start in range(0, len(lon), SLICE):
        part = slice(start, start + SLICE)
        asked = shapely.points(lon[part], lat[part])
        for column, polygons in enumerate(levels):
            found[part, column] = _lowest_covering(polygons, asked, lon[part], lat[part])
    return found


def _lowest_covering(
    polygons: NDArray[np.object_], asked: NDArray[np.object_], lon: Floats, lat: Floats
) -> NDArray[np.int16]:
    found = np.full(len(asked), -1, dtype=np.int16)
    for row, (west, south, east, north) in enumerate(shapely.bounds(polygons).tolist()):
        near = np.flatnonzero((found < 0) & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        found[near[shapely.covers(polygons[row], asked[near])]] = row
    return found


def hard_points(cells: geopandas.GeoDataFrame, count: int, seed: int) -> tuple[Floats, Floats]:
    """Return `count` points, a fifth of each kind, most of them moved by one or two units in the last place, shuffled.

    Vertices; points computed on edges; places where an edge crosses a line between the index's squares; points on
    such lines; corners of squares.
    """
    chance = np.random.default_rng(seed)
    polygons = only(cells, "substation")
    each = -(-count // 5)
    columns, rows = ruled_lines(polygons)
    west, south, east, north = shapely.total_bounds(polygons)
    anywhere = chance.uniform((west, south), (east, north), (each, 2))
    on_columns, on_rows = chance.choice(columns, each), chance.choice(rows, each)
    upright = chance.random(each) < 0.5
    kinds = [
        chance.choice(shapely.get_coordinates(polygons), each),
        _on_edges(polygons, each, chance),
        _crossings(polygons, columns, rows, each, chance),
        np.where(
            upright[:, None], np.column_stack((on_columns, anywhere[:, 1])), np.column_stack((anywhere[:, 0], on_rows))
        ),
        np.column_stack((on_columns, on_rows)),
    ]
    placed = chance.permutation(np.concatenate(kinds))[:count]
    placed = placed + chance.choice(MOVES, placed.shape) * np.spacing(placed)
    return np.ascontiguousarray(placed[:, 0]), np.ascontiguousarray(placed[:, 1])


def _on_edges(polygons: NDArray[np.object_], count: int, chance: np.random.Generator) -> Floats:
    """Return points at any share of an edge, and at sixteenths of it: these can be exact where the ends are round."""
    begin, end = edges(polygons)
    chosen = chance.integers(0, len(begin), count // 2)
    sixteenths = begin[chosen] + chance.integers(1, 16, (count // 2, 1)) / 16 * (end[chosen] - begin[chosen])
    return np.concatenate((sixteenths, edge_points(polygons, count - count // 2, chance)))


def ruled_lines(polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return the longitudes and latitudes of the lines between the squares of the index over these polygons."""
    ruling = CellIndex.build(polygons.tolist())._ruling
    columns = ruling.west + np.arange(ruling.columns + 1) / ruling.per_degree[0]
    return columns, ruling.south + np.arange(ruling.rows + 1) / ruling.per_degree[1]


def _crossings(
    polygons: NDArray[np.object_], columns: Floats, rows: Floats, count: int, chance: np.random.Generator
) -> Floats:
    """Return points where edges cross the lines nearest to a place on them, computed as well as floats can."""
    begin, end = edges(polygons)
    chosen = chance.integers(0, len(begin), count)
    begin, end = begin[chosen], end[chosen]
    share = chance.random((count, 1))
    on_edge = begin + share * (end - begin)
    axis = (chance.random(count) < 0.5).astype(int)
    every = np.arange(count)
    line = np.where(axis == 0, _nearest(columns, on_edge[:, 0]), _nearest(rows, on_edge[:, 1]))
    length = end[every, axis] - begin[every, axis]
    along = np.where(length == 0, 0.5, (line - begin[every, axis]) / np.where(length == 0, 1, length))
    crossing = begin + np.clip(along, 0, 1)[:, None] * (end - begin)
    crossing[every, axis] = np.where((along >= 0) & (along <= 1), line, crossing[every, axis])
    return crossing


def _nearest(lines: Floats, values: Floats) -> Floats:
    right = np.clip(np.searchsorted(lines, values), 1, len(lines) - 1)
    left = right - 1
    return np.where(values - lines[left] < lines[right] - values, lines[left], lines[right])
