"""Closing gaps and overlaps within the tolerance, so that the levels nest exactly. Says what it moved, and how far.

The finest level is cleaned as a coverage, with the ground outside the street as one more member: vertices near each
other become one, narrow gaps and overlaps go to a neighbour, and each border becomes one line that both sides share.
Parents are then dissolved from their children. Coordinates are those of the files, bit for bit, but where borders
cross. A cell that would move further than the tolerance stays as it was, and with it all that is changed next to it,
above it or below it, and so on: a border moves on both sides and on every level, or nowhere. The check still shows what
is wrong there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
from gisgrid.grid.layers.nest import nest_faults
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.place import Geometries
from gisgrid.grid.tables import LEVELS

_METRES_A_DEGREE: Final = 111_320.0
_SNAPPING: Final = (1e-4, 0.5, 0.99)
"""Shares of the tolerance within which vertices are drawn together, tried in turn."""

_MANY: Final = 100_000
"""Vertices on unmatched edges. With more, the first share takes minutes, and does not suffice."""

_SLACK: Final = 1.001
"""Areas are computed anew after a repair: what grew by less than this has not grown."""

_SURROUNDINGS: Final = 0.01
"""Degrees. How far the ground outside the street is taken into account."""


WORTH_TELLING_M: Final = 0.001
"""A smaller change is not listed; cells without a larger one stay as they were, but where a changed neighbour's border
would no longer match theirs."""


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
    """The shapes after cleaning with one snapping distance, the old ones where cells were kept.

    `faults` counts the cells that would have moved too far and those of the finest level that still do not match their
    neighbours.
    """

    shapes: Geometries
    changes: list[Change]
    faults: int


def repair(cells: geopandas.GeoDataFrame, limits: Limits) -> tuple[geopandas.GeoDataFrame, list[Change]]:
    """Return the cells with gaps and overlaps within the tolerance closed, and what was changed.

    Parents must be known. Cells with rings that are not valid are left alone. No border moves further than
    `limits.tolerance_m`, in either direction. Vertices are drawn together no further than is needed. A level never has
    more faults or notes than before: rather than that, nothing is changed.
    """
    before = _wrongs(cells, limits)
    best = _Attempt(np.asarray(cells.geometry, dtype=object), [], np.iinfo(np.int64).max)
    for attempt in _attempts(cells, limits):
        if attempt.faults < best.faults and not _is_worse(before, _wrongs(_with(cells, attempt), limits)):
            best = attempt
        if best.faults == 0:
            break
    return _with(cells, best), best.changes


def _with(cells: geopandas.GeoDataFrame, attempt: _Attempt) -> geopandas.GeoDataFrame:
    return cells.assign(geometry=attempt.shapes).set_geometry("geometry", crs=cells.crs)


def _wrongs(cells: geopandas.GeoDataFrame, limits: Limits) -> dict[tuple[str, str], float]:
    """Return the square metres of overlap, gap and trespass by kind and level, and which levels have unmatched edges.

    The latter have the kind "edges" and no area.
    """
    parents = cells["parent_code"].astype(object).where(cells["parent_code"].notna(), "")
    found: dict[tuple[str, str], float] = {}
    for fault in nest_faults(cells.assign(parent_code=parents, file="", row=0), limits):
        key = (fault.kind, fault.level or "")
        found[key] = found.get(key, 0.0) + (fault.area_m2 or 0.0)
    for level in LEVELS:
        shapes = cells.loc[cells["level"] == level, "geometry"].to_numpy()
        if _unmatched(shapes[shapely.is_valid(shapes)]).any():
            found["edges", level] = 0.0
    return found


def _is_worse(before: dict[tuple[str, str], float], after: dict[tuple[str, str], float]) -> bool:
    """Whether a level that was exact no longer is, or has more of what was wrong with it."""
    return any(key not in before or square_m > before[key] * _SLACK for key, square_m in after.items())


def _is_tangled(cells: geopandas.GeoDataFrame) -> bool:
    finest = cells.loc[cells["level"] == LEVELS[-1], "geometry"].to_numpy()
    unmatched = shapely.coverage_invalid_edges(finest[shapely.is_valid(finest)])
    return int(shapely.get_num_coordinates(unmatched).sum()) > _MANY


def _attempts(cells: geopandas.GeoDataFrame, limits: Limits) -> Iterator[_Attempt]:
    """Yield one attempt after the other, those that change least first."""
    old = np.asarray(cells.geometry, dtype=object)
    for share in _SNAPPING[_is_tangled(cells) :]:
        new = _nested(cells, old, limits, share * limits.tolerance_m)
        moves = [_moves(*pair, limits.metric_crs) for pair in zip(old, new, strict=True)]
        for least_m in (WORTH_TELLING_M, 0.0):
            yield _attempt(cells, new, moves, limits, least_m)


def _attempt(
    cells: geopandas.GeoDataFrame, new: Geometries, moves: list[tuple[int, float]], limits: Limits, least_m: float
) -> _Attempt:
    """Take the groups that moved far enough and not too far; smaller changes only where a neighbour needs them."""
    old = np.asarray(cells.geometry, dtype=object)
    vertices, far = (np.array(column) for column in zip(*moves, strict=True))
    is_kept = far > limits.tolerance_m
    is_changed = (vertices > 0) & (far >= least_m)
    is_taken = is_changed & ~_spread(is_kept, _links(cells, np.flatnonzero(is_changed), limits))
    for level in LEVELS:
        rows = np.flatnonzero((cells["level"] == level) & shapely.is_valid(old))
        _follow(rows, old, new, is_taken, (vertices > 0) & ~is_changed)
    shapes = np.where(is_taken, new, old)
    changes = [
        Change(cells["level"].iloc[row], code_of(cells.iloc[row]), *moves[row], bool(is_kept[row]))
        for row in np.flatnonzero((is_taken & (far >= WORTH_TELLING_M)) | is_kept)
    ]
    finest = shapes[(cells["level"] == LEVELS[-1]) & shapely.is_valid(old)]
    return _Attempt(shapes, changes, int(_unmatched(finest).sum() + is_kept.sum()))


def _nested(cells: geopandas.GeoDataFrame, old: Geometries, limits: Limits, snapping_m: float) -> Geometries:
    """Return the finest level cleaned and its parents dissolved from it, however far that moves them."""
    levels, codes, parents = (cells[name].to_numpy() for name in ("level", "code", "parent_code"))
    valid = shapely.is_valid(old)
    new = old.copy()
    finest = np.flatnonzero((levels == LEVELS[-1]) & valid)
    if len(finest):
        new[finest] = _cleaned(old[finest], _outside(old[levels == LEVELS[0]]), limits, snapping_m)
    for upper, lower in reversed(list(pairwise(LEVELS))):
        for row in np.flatnonzero((levels == upper) & valid):
            children = new[(levels == lower) & (parents == codes[row])]
            if len(children) and shapely.is_valid(children).all():
                new[row] = dissolved(children)
    return new


def _links(cells: geopandas.GeoDataFrame, rows: NDArray[np.intp], limits: Limits) -> NDArray[np.intp]:
    """Return the pairs (n, 2) among some rows that are parent and child, or neighbours on one level."""
    levels, codes, parents = (cells[name].to_numpy()[rows] for name in ("level", "code", "parent_code"))
    shapes = np.asarray(cells.geometry, dtype=object)[rows]
    near = 2 * limits.tolerance_m / _METRES_A_DEGREE
    ones, others = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=near)
    is_pair = (levels[ones] == levels[others]) | (parents[ones] == codes[others]) | (codes[ones] == parents[others])
    return np.asarray(np.column_stack([rows[ones[is_pair]], rows[others[is_pair]]]))


def _spread(chosen: NDArray[np.bool_], links: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the chosen rows and all that are linked to them, over however many links."""
    reached, count = chosen.copy(), -1
    while count != (count := int(reached.sum())):
        reached[links[reached[links[:, 0]], 1]] = True
    return reached


def _follow(
    rows: NDArray[np.intp],
    old: Geometries,
    new: Geometries,
    is_taken: NDArray[np.bool_],
    is_small: NDArray[np.bool_],
) -> None:
    """Take small changes as well (in `is_taken`) where a cell of the same level would else not match its neighbours."""
    while is_taken[rows].any():
        lost = _unmatched(np.where(is_taken[rows], new[rows], old[rows])) & ~_unmatched(new[rows])
        more = rows[lost & is_small[rows] & ~is_taken[rows]]
        if not len(more):
            return
        is_taken[more] = True


def _unmatched(shapes: Geometries) -> NDArray[np.bool_]:
    return np.asarray(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))


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
