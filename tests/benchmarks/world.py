"""A street of 1, 9 and 22 cells with winding shared borders, and the points of people who walk there. Seeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import WGS84
from gisgrid.sample.winding import Octave, wind

Floats = NDArray[np.float64]

SIZE_M: Final = (12_000.0, 8_600.0)
CORNER: Final = (114.36, 22.60)
DEGREES_PER_M: Final = (1 / 102_760, 1 / 110_750)
"""Flat: what matters here is that equal metres become equal degrees, bit for bit."""

STREET: Final = "990000001"
CHILDREN: Final = (3, 3, 3, 3, 2, 2, 2, 2, 2)
ROWS_OF_SEEDS: Final = (6, 5, 6, 5)
OCTAVES: Final = tuple(
    Octave(spacing, spacing * 0.22) for spacing in (1600.0, 800.0, 400.0, 200.0, 100.0, 50.0, 25.0, 12.0)
)

PEOPLE: Final = 400
STEP_M: Final = 12.0
JITTER_M: Final = 5.0
NEAR_M: Final = 15.0
AROUND_M: Final = 2000.0
SHARES: Final = (0.90, 0.05, 0.05)
"""Of the points: along walks, within NEAR_M of a border, outside."""


@dataclass(frozen=True)
class World:
    """`cells` as everywhere: sorted by code, level, code, name, parent_code, is_illustrative, geometry; EPSG:4326."""

    name: str
    cells: geopandas.GeoDataFrame


def street(name: str, vertices: int, seed: int) -> World:
    """Return a world whose substations have about so many vertices each."""
    return World(name, nested(substations(vertices, seed)))


def substations(vertices: int, seed: int) -> NDArray[np.object_]:
    """Return the 22 polygons in degrees, in an order in which neighbours in the list are neighbours on the ground."""
    seeds = _seeds(np.random.default_rng(seed))
    outline = shapely.box(0, 0, *SIZE_M)
    ridges = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=outline, only_edges=True)
    straight = shapely.union_all([shapely.intersection(ridges, outline), outline.boundary])
    # a border counts for the cells on both its sides, the outline for one
    piece_m = (2 * straight.length - outline.length) / len(seeds) / vertices
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.segmentize(straight, piece_m))))
    # the tree's answer is (number of the seed, number of the face), in the order of the seeds
    faces = faces[shapely.STRtree(faces).query(shapely.points(seeds), predicate="intersects")[1]]
    bends = [octave for octave in OCTAVES if octave.spacing_m >= 4 * piece_m]
    return np.asarray(shapely.transform(faces, lambda xy: degrees(wind(xy, bends, seed))))


def degrees(metres: Floats) -> Floats:
    """Return longitudes and latitudes (n, 2) of metres east and north of the corner (n, 2)."""
    return np.asarray(metres * DEGREES_PER_M + CORNER)


def nested(shapes: Sequence[shapely.Geometry] | NDArray[np.object_]) -> geopandas.GeoDataFrame:
    """Return the cells of 22 substations, their communities and their street."""
    rows, done = [], 0
    for number, children in enumerate(CHILDREN, start=1):
        community = f"{STREET}{number:03}"
        own = shapes[done : done + children]
        done += children
        rows += [("substation", f"{community}{index:03}", community, shape) for index, shape in enumerate(own, start=1)]
        rows.append(("community", community, STREET, shapely.coverage_union_all(own)))
    rows.append(("street", STREET, None, shapely.coverage_union_all(shapes)))
    frame = pd.DataFrame(rows, columns=["level", "code", "parent_code", "geometry"], dtype=object)
    frame = frame.assign(name=frame["code"], is_illustrative=True).sort_values("code", ignore_index=True)
    return geopandas.GeoDataFrame(frame, geometry="geometry", crs=WGS84)


def only(cells: geopandas.GeoDataFrame, level: str) -> NDArray[np.object_]:
    """Return the polygons of one level in the order of their codes."""
    return np.asarray(cells.geometry[cells["level"] == level].to_numpy())


def _seeds(chance: np.random.Generator) -> Floats:
    """Twenty-two places in staggered rows, forth and back, each moved at random."""
    width, height = SIZE_M[0] / max(ROWS_OF_SEEDS), SIZE_M[1] / len(ROWS_OF_SEEDS)
    places: list[tuple[float, float]] = []
    for row, count in enumerate(ROWS_OF_SEEDS):
        indent = (SIZE_M[0] - count * width) / 2
        line = [(indent + (column + 0.5) * width, (row + 0.5) * height) for column in range(count)]
        places += line if row % 2 == 0 else line[::-1]
    return np.array(places) + chance.uniform(-0.28, 0.28, (len(places), 2)) * (width, height)


def points(world: World, count: int, seed: int) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of `count` points in the order of arrival: all people report in turn."""
    chance = np.random.default_rng(seed)
    polygons = only(world.cells, "substation")
    kind = np.searchsorted(np.cumsum(SHARES[:-1]), chance.random(count), side="right")
    walking, near, outside = np.bincount(kind, minlength=len(SHARES)).tolist()
    placed = np.empty((count, 2))
    placed[kind == 0] = _walks(walking, chance)
    placed[kind == 1] = _near_borders(polygons, near, chance)
    placed[kind == 2] = _outside(shapely.union_all(polygons), outside, chance)
    return np.ascontiguousarray(placed[:, 0]), np.ascontiguousarray(placed[:, 1])


