"""Ways where none are known: places joined to their neighbours by winding lines. Pure, in metres."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import Floats
from gisgrid.sample.winding import PIECE_M, Octave, wind

WAY_BENDS: Final = (Octave(1200, 200), Octave(500, 90), Octave(200, 32))


def neighbours(points: Floats) -> NDArray[np.intp]:
    """Return the pairs (k, 2) of points (n, 2) that have no third point inside the circle between them.

    The graph of Gabriel and Sokal (1969): everything is joined, nothing crosses, no detour is long.
    """
    spots = shapely.points(points)
    tree = shapely.STRtree(spots)
    edges = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(spots), only_edges=True))
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    _, clearance = tree.query_nearest(middles, all_matches=False, return_distance=True)
    kept = edges[clearance > shapely.length(edges) / 2 - 1e-3]
    ends = shapely.points(shapely.get_coordinates(kept))
    pairs = tree.query_nearest(ends, all_matches=False)[1].reshape(-1, 2)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def winding_way(start: Sequence[float] | Floats, end: Sequence[float] | Floats, seed: int) -> shapely.LineString:
    """Return a winding line between two points that starts and ends exactly there."""
    straight = shapely.get_coordinates(shapely.segmentize(shapely.LineString([start, end]), PIECE_M))
    shift = wind(straight, WAY_BENDS, seed) - straight
    share = np.linspace(0, 1, len(straight))[:, None]
    return shapely.LineString(straight + shift - ((1 - share) * shift[0] + share * shift[-1]))


def ways_through(grounds: NDArray[np.object_], places: Floats, seed: int, each: int = 12) -> list[shapely.LineString]:
    """Return winding lines that join the given places (n, 2) and `each` further ones on every ground (polygons).

    A line that leaves the grounds, as one across a bay does, is left out; so what is joined may be several nets.
    """
    chance = np.random.default_rng(seed)
    points = np.concatenate([places, *(_spread(ground, each, chance) for ground in grounds)])
    points = np.unique(np.round(points), axis=0)
    if len(points) < 3:
        return [winding_way(points[0], points[-1], seed)] if len(points) == 2 else []
    ways = [winding_way(points[first], points[second], seed) for first, second in neighbours(points)]
    whole = shapely.union_all(grounds).buffer(PIECE_M)
    shapely.prepare(whole)
    return [way for way in ways if whole.covers(way)]


def _spread(ground: shapely.Geometry, count: int, chance: np.random.Generator) -> Floats:
    """Return a point surely on the ground, and up to `count` at random."""
    west, south, east, north = ground.bounds
    tried = chance.random((count * 20, 2)) * (east - west, north - south) + (west, south)
    inside = tried[shapely.contains_xy(ground, tried)][:count]
    return np.concatenate([shapely.get_coordinates(shapely.point_on_surface(ground)), inside])
