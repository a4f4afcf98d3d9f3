"""The polygons of a layer's rows, and the rows that have none."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.pieces import area_of
from gisgrid.grid.layers.place import Geometries, area_of_use
from gisgrid.grid.layers.read import RawLayer


def areas(raw: RawLayer, cells: pd.DataFrame, faults: list[Fault]) -> Geometries:
    """Return (Multi)Polygons, and None where a row has no usable one; what is wrong joins `faults`."""
    found = np.empty(len(cells), dtype=object)
    for row, (geometry, code, number) in enumerate(
        zip(raw.frame["geometry"], cells["code"], cells["row"], strict=True)
    ):
        found[row], words_of_it = _area(geometry)
        if words_of_it is not None:
            faults.append(_unusable(code or f"#{number}", raw.source.label, *words_of_it))
    return found


def _unusable(code: str, label: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Fault:
    return Fault("geometry", f"{code} {zh}", f"{code}: {en}", remedy_zh, remedy_en, file=label, codes=(code,))


def _area(geometry: BaseGeometry | None) -> tuple[BaseGeometry | None, tuple[str, str, str, str] | None]:
    """Return the area of one row, or None and what is wrong with it (zh, en, remedies)."""
    if geometry is None:
        return None, (
            "没有几何,或环不闭合、不足四点",
            "no geometry, or a ring that is not closed or has fewer than four points",
            "补画该网格",
            "draw the cell",
        )
    if shapely.is_empty(geometry):
        return None, ("几何为空", "its geometry is empty", "补画或删除该行", "draw it or delete the row")
    parts = shapely.get_parts(geometry)
    if not all(part.geom_type == "Polygon" for part in parts):
        kind = geometry.geom_type
        return None, (
            f"不是面,而是 {kind}",
            f"not a polygon but a {kind}",
            "改为面,或删除该行",
            "make it a polygon, or delete the row",
        )
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None, ("坐标不是有限数", "a coordinate is not a finite number", "重新导出", "export it again")
    return (area_of(geometry) if geometry.geom_type == "GeometryCollection" else geometry), None


def strays(cells: pd.DataFrame, metric_crs: str) -> list[Fault]:
    """Return the cells that reach beyond where the metric system measures well: a wild vertex, mostly."""
    home = area_of_use(metric_crs)
    bounds = shapely.bounds(np.asarray(cells["geometry"], dtype=object))
    out = (
        (bounds[:, 0] < home.west)
        | (bounds[:, 1] < home.south)
        | (bounds[:, 2] > home.east)
        | (bounds[:, 3] > home.north)
    )
    return [_stray(cells.iloc[row], bounds[row]) for row in np.flatnonzero(out)]


def _stray(cell: pd.Series, bounds: NDArray[np.float64]) -> Fault:
    west, south, east, north = (f"{value:.4f}" for value in bounds)
    wide = bounds[2] - bounds[0] > 180
    return Fault(
        "place",
        f"网格从 {west}, {south} 伸到 {east}, {north}" + (",跨越 180° 经线" if wide else ",远离本地"),
        f"the cell reaches from {west}, {south} to {east}, {north}"
        + (", across the antimeridian" if wide else ", far from here"),
        "不支持跨 180° 经线的网格" if wide else "找出并改正飞点",
        "a grid across the antimeridian is not supported" if wide else "find the wild vertex and correct it",
        file=cell["file"],
        level=cell["level"],
        codes=(cell["code"] or f"#{cell['row']}",),
        longitude=float(bounds[0]),
        latitude=float(bounds[1]),
    )
