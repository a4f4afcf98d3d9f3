"""Coordinate systems, GeoJSON and metres. Pure. Longitude first, always."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from prcoords import Coords, bd_gcj_bored, gcj_wgs_bored, sanity_in_china_p
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Refused
from gisgrid.settings import read_settings

Floats = NDArray[np.float64]

WGS84: Final = "EPSG:4326"
NAMED_SYSTEM: Final = re.compile(r"[A-Za-z0-9:_. -]{1,60}")
"""A PROJ string or WKT from a stranger could name files to open."""


def _bd_wgs(pair: tuple[float, float]) -> Coords:
    """Undo both of Baidu's shifts; at the border of China a point may lie outside when the first is undone."""
    gcj = bd_gcj_bored(pair)
    return gcj_wgs_bored(gcj) if sanity_in_china_p(gcj) else gcj


RECTIFIED: Final[dict[str, Callable[..., Any]]] = {"gcj02": gcj_wgs_bored, "bd09": _bd_wgs}
"""Map vendors' shifted systems: Amap and Tencent GCJ-02, Baidu BD-09. Undone by iteration, to some millimetres."""


SEVERAL_WAYS: Final = "unavailable until proj_trans is called"
"""What PROJ tells of a transformation that depends on the place."""


class UnknownCrs(Refused):
    """A coordinate system nobody knows."""


def crs_name(name: str) -> str:
    """Return the canonical name of a coordinate system: 'gcj02', 'bd09', or what pyproj understands.

    Raises UnknownCrs.
    """
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if plain in ("", "wgs84", "epsg:4326"):
        return WGS84
    if plain in RECTIFIED:
        return plain
    return _proj_name(_local_system() if plain == "local" else name.strip())


def named_crs(name: str) -> str:
    """Return the canonical name of a coordinate system that a stranger names. Raises UnknownCrs."""
    if not NAMED_SYSTEM.fullmatch(name):
        raise UnknownCrs(
            "应为坐标系名称,如 EPSG:4547、gcj02", "must name a coordinate system, such as EPSG:4547 or gcj02"
        )
    return crs_name(name)


def _local_system() -> str:
    """Return the installation's own system, which has no EPSG code: every input may name it `local`."""
    definition = read_settings().local_crs
    if not definition:
        raise UnknownCrs(
            "没有设定地方坐标系;请把 GISGRID_LOCAL_CRS 设为其 PROJ 字符串",
            "no local coordinate system is set; give GISGRID_LOCAL_CRS its PROJ string",
        )
    return definition


def _proj_name(name: str) -> str:
    found = _found_name(name)
    if found is None:
        shown = ascii(name[:60])
        raise UnknownCrs(
            f"不认识的坐标系 {shown}。可用:EPSG:4326、EPSG:4490、EPSG:4547、gcj02、bd09,或 PROJ 字符串",
            f"unknown coordinate system {shown}; use EPSG:4326, EPSG:4490, EPSG:4547, gcj02, bd09 or a PROJ string",
        )
    return found


@lru_cache(maxsize=256)
def _found_name(name: str) -> str | None:
    """Return how PROJ calls a system, None for one it does not know: to find that out takes it 10 ms and more."""
    try:
        system = CRS.from_user_input(name)
        if not (system.is_geographic or system.is_projected):  # heights alone, or metres from the earth's centre
            raise CRSError(name)
        _transformer(system.to_string(), WGS84)  # the Moon has coordinates too
        return system.to_string()
    except (ProjError, UnicodeEncodeError):
        return None


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    found = Transformer.from_crs(source, target, always_xy=True)
    if found.definition == SEVERAL_WAYS:
        return found
    # pyproj makes it anew for every thread: from the database of PROJ in 150 ms, from the one way found there in 1 ms
    return Transformer.from_pipeline(found.definition)


def to_wgs84(x: ArrayLike, y: ArrayLike, crs: str = WGS84) -> tuple[Floats, Floats]:
    """Turn coordinates of any system into longitude and latitude in degrees, same shape.

    WGS 84 comes back bit for bit. What cannot be transformed becomes NaN or infinite, never an error.
    Raises UnknownCrs.
    """
    name = crs_name(crs)
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if name == WGS84:
        return x, y
    if name in RECTIFIED:
        return _rectify(x, y, RECTIFIED[name])
    longitude, latitude = _transformer(name, WGS84).transform(x, y)
    return np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)


def _rectify(x: Floats, y: Floats, undo: Callable[..., Any]) -> tuple[Floats, Floats]:
    # the shift exists in China only; elsewhere vendors' coordinates are WGS 84 (bounds as in prcoords)
    shifted = (x >= 72.004) & (x <= 137.8347) & (y >= 0.8293) & (y <= 55.8271)
    longitude, latitude = x.copy(), y.copy()
    pairs = [undo((lat, lon)) for lon, lat in zip(x[shifted].tolist(), y[shifted].tolist(), strict=True)]
    latitude[shifted] = [pair.lat for pair in pairs]
    longitude[shifted] = [pair.lon for pair in pairs]
    return longitude, latitude


def geometries_to_wgs84(geometries: ArrayLike, crs: str) -> NDArray[np.object_]:
    """Return shapely geometries in WGS 84, two-dimensional. Raises UnknownCrs."""
    flat = shapely.force_2d(np.asarray(geometries, dtype=object))
    if crs_name(crs) == WGS84:
        return np.asarray(flat, dtype=object)
    return np.asarray(shapely.transform(flat, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs))))


def to_metric(geometries: Any, metric_crs: str) -> Any:
    """Project WGS 84 geometries (one, or an array) to metres."""
    return _projected(geometries, WGS84, metric_crs)


def from_metric(geometries: Any, metric_crs: str) -> Any:
    """Bring projected geometries (one, or an array) back to WGS 84."""
    return _projected(geometries, metric_crs, WGS84)


def points_to_metric(longitude: ArrayLike, latitude: ArrayLike, metric_crs: str) -> tuple[Floats, Floats]:
    """Project longitudes and latitudes to metres; same shape."""
    x, y = _transformer(WGS84, metric_crs).transform(np.asarray(longitude, float), np.asarray(latitude, float))
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _projected(geometries: Any, source: str, target: str) -> Any:
    transformer = _transformer(source, target)
    return shapely.transform(geometries, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def is_on_earth(longitude: float, latitude: float) -> bool:
    """Tell whether both are finite and within ±180 and ±90 degrees."""
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def feature(
    geometry: BaseGeometry | None, properties: dict[str, Any], identifier: int | str | None = None
) -> dict[str, Any]:
    """Return a GeoJSON Feature (RFC 7946); coordinates keep every digit."""
    made: dict[str, Any] = {"type": "Feature"}
    if identifier is not None:
        made["id"] = identifier
    made["geometry"] = None if geometry is None else shapely.geometry.mapping(geometry)
    made["properties"] = properties
    return made


def label_place(shape: BaseGeometry, decimals: int) -> tuple[shapely.Point, float]:
    """Return the point of a (multi)polygon farthest from its edges, and that distance; bears invalid rings."""
    parts = shapely.get_parts(shape if shape.is_valid else shapely.make_valid(shape))
    largest = max(parts, key=lambda part: part.area)
    if largest.geom_type != "Polygon":
        return shapely.Point(largest.representative_point()), 0.0
    circle = shapely.maximum_inscribed_circle(largest, tolerance=1e-4)
    return shapely.Point(circle.coords[0]), round(circle.length, decimals)
