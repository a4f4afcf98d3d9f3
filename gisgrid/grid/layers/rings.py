"""Rings that cross themselves, and specks: what makes a single cell's polygon unusable, and where."""

from typing import Final

import geopandas
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import to_metric
from gisgrid.grid.layers.faults import Fault, area, code_of, length, places_of, title_of
from gisgrid.grid.layers.pieces import Limits, area_of, leftovers, polygon_parts
from gisgrid.grid.layers.place import Geometries

_REASONS: Final = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环碰到自己",
    "Too few points in geometry component": "节点太少",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞中有洞",
    "Nested shells": "部件套叠",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
}
_BRANCHED: Final = 2
"""More than two ends of a border meeting in a point: there it touches or crosses itself."""


def ring_faults(cells: geopandas.GeoDataFrame, limits: Limits) -> list[Fault]:
    """Return the cells whose rings are not valid, with every place; as notes, parts narrower than the tolerance."""
    geometries = np.asarray(cells.geometry, dtype=object)
    valid = shapely.is_valid(geometries)
    faults = [_broken(cells.iloc[row], limits.metric_crs) for row in np.flatnonzero(~valid)]
    for row in np.flatnonzero(valid & (shapely.get_num_geometries(geometries) > 1)):
        faults.extend(_specks(cells.iloc[row], limits))
    return faults


def mended(geometries: Geometries) -> Geometries:
    """Return valid polygons for those that are not, so that the other checks can go on. Never stored."""
    found = geometries.copy()
    for row in np.flatnonzero(~shapely.is_valid(geometries)):
        found[row] = area_of(shapely.make_valid(geometries[row]))
    return found


def _broken(cell: pd.Series, metric_crs: str) -> Fault:
    geometry = cell["geometry"]
    reason, _, position = shapely.is_valid_reason(geometry).rstrip("]").partition("[")
    places = _crossings(geometry)
    if places.is_empty:
        places = shapely.MultiPoint([[float(number) for number in position.split()[:2]]])
    lobes = sorted(shapely.area(to_metric(polygon_parts(shapely.make_valid(geometry)), metric_crs)).tolist())
    cut_off = sum(lobes[:-1])
    zh, count = _REASONS.get(reason.strip(), reason.strip()), len(places.geoms)
    return Fault(
        "ring",
        f"{title_of(cell)} 的环不合规:{zh},{count} 处,切出 {area(cut_off)}",
        f"{title_of(cell)}: a ring is not valid: {reason.strip()}, {places_of(count)}, cutting off {area(cut_off)}",
        "在该处改正节点顺序,去掉打结或重复的边",
        "correct the order of the vertices there; remove the knot or the doubled edge",
        file=cell["file"],
        level=cell["level"],
        codes=(code_of(cell),),
        longitude=float(places.geoms[0].x),
        latitude=float(places.geoms[0].y),
        area_m2=cut_off,
        geometry=places,
    )


def _crossings(geometry: BaseGeometry) -> shapely.MultiPoint:
    """Return where the border of a polygon meets itself."""
    lines = shapely.get_parts(shapely.line_merge(shapely.node(geometry.boundary)))
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    points, meetings = np.unique(ends, axis=0, return_counts=True)
    return shapely.MultiPoint(points[meetings > _BRANCHED])


def _specks(cell: pd.Series, limits: Limits) -> list[Fault]:
    return [
        Fault(
            "speck",
            f"{title_of(cell)} 带有 {length(piece.width_m)} 宽的碎片",
            f"{title_of(cell)} has a stray part {length(piece.width_m)} wide",
            "如非有意,删除该碎片",
            "delete it unless it is meant",
            file=cell["file"],
            level=cell["level"],
            codes=(code_of(cell),),
            longitude=piece.longitude,
            latitude=piece.latitude,
            width_m=piece.width_m,
            area_m2=piece.area_m2,
            geometry=piece.geometry,
            is_note=True,
        )
        for piece in leftovers(cell["geometry"], limits).narrow
    ]