def _walks(count: int, chance: np.random.Generator) -> Floats:
    """Steps of one length whose heading drifts, turned back at the edge of the ground."""
    steps = -(-count // PEOPLE)
    margin = OCTAVES[0].reach_m
    heading = np.cumsum(chance.normal(0, 0.25, (steps, PEOPLE)), axis=0)
    metres = np.empty((steps, PEOPLE, 2))
    for axis, along in enumerate((np.cos, np.sin)):
        inner = SIZE_M[axis] - 2 * margin
        away = chance.uniform(0, inner, PEOPLE) + np.cumsum(STEP_M * along(heading), axis=0)
        metres[..., axis] = margin + inner - np.abs(away % (2 * inner) - inner)
    return degrees(metres.reshape(-1, 2)[:count] + chance.normal(0, JITTER_M, (count, 2)))


def _near_borders(polygons: NDArray[np.object_], count: int, chance: np.random.Generator) -> Floats:
    on_edges = edge_points(polygons, count, chance)
    angle, radius = chance.uniform(0, 2 * np.pi, count), NEAR_M * np.sqrt(chance.random(count))
    return on_edges + np.column_stack((np.cos(angle), np.sin(angle))) * radius[:, None] * DEGREES_PER_M


def edges(polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return the beginnings and ends (n, 2) of all edges of all rings."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return xy[:-1][joined], xy[1:][joined]


def edge_points(polygons: NDArray[np.object_], count: int, chance: np.random.Generator) -> Floats:
    """Return points (count, 2) computed on edges, long edges more often than short ones."""
    begin, end = edges(polygons)
    reached = np.cumsum(np.hypot(*(end - begin).T))
    chosen = np.minimum(np.searchsorted(reached, chance.uniform(0, reached[-1], count)), len(begin) - 1)
    return begin[chosen] + chance.random((count, 1)) * (end[chosen] - begin[chosen])


def _outside(whole: shapely.Geometry, count: int, chance: np.random.Generator) -> Floats:
    shapely.prepare(whole)
    west, south, east, north = whole.bounds
    around = AROUND_M * np.array(DEGREES_PER_M)
    found = np.empty((0, 2))
    while len(found) < count:
        tried = chance.uniform((west, south) - around, np.add((east, north), around), (count + 1000, 2))
        found = np.concatenate((found, tried[~shapely.intersects_xy(whole, tried)]))
    return found[:count]
