"""How far it is to walk between places: along ways where there are some, else straight with a detour. Pure."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

Floats = NDArray[np.float64]
Line = list[tuple[float, float]]

STEP_M: Final = 25.0
"""Ways are joined from points this close along them."""
JOIN_M: Final = 1.0
"""Ways meet where their points fall into the same square of this side: a crossing is a point of both."""


class Network(NamedTuple):
    """Points of ways, (n, 2) metres, and the metres between those that follow one another."""

    points: Floats
    lengths: Any


class Walks(NamedTuple):
    """Metres of walking between n places, (n, n), and along which lines; `is_by_ways`: whether some way leads there."""

    metres: Floats
    places: Floats
    network: Network | None
    is_straight: NDArray[np.bool_]
    nodes: NDArray[np.int64]
    before: NDArray[np.int64]

    @property
    def is_by_ways(self) -> bool:
        """Whether there are ways at all."""
        return self.network is not None

    def line(self, here: int, there: int) -> Line:
        """Return the line that is walked from one place to another, in metres, both of them included."""
        middle: list[Any] = []
        if self.network is not None and not self.is_straight[here, there]:
            at = int(self.nodes[there])
            steps = [at]
            while (at := int(self.before[here, at])) >= 0:
                steps.append(at)
            middle = self.network.points[steps[::-1]].tolist()
        return [tuple(point) for point in (self.places[here].tolist(), *middle, self.places[there].tolist())]


def network_of(lines: Sequence[Floats]) -> Network | None:
    """Return the network that lines, each (k, 2) metres, make together; None for none."""
    fine = [shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), STEP_M)) for line in lines]
    if not fine:
        return None
    every = np.concatenate(fine)
    squares = np.floor(every / JOIN_M).astype(np.int64)
    _, first, node = np.unique(squares, axis=0, return_index=True, return_inverse=True)
    points, node = every[first], node.ravel()
    ends = np.cumsum([len(line) for line in fine])
    follows = np.setdiff1d(np.arange(len(every) - 1), ends - 1)
    pairs = np.unique(np.sort(np.column_stack([node[follows], node[follows + 1]]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    metres = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    return Network(points, csr_array((metres, (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points))))


def walks_between(places: Floats, network: Network | None, detour: float, most_m: float) -> Walks:
    """Return how far it is to walk between places, (n, 2) metres.

    A place reaches the nearest point of a way straight, with the detour. What no way joins within `most_m`, and what
    lies nearer than the ways do, is walked straight, with the detour.
    """
    straight = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1)) * detour
    if network is None:
        none = np.empty((0, 0), dtype=np.int64)
        return Walks(straight, places, None, np.ones_like(straight, dtype=bool), none.ravel(), none)
    off, nodes = KDTree(network.points).query(places)
    along, before = dijkstra(network.lengths, directed=False, indices=nodes, limit=most_m, return_predecessors=True)
    off = off * detour
    metres = along[:, nodes] + off[:, None] + off[None, :]
    is_straight = ~np.isfinite(metres) | (straight <= off[:, None] + off[None, :])
    walked = np.where(is_straight, straight, metres)
    np.fill_diagonal(walked, 0.0)
    return Walks(
        walked, places, network, is_straight, np.asarray(nodes, dtype=np.int64), np.asarray(before, dtype=np.int64)
    )
