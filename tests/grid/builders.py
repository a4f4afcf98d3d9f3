"""A small exact grid for mental arithmetic: substations are squares of a kilometre, corner on a round coordinate."""

from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.geometry import WGS84, from_metric, to_metric

METRIC = "EPSG:4547"
STREET = "440307009"
WEST, NORTH, SIDE = 500_000, 2_506_000, 1000
"""Metres of EPSG:4547; the north-west corner lies on 114° E."""


def nested_squares(communities: int = 3, columns: int = 2, rows: int = 1) -> geopandas.GeoDataFrame:
    """One street, communities side by side from west to east, each of `columns` × `rows` substations.

    Codes run west to east, then north to south. Columns as everywhere; EPSG:4326; sorted by code.
    """
    cells = []
    for number in range(communities):
        parent = f"{STREET}{number + 1:03}"
        squares = [_square(number * columns + column, row) for row in range(rows) for column in range(columns)]
        for index, square in enumerate(squares):
            cells.append(("substation", f"{parent}{index + 1:03}", f"分站{number + 1}-{index + 1}", parent, square))
        cells.append(("community", parent, f"社区{number + 1}", STREET, shapely.coverage_union_all(squares)))
    outline = shapely.coverage_union_all([cell[4] for cell in cells if cell[0] == "substation"])
    cells.append(("street", STREET, "葵涌街道", None, outline))
    frame = pd.DataFrame(cells, columns=["level", "code", "name", "parent_code", "geometry"], dtype=object)
    frame = frame.sort_values("code", ignore_index=True).assign(is_illustrative=False)
    return geopandas.GeoDataFrame(frame, geometry="geometry", crs=WGS84)


def _square(column: int, row: int) -> BaseGeometry:
    west, north = WEST + column * SIDE, NORTH - row * SIDE
    return from_metric(shapely.box(west, north - SIDE, west + SIDE, north), METRIC)


def only(cells: geopandas.GeoDataFrame, level: str) -> geopandas.GeoDataFrame:
    """The cells of one level."""
    return cells[cells["level"] == level].reset_index(drop=True)


def changed(
    cells: geopandas.GeoDataFrame, code: str, change: Callable[[BaseGeometry], BaseGeometry]
) -> geopandas.GeoDataFrame:
    """The cells with one shape changed; `change` works in metres from the north-west corner, x east, y north."""
    corner = np.array([WEST, NORTH])
    shape = to_metric(cells.loc[cells["code"] == code, "geometry"].iloc[0], METRIC)
    moved = change(shapely.transform(shape, lambda xy: np.round(xy - corner, 6)))
    there = from_metric(shapely.transform(moved, lambda xy: xy + corner), METRIC)
    geometry = [there if own == code else old for own, old in zip(cells["code"], cells.geometry, strict=True)]
    return cells.assign(geometry=geometry).set_crs(WGS84)


def replaced(code: str, shape: BaseGeometry) -> Callable[[geopandas.GeoDataFrame], geopandas.GeoDataFrame]:
    """A change that gives one cell another shape, in metres from the north-west corner."""
    return lambda cells: changed(cells, code, lambda _: shape)


def write_levels(cells: geopandas.GeoDataFrame, folder: Path, suffix: str, crs: str = WGS84) -> list[str]:
    """Write one file per level, as other programs do, and return their paths. Suffix: .geojson, .gpkg, .shp, .kml…"""
    paths = []
    for level in cells["level"].unique():
        path = folder / f"{level}{suffix}"
        layer = only(cells, level)[["code", "name", "parent_code", "geometry"]].to_crs(crs)
        layer = layer.rename(columns={"parent_code": "parent"})  # a Shapefile's names have ten letters
        if suffix == ".parquet":
            layer.to_parquet(path)
        elif suffix == ".kml":
            layer.to_file(path, driver="LIBKML")
        else:
            layer.to_file(path)
        paths.append(str(path))
    return paths


def write_gbk_shapefile(cells: geopandas.GeoDataFrame, path: Path, crs: str = METRIC) -> Path:
    """Write a Shapefile as older Chinese programs do: GBK names and values, and nothing that says so."""
    columns = {"code": "编码", "name": "名称", "parent_code": "上级编码"}
    layer = cells[[*columns, "geometry"]].rename(columns=columns).to_crs(crs)
    layer.to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


def densified(cells: geopandas.GeoDataFrame, pieces: int) -> geopandas.GeoDataFrame:
    """Each edge cut into crooked pieces, the same ones for both cells that share it: as nested as before, and larger.

    Lakes are left out.
    """

    def ring(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.vstack([*map(_crooked, corners[:-1], corners[1:], repeat(pieces)), corners[:1]])

    shapes = [shapely.Polygon(ring(shapely.get_coordinates(shape.exterior))) for shape in cells.geometry]
    return cells.assign(geometry=shapes).set_crs(cells.crs)


def _crooked(start: NDArray[np.float64], end: NDArray[np.float64], pieces: int) -> NDArray[np.float64]:
    low, high = sorted([start.tolist(), end.tolist()])
    along = np.subtract(high, low)
    numbers = np.random.default_rng(abs(hash((*low, *high))))
    aside = np.append(0, numbers.uniform(-0.002, 0.002, pieces - 1))
    points = np.array(low) + np.outer(np.arange(pieces) / pieces, along) + np.outer(aside, [-along[1], along[0]])
    whole = np.vstack([points, high])
    return whole[:-1] if low == start.tolist() else whole[:0:-1]
