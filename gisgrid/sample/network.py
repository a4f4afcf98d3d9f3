"""A net of ways that can be walked: crossings, and the ways between them. Pure, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.errors import Refused
from gisgrid.geometry import Floats

SNAP_M: Final = 4
"""Ways that pass each other within this distance meet."""
SMALLEST_NET_M: Final = 2000


class NoWays(Refused):
    """There is nothing to walk on."""


class Step(NamedTuple):
    """One way from a crossing: which it is, where it leads, and its points (n, 2) in walking order."""

    way: int
    end: int
    length_m: float
    points: Floats


@dataclass(frozen=True)
class Network:
    """Crossings (n, 2) and the steps from each of them, at least one; not all need hang together."""

    crossings: Floats
    steps: list[list[Step]]

    def nearest(self, points: Floats) -> NDArray[np.intp]:
        """Return the numbers of the crossings nearest to points (k, 2)."""
        tree = shapely.STRtree(shapely.points(self.crossings))
        return np.asarray(tree.query_nearest(shapely.points(points), all_matches=False)[1])

    def towards(self, target: int) -> list[Step | None]:
        """Return, for each crossing, the first step of the shortest way to the target.

        None at the target itself, and where no way leads there.
        """
        first: list[Step | None] = [None] * len(self.steps)
        length = [float("inf")] * len(self.steps)
        length[target] = 0.0
        queue = [(0.0, target)]
        while queue:
            reached, here = heappop(queue)
            if reached > length[here]:
                continue
            for step in self.steps[here]:
                if (away := reached + step.length_m) < length[step.end]:
                    length[step.end] = away
                    first[step.end] = Step(step.way, here, step.length_m, step.points[::-1])
                    heappush(queue, (away, step.end))
        return first


def network(lines: Sequence[shapely.LineString] | NDArray[np.object_]) -> Network:
    """Join lines where they meet or cross; what hangs together over no great length is left out. Raises NoWays."""
    pieces = shapely.get_parts(shapely.line_merge(shapely.union_all(np.asarray(lines, dtype=object), grid_size=SNAP_M)))
    if len(pieces) == 0:
        raise NoWays("没有可走的道路,无法模拟巡逻", "there are no ways to walk on, so no patrols can be simulated")
    ends = np.concatenate((shapely.get_coordinates(shapely.get_point(pieces, 0)), _last(pieces)))
    crossings, number = np.unique(ends, axis=0, return_inverse=True)
    starts, stops = number.reshape(2, -1)
    kept = _worth_walking(starts, stops, shapely.length(pieces))
    places, renumbered = np.unique(np.concatenate((starts[kept], stops[kept])), return_inverse=True)
    steps: list[list[Step]] = [[] for _ in places]
    for way, (start, stop) in enumerate(renumbered.reshape(2, -1).T.tolist()):
        piece = pieces[kept[way]]
        points = shapely.get_coordinates(piece)
        steps[start].append(Step(way, stop, piece.length, points))
        steps[stop].append(Step(way, start, piece.length, points[::-1]))
    return Network(crossings[places], steps)


def _last(pieces: NDArray[np.object_]) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.get_point(pieces, -1)))


def _worth_walking(starts: NDArray[np.intp], stops: NDArray[np.intp], length: Floats) -> NDArray[np.intp]:
    """Return the numbers of the ways that belong to a net of some length, or to the longest one."""
    label = np.arange(int(max(starts.max(), stops.max())) + 1)
    while True:
        lowest = np.minimum(label[starts], label[stops])
        before = label.copy()
        np.minimum.at(label, starts, lowest)
        np.minimum.at(label, stops, lowest)
        label = label[label]
        if (label == before).all():
            break
    total = np.bincount(label[starts], weights=length)
    return np.flatnonzero(total[label[starts]] >= min(SMALLEST_NET_M, total.max()))
