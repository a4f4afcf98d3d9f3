"""The sample's cells: one street, nine communities, twenty-two substations, nested vertex by vertex.

The ground is cut into some hundreds of small catchments; each goes to the substation nearest on bent
ground, so that borders follow catchments as real ones follow ridges and streams. Lines are cut
into short pieces once, then the whole plane is bent and rounded: both sides of a border keep the same vertices.
Parents are dissolved from their children, which moves nothing.
"""

import random
from collections.abc import Sequence
from functools import cache
from typing import Final

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import WGS84, Floats, from_metric
from gisgrid.sample.figures import METRIC_CRS, cell_figures, outline_figures, places, station_figures
from gisgrid.sample.winding import PIECE_M, Octave, wind

SEED: Final = 18
CATCHMENT_M: Final = 450
SIMPLER_M: Final = 6
DECIMALS: Final = 7
"""About a centimetre; every coordinate is rounded once, after which nothing computes a new one."""
BENDS: Final = (Octave(900, 200), Octave(450, 105), Octave(220, 52), Octave(110, 26), Octave(60, 14))
RELIEF: Final = (Octave(3000, 700), Octave(1500, 350))
"""How far the nearest-substation rule is bent by hills: it moves borders, never the outline."""

NOTE: Final = {
    "street": "名称、代码真实；形状为示意，非测绘成果 / real name and code; shape illustrative, not surveyed",
    "community": "名称、代码真实；形状为示意，非测绘成果 / real name and code; shape illustrative, not surveyed",
    "substation": "名称、代码、形状均为示意 / name, code and shape illustrative",
}
NOTE_RECORDED: Final = "名称有据可查；代码、归属、形状为示意 / name on record; code, community and shape illustrative"
RECORDED_NAME: Final = "石下工作分站"


def sample_cells() -> geopandas.GeoDataFrame:
    """Return the sample grid: level, code, name, parent_code, is_illustrative, note, geometry (Polygon).

    EPSG:4326, sorted by code. `is_illustrative` is true throughout: every shape is invented.
    """
    return _cells().copy()


@cache
def _cells() -> geopandas.GeoDataFrame:
    figures = cell_figures()
    shapes = _nested(figures, dict(zip(station_figures()["code"], _substations(), strict=True)))
    notes = [NOTE_RECORDED if name == RECORDED_NAME else NOTE[level] for level, name in _named(figures)]
    frame = figures[["level", "code", "name", "parent_code"]].assign(
        parent_code=figures["parent_code"].astype(object).where(figures["parent_code"].notna(), None),
        is_illustrative=True,
        note=notes,
        geometry=[shapes[code] for code in figures["code"]],
    )
    return geopandas.GeoDataFrame(frame, geometry="geometry", crs=WGS84).sort_values("code", ignore_index=True)


def _named(figures: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(figures["level"], figures["name"], strict=True))


def _nested(figures: pd.DataFrame, shapes: dict[str, shapely.Polygon]) -> dict[str, shapely.Polygon]:
    """Add to the substations' shapes those of their parents, level by level upwards."""
    for level in ("community", "street"):
        for code in figures.loc[figures["level"] == level, "code"]:
            children = figures.loc[figures["parent_code"] == code, "code"]
            shapes[code] = _tidy(shapely.coverage_union_all([shapes[child] for child in children]))
    return shapes


def _substations() -> NDArray[np.object_]:
    """Return the twenty-two polygons in the order of the figures, in degrees."""
    catchments = _catchments()
    owners = _nearest_station(shapely.get_coordinates(shapely.point_on_surface(catchments)))
    cells = [shapely.coverage_union_all(catchments[owners == number]) for number in range(len(station_figures()))]
    bent = shapely.transform(np.array(cells), lambda xy: wind(xy, BENDS, SEED))
    degrees = from_metric(shapely.coverage_simplify(bent, SIMPLER_M), METRIC_CRS)
    return np.array([_tidy(cell) for cell in shapely.transform(degrees, lambda xy: np.round(xy, DECIMALS))])


def _catchments() -> NDArray[np.object_]:
    """Cut the ground within the outline into small cells whose lines are already in short pieces."""
    outline = shapely.Polygon(places(outline_figures()))
    springs = shapely.multipoints(_springs(outline.bounds))
    ridges = shapely.voronoi_polygons(springs, extend_to=outline.envelope, only_edges=True)
    lines = shapely.segmentize(shapely.union_all([ridges, outline.boundary]), PIECE_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return np.asarray(faces[shapely.covers(outline, shapely.point_on_surface(faces))])


def _springs(bounds: Sequence[float]) -> list[tuple[float, float]]:
    """Points of a triangular lattice, each moved at random, over the bounds and a margin."""
    chance = random.Random(SEED)  # noqa: S311 - a drawing, nothing secret
    west, south, east, north = bounds
    points = []
    for row in range(-2, int((north - south) / (CATCHMENT_M * 0.87)) + 3):
        for column in range(-2, int((east - west) / CATCHMENT_M) + 3):
            x = west + (column + row % 2 / 2 + 0.9 * (chance.random() - 0.5)) * CATCHMENT_M
            y = south + (row * 0.87 + 0.9 * (chance.random() - 0.5)) * CATCHMENT_M
            points.append((x, y))
    return points


def _nearest_station(points: Floats) -> NDArray[np.intp]:
    """Return for each point (n, 2) the number of the station that is nearest, by distance over pull."""
    stations = station_figures()
    ground, seats = wind(points, RELIEF, SEED), wind(places(stations), RELIEF, SEED)
    away = ground[:, None, :] - seats[None, :, :]
    return np.asarray(np.argmin((away**2).sum(axis=2) / stations["pull"].to_numpy() ** 2, axis=1))


def _tidy(shape: shapely.Polygon) -> shapely.Polygon:
    """The same polygon with one fixed first vertex, outer ring counter-clockwise (RFC 7946)."""
    return shapely.orient_polygons(shapely.normalize(shape))
