"""Worlds that still nest, but whose borders have spikes a hair wide, near-coincident vertices and tiny islands."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.benchmarks.world import Floats, World, edge_points, edges, nested, substations

Shapes = NDArray[np.object_]
Thorn = Callable[[Floats, Floats, np.random.Generator], Floats]

SPIKES = 30
TWINS = 60
ISLANDS = 24
ROUND = 1 << 16
"""Parts of a degree, 1.6 m: on such coordinates, points can lie on a slanting edge exactly."""


def thorny(seed: int) -> World:
    """Return a world of 22 substations; every seed has other borders, thorns and islands."""
    chance = np.random.default_rng(seed)
    shapes = substations(int(chance.choice([30, 100, 400])), seed)
    if seed % 2:
        shapes = _if_nested(shapely.transform(shapes, lambda xy: np.round(xy * ROUND) / ROUND), shapes)
    for thorn in [spike] * SPIKES + [twins] * TWINS:
        shapes = _if_nested(_bent(shapes, thorn, chance), shapes)
    for _ in range(ISLANDS):
        shapes = _if_nested(_with_island(shapes, chance), shapes)
    return World(f"thorny {seed}", nested(shapes))


def spike(begin: Floats, end: Floats, chance: np.random.Generator) -> Floats:
    """Return three vertices: out from the edge by up to 500 m and back, from a few ulp to a millimetre beside."""
    foot = begin + chance.uniform(0.2, 0.8) * (end - begin)
    along = (end - begin) / np.hypot(*(end - begin))
    across = np.array([-along[1], along[0]]) * chance.choice([-1, 1])
    tip = foot + across * 10 ** chance.uniform(-6, -2.3) + along * chance.uniform(-1e-3, 1e-3)
    width = 10 ** chance.uniform(-13.5, -8)
    return np.array([foot, tip, foot + along * width])


def twins(begin: Floats, end: Floats, chance: np.random.Generator) -> Floats:
    """Return up to four vertices within a few ulp of the edge's beginning or of a place on it."""
    at = begin if chance.random() < 0.5 else begin + chance.random() * (end - begin)
    count = int(chance.integers(1, 5))
    return np.asarray(at + chance.integers(-4, 5, (count, 2)) * np.spacing(at))


def _bent(shapes: Shapes, thorn: Thorn, chance: np.random.Generator) -> Shapes:
    """Give one edge, on both its sides, the further vertices of a thorn."""
    begins, ends = edges(shapes)
    number = int(chance.integers(len(begins)))
    begin, end = begins[number], ends[number]
    between = thorn(begin, end, chance)
    return np.array([_inserted(_inserted(shape, begin, end, between), end, begin, between[::-1]) for shape in shapes])


def _inserted(shape: shapely.Polygon, begin: Floats, end: Floats, between: Floats) -> shapely.Polygon:
    xy = shapely.get_coordinates(shape)
    place = np.flatnonzero((xy[:-1] == begin).all(axis=1) & (xy[1:] == end).all(axis=1))
    return shapely.Polygon(np.insert(xy, place[0] + 1, between, axis=0)) if place.size else shape


def _with_island(shapes: Shapes, chance: np.random.Generator) -> Shapes:
    """Give one cell a tiny piece of its own amid another, or off the coast: from a few ulp to a metre across."""
    size = 10 ** chance.uniform(-13, -5)
    middle = edge_points(shapes, 1, chance)[0] + chance.normal(0, 1, 2) * 10 ** chance.uniform(-12, -2.5)
    turns = np.sort(chance.uniform(0, 2 * np.pi, int(chance.integers(3, 6))))
    island = shapely.Polygon(middle + size * np.column_stack((np.cos(turns), np.sin(turns))))
    owner = int(chance.integers(len(shapes)))
    changed = shapes.copy()
    for host in np.flatnonzero(shapely.covers(shapes, island)):
        changed[host] = _with_hole(shapes[host], island)
    changed[owner] = shapely.multipolygons([*shapely.get_parts(changed[owner]), island])
    return changed


def _with_hole(shape: shapely.Geometry, hole: shapely.Polygon) -> shapely.Geometry:
    """Cut a hole without computing any coordinate anew."""
    parts = [
        shapely.Polygon(part.exterior, [*part.interiors, hole.exterior]) if shapely.covers(part, hole) else part
        for part in shapely.get_parts(shape)
    ]
    return shapely.multipolygons(parts)


def _if_nested(changed: Shapes, before: Shapes) -> Shapes:
    return changed if shapely.is_valid(changed).all() and shapely.coverage_is_valid(changed) else before
