"""Which places to visit, and in which order, so that the most is gained within a time: the orienteering problem. Pure.

The gains are shaken at random before, so that nobody can tell from outside where the next round goes.
"""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any, Final

from ortools.constraint_solver import pywrapcp
from ortools.constraint_solver.routing_enums_pb2 import FirstSolutionStrategy, LocalSearchMetaheuristic

MOST: Final = 60
"""Candidates at most: so many are solved well within a second."""
SHAKEN: Final = (0.7, 1.3)
FIRST: Final = (
    FirstSolutionStrategy.PATH_CHEAPEST_ARC,
    FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION,
    FirstSolutionStrategy.ALL_UNPERFORMED,
)
"""Where searches begin: none of them is the best for all."""
TRIES: Final = 40
EACH_MS: Final = 300
"""A search ends after so many solutions, always the same ones, and in any case after so long."""
SCALE: Final = 10_000
"""What a gain of one weighs against a second of walking: the shorter way decides between equal gains alone."""

Seconds = Sequence[Sequence[int]]


def shaken(gains: Sequence[float], rng: Random) -> list[float]:
    """Return gains, each changed at random by up to a third."""
    return [gain * rng.uniform(*SHAKEN) for gain in gains]


def best_order(gains: Sequence[float], stays_s: Sequence[int], walk_s: Seconds, time_s: int) -> list[int]:
    """Return which of n places to visit, in order, none twice; it begins at the start and ends anywhere.

    `walk_s`: (n + 1, n + 1) whole seconds of walking, of which row and column 0 are the start. With the stays at all
    places it never takes longer than `time_s`. The same input gives the same answer.
    """
    if not gains:
        return []
    orders = [_searched(gains, stays_s, walk_s, time_s, first) for first in FIRST]
    return max(orders, key=lambda order: (sum(gains[place] for place in order), -_walked(order, walk_s)))


def _walked(order: Sequence[int], walk_s: Seconds) -> int:
    stops = [0, *(place + 1 for place in order)]
    return sum(walk_s[here][there] for here, there in pairwise(stops))


def _searched(gains: Sequence[float], stays_s: Sequence[int], walk_s: Seconds, time_s: int, first: int) -> list[int]:
    end = len(gains) + 1  # a node that costs nothing to reach: it does not matter where the round ends
    nodes = pywrapcp.RoutingIndexManager(end + 1, 1, [0], [end])
    model = pywrapcp.RoutingModel(nodes)
    walks = [*([*row, 0] for row in walk_s), [0] * (end + 1)]
    stays = [0, *stays_s, 0]
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(walks))
    took = [[seconds + stay for seconds in row] for row, stay in zip(walks, stays, strict=True)]
    model.AddDimension(model.RegisterTransitMatrix(took), 0, time_s, True, "time")
    for place, gain in enumerate(gains):
        model.AddDisjunction([nodes.NodeToIndex(place + 1)], max(1, round(gain * SCALE)))
    found = model.SolveWithParameters(_search(first))
    return [] if found is None else _order(model, nodes, found)


def _search(first: int) -> Any:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = first
    search.local_search_metaheuristic = LocalSearchMetaheuristic.TABU_SEARCH
    search.solution_limit = TRIES
    search.time_limit.FromMilliseconds(EACH_MS)
    return search


def _order(model: Any, nodes: Any, found: Any) -> list[int]:
    order, at = [], found.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(at):
        order.append(nodes.IndexToNode(at) - 1)
        at = found.Value(model.NextVar(at))
    return order
