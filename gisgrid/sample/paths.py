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


def ways_through(
    cells: NDArray[np.object_], grounds: NDArray[np.object_], places: Floats, seed: int, each: int = 12
) -> list[shapely.LineString]:
    """Return winding lines that join the given places (n, 2) and `each` further ones on every cell's ground.

    `cells` and `grounds` are polygons. A line that would leave the cells is straight; if it leaves them even so, as
    one across a bay does, it is left out.
    """
    chance = np.random.default_rng(seed)
    points = np.concatenate([places, *(_spread(ground, each, chance) for ground in grounds)])
    points = np.unique(np.round(points), axis=0)
    ends = points[neighbours(points)]
    winding = np.array([winding_way(start, end, seed) for start, end in ends], dtype=object)
    whole = shapely.union_all(cells).buffer(1)
    shapely.prepare(whole)
    ways = np.where(shapely.covers(whole, winding), winding, shapely.linestrings(ends))
    return list(ways[shapely.covers(whole, ways)])


def _spread(ground: shapely.Geometry, count: int, chance: np.random.Generator) -> Floats:
    """Return a point surely on the ground, and up to `count` at random."""
    west, south, east, north = ground.bounds
    tried = chance.random((count * 20, 2)) * (east - west, north - south) + (west, south)
    inside = tried[shapely.contains_xy(ground, tried)][:count]
    return np.concatenate([shapely.get_coordinates(shapely.point_on_surface(ground)), inside])
