"""Where a raw layer lies: its coordinate system, turned into WGS 84, and whether it lies where it can."""

import math
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gisgrid.geometry import geometries_to_wgs84, to_wgs84
from gisgrid.grid.layers.faults import Fault, Unusable
from gisgrid.grid.layers.read import RawLayer, usable_crs

Geometries = NDArray[np.object_]

_MARGIN: Final = 1.0
"""Degrees. An area of use is a rough box; a grid at its edge is measured well enough."""


class Frame(NamedTuple):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, longitude: float, latitude: float) -> bool:
        """Tell whether a position lies in the box; NaN lies nowhere."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


WORLD: Final = Frame(-180, -90, 180, 90)


def area_of_use(metric_crs: str) -> Frame:
    """Return where a system measures well, a degree wider; the world where it does not say."""
    area = CRS.from_user_input(metric_crs).area_of_use
    if area is None:
        return WORLD
    return Frame(area.west - _MARGIN, area.south - _MARGIN, area.east + _MARGIN, area.north + _MARGIN)


def placed(raw: RawLayer, geometries: Geometries, crs: str | None, metric_crs: str) -> Geometries:
    """Return a layer's geometries in WGS 84, longitude first, two-dimensional.

    `crs` overrides what the file declares. The layer must lie where the metric system may be used, else its areas and
    distances would be wrong. Raises Unusable, UnknownCrs.
    """
    system = crs or (raw.crs if raw.crs and usable_crs(raw.crs) else None)
    if system is None:
        raise _undeclared(raw.source.label)
    there = geometries_to_wgs84(geometries, system)
    bounds = shapely.bounds(geometries)
    if np.isfinite(bounds).any():
        middle = np.nanmedian((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
        _judge(float(middle[0]), float(middle[1]), system, metric_crs, _Words(raw, crs))
    return there


class _Words(NamedTuple):
    """What an error needs to say of the layer."""

    raw: RawLayer
    crs: str | None

    @property
    def system(self) -> str:
        return self.crs or self.raw.declared

    @property
    def rows(self) -> str:
        return f"{len(self.raw.frame)} 行 rows"


def _judge(x: float, y: float, system: str, metric_crs: str, words: _Words) -> None:
    home = area_of_use(metric_crs)
    longitude, latitude = _position(x, y, system)
    if home.holds(longitude, latitude):
        return
    if home.holds(*_position(y, x, system)):
        raise _swapped(x, y, _position(y, x, system), words)
    if not WORLD.holds(longitude, latitude):
        raise _no_coordinate(x, y, words)
    raise _elsewhere(longitude, latitude, metric_crs, words)


def _position(x: float, y: float, system: str) -> tuple[float, float]:
    longitude, latitude = to_wgs84(np.array([x]), np.array([y]), system)
    return float(longitude[0]), float(latitude[0])


def fitting_system(longitude: float, latitude: float) -> str:
    """Return a metric system that measures well at a position: a 3-degree zone of CGCS2000 in China, else UTM.

    EPSG:4534 is the zone with the central meridian 75° E and no prefix, EPSG:4554 that of 135° E; EPSG:32601 to 32660
    are the zones of UTM in the north, EPSG:32701 to 32760 in the south.
    """
    zone = math.floor((longitude - 75) / 3 + 0.5)
    if 0 <= zone <= 20 and 3 <= latitude <= 54:
        return f"EPSG:{4534 + zone}"
    return f"EPSG:{(32601 if latitude >= 0 else 32701) + math.floor((longitude + 180) / 6) % 60}"


def _undeclared(label: str) -> Unusable:
    return Unusable(
        Fault(
            "crs",
            "文件没有声明坐标系",
            "the file does not declare its coordinate system",
            "用 --crs 指明,如 EPSG:4547、EPSG:4490、gcj02、bd09;或补上 .prj 文件",
            "name it: --crs EPSG:4547, EPSG:4490, gcj02 or bd09; or add the .prj file",
            file=label,
        )
    )


def _swapped(x: float, y: float, really: tuple[float, float], words: _Words) -> Unusable:
    return Unusable(
        Fault(
            "place",
            f"坐标轴颠倒:图层中部 x={x:.8g}、y={y:.8g},对调后才落在本地",
            f"the axes are swapped: its middle is x={x:.8g}, y={y:.8g}, and lies here only when they trade places",
            "在 GIS 软件里对调 x、y(经度在前)后重新导出",
            "swap x and y (longitude first) in a GIS program and export again",
            file=words.raw.source.label,
            count=words.rows,
            longitude=really[0],
            latitude=really[1],
        )
    )


def _no_coordinate(x: float, y: float, words: _Words) -> Unusable:
    return Unusable(
        Fault(
            "crs",
            f"图层中部 x={x:.8g}、y={y:.8g},不是 {words.system} 的坐标",
            f"its middle is x={x:.8g}, y={y:.8g}, which is no coordinate of {words.system}",
            "用 --crs 指明真正的坐标系,如 EPSG:4547(单位为米)",
            "name the real system with --crs, for instance EPSG:4547 (metres)",
            file=words.raw.source.label,
            count=words.rows,
        )
    )


def _elsewhere(longitude: float, latitude: float, metric_crs: str, words: _Words) -> Unusable:
    fitting = fitting_system(longitude, latitude)
    return Unusable(
        Fault(
            "place",
            f"图层在 {longitude:.4f}, {latitude:.4f},不在量算坐标系 {metric_crs} 的适用范围内",
            f"it lies at {longitude:.4f}, {latitude:.4f}, outside the area of use of the metric system {metric_crs}",
            f"用 --crs 指明文件的坐标系;若网格确在那里,改设 GISGRID_METRIC_CRS={fitting}",
            f"name the file's system with --crs; if the grid really lies there, set GISGRID_METRIC_CRS={fitting}",
            file=words.raw.source.label,
            count=words.rows,
            longitude=longitude,
            latitude=latitude,
        )
    )
