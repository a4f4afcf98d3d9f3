"""Closing gaps and overlaps within the tolerance, so that the levels nest exactly. Says what it moved, and how far.

The finest level is cleaned as a coverage, with the ground outside the street as one more member: vertices near each
other become one, narrow gaps and overlaps go to a neighbour, and each border becomes one line that both sides share.
Parents are then dissolved from their children. Coordinates are those of the files, bit for bit, but where borders
cross. A cell that would move further than the tolerance stays as it was, and the check still shows what is wrong.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import to_metric
from gisgrid.grid.layers.derive import dissolved
from gisgrid.grid.layers.faults import code_of
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.place import Geometries
from gisgrid.grid.tables import LEVELS

_METRES_A_DEGREE: Final = 111_320.0
_SNAPPING: Final = (1e-4, 0.5, 0.99)
"""Shares of the tolerance within which vertices are drawn together, tried in turn."""

_MANY: Final = 100_000
"""Vertices on unmatched edges. With more, the first share takes minutes, and does not suffice."""

_SURROUNDINGS: Final = 0.01
"""Degrees. How far the ground outside the street is taken into account."""


@dataclass(frozen=True)
class Change:
    """What repairing did to one cell: vertices taken away, added or moved, and the largest distance, in metres.

    The distance is that of a vertex from the other border: of one taken away from the new, of one added from the old.
    `is_kept` says that the cell stayed as it was, since it would have had to move further than the tolerance.
    """

    level: str
    code: str
    vertices: int
    largest_move_m: float
    is_kept: bool


@dataclass
class _Attempt:
    """The shapes after cleaning with one snapping distance, the old ones where a cell was kept.

    `faults` counts the cells that were kept and those of the finest level that still do not match their neighbours.
    """

    shapes: Geometries
    changes: list[Change] = field(default_factory=list)
    faults: int = 0


def repair(cells: geopandas.GeoDataFrame, limits: Limits) -> tuple[geopandas.GeoDataFrame, list[Change]]:
    """Return the cells with gaps and overlaps within the tolerance closed, and what was changed.

    Parents must be known. Cells with rings that are not valid are left alone. No border moves further than
    `limits.tolerance_m`, in either direction. Vertices are drawn together no further than is needed.
    """
    attempts: list[_Attempt] = []
    for share in _SNAPPING[_is_tangled(cells) :]:
        attempts.append(_attempt(cells, limits, share * limits.tolerance_m))
        if attempts[-1].faults == 0:
            break
    best = min(attempts, key=lambda attempt: attempt.faults)
    return cells.assign(geometry=best.shapes).set_geometry("geometry", crs=cells.crs), best.changes


def _is_tangled(cells: geopandas.GeoDataFrame) -> bool:
    finest = cells.loc[cells["level"] == LEVELS[-1], "geometry"].to_numpy()
    unmatched = shapely.coverage_invalid_edges(finest[shapely.is_valid(finest)])
    return int(shapely.get_num_coordinates(unmatched).sum()) > _MANY


def _attempt(cells: geopandas.GeoDataFrame, limits: Limits, snapping_m: float) -> _Attempt:
    old = np.asarray(cells.geometry, dtype=object)
    levels, codes, parents = (cells[name].to_numpy() for name in ("level", "code", "parent_code"))
    attempt = _Attempt(old.copy())
    new = attempt.shapes
    finest = np.flatnonzero((levels == LEVELS[-1]) & shapely.is_valid(old))
    if len(finest):
        new[finest] = _cleaned(old[finest], _outside(old[levels == LEVELS[0]]), limits, snapping_m)
    _accept(cells, finest, old, attempt, limits)
    for upper, lower in reversed(list(pairwise(LEVELS))):
        above = np.flatnonzero((levels == upper) & shapely.is_valid(old))
        for row in above:
            children = new[(levels == lower) & (parents == codes[row])]
            if len(children) and shapely.is_valid(children).all():
                new[row] = dissolved(children)
        _accept(cells, above, old, attempt, limits)
    unmatched = ~shapely.is_empty(shapely.coverage_invalid_edges(new[finest]))
    attempt.faults = int(unmatched.sum()) + sum(change.is_kept for change in attempt.changes)
    return attempt


def _accept(
    cells: geopandas.GeoDataFrame,
    rows: NDArray[np.intp],
    old: Geometries,
    attempt: _Attempt,
    limits: Limits,
) -> None:
    """Keep the new shape of each row where no vertex moved too far, the old one elsewhere; note what changed."""
    new = attempt.shapes
    for row in rows:
        vertices, largest = _moves(old[row], new[row], limits.metric_crs)
        is_kept = largest > limits.tolerance_m
        if vertices == 0 or is_kept:
            new[row] = old[row]
        if vertices:
            cell = cells.iloc[row]
            attempt.changes.append(Change(cell["level"], code_of(cell), vertices, largest, is_kept))


def _moves(old: BaseGeometry, new: BaseGeometry, metric_crs: str) -> tuple[int, float]:
    """Return how many vertices came or went, and the largest distance of one from the other border, in metres."""
    before, after = _vertices(old), _vertices(new)
    gone, come = np.setdiff1d(before, after), np.setdiff1d(after, before)
    farthest = max(_farthest(gone, new, metric_crs), _farthest(come, old, metric_crs))
    return len(gone) + len(come), farthest


def _vertices(geometry: BaseGeometry) -> NDArray[np.complex128]:
    return np.asarray(shapely.get_coordinates(geometry).view(np.complex128).ravel())


def _farthest(vertices: NDArray[np.complex128], geometry: BaseGeometry, metric_crs: str) -> float:
    if not len(vertices):
        return 0.0
    edges = _edges(to_metric(geometry, metric_crs))
    if not len(edges):
        return float("inf")
    points = to_metric(shapely.points(vertices.real, vertices.imag), metric_crs)
    _, distances = shapely.STRtree(edges).query_nearest(points, return_distance=True, all_matches=False)
    return float(distances.max())


def _edges(geometry: BaseGeometry) -> NDArray[np.object_]:
    xy, ring = shapely.get_coordinates(shapely.get_rings(geometry), return_index=True)
    starts = np.flatnonzero(ring[:-1] == ring[1:])
    return np.asarray(shapely.linestrings(np.stack([xy[starts], xy[starts + 1]], axis=1)), dtype=object)


def _outside(streets: Geometries) -> BaseGeometry:
    """Return the ground round the streets, their lakes included; empty where there is no street."""
    outline = shapely.union_all(streets[shapely.is_valid(streets)])
    if outline.is_empty:
        return outline
    west, south, east, north = outline.bounds
    around = (west - _SURROUNDINGS, south - _SURROUNDINGS, east + _SURROUNDINGS, north + _SURROUNDINGS)
    return shapely.difference(shapely.box(*around), outline)


def _cleaned(shapes: Geometries, outside: BaseGeometry, limits: Limits, snapping_m: float) -> Geometries:
    """Return the shapes as a coverage. Every coordinate is one of theirs, bit for bit, or a crossing of edges."""
    members = np.append(shapes, [outside] if not outside.is_empty else [])
    plane = Plane(shapely.get_coordinates(members))
    clean = shapely.coverage_clean(plane.there(members), gap_width=limits.tolerance_m, snapping_distance=snapping_m)
    return np.asarray(plane.back(clean[: len(shapes)]), dtype=object)


class Plane:
    """Degrees stretched to about metres, so that straight stays straight and a width is a width.

    The way back gives every coordinate bit for bit: measured from the middle of a district, rounding is hundreds of
    times finer than the last bit of a longitude.
    """

    def __init__(self, coordinates: NDArray[np.float64]) -> None:
        self._origin = coordinates.mean(axis=0)
        self._scale = _METRES_A_DEGREE * np.array([np.cos(np.radians(self._origin[1])), 1.0])

    def there(self, geometries: Any) -> Any:
        """Stretch geometries (one, or an array)."""
        return shapely.transform(geometries, lambda xy: (xy - self._origin) * self._scale)

    def back(self, geometries: Any) -> Any:
        """Bring stretched geometries (one, or an array) back to degrees."""
        return shapely.transform(geometries, lambda xy: xy / self._scale + self._origin)
