"""Which coordinate systems a setting may name: one to measure in, and one of the office's own. Pure."""

from functools import cache
from typing import Final

from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from gisgrid.words import told

WHOLE_WORLD_DEGREES: Final = 180


def measuring_system(name: str) -> str:
    """Return a projected system in metres. Raises a complaint in both languages for any other."""
    system = _system(name)
    if system is None:
        raise told("不是可用的坐标系;例如 EPSG:4547", "is no coordinate system; for example EPSG:4547")
    if not system.is_projected or [axis.unit_conversion_factor for axis in system.axis_info] != [1, 1]:
        raise told(
            "应为以米为单位的平面投影坐标系;例如 EPSG:4547", "must be a projected system in metres, such as EPSG:4547"
        )
    if _stretches(system):
        raise told(
            "墨卡托及全球性投影量得的面积和长度有误;请用当地投影,例如 EPSG:4547",
            "Mercator and whole-world projections measure wrongly; use a local one, such as EPSG:4547",
        )
    return name


def own_system(definition: str) -> str:
    """Return the definition of a system without a code, "" for none. Raises a complaint in both languages."""
    system = _system(definition) if definition else None
    if definition and (system is None or not (system.is_geographic or system.is_projected)):
        raise told(
            "应为 PROJ 字符串;例如 +proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80",
            "must be a PROJ string, such as +proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80",
        )
    return definition


@cache
def _system(name: str) -> CRS | None:
    """Return a coordinate system of this earth, if there is one of that name."""
    try:
        system = CRS.from_user_input(name)
        Transformer.from_crs("EPSG:4326", system)
    except (ProjError, UnicodeEncodeError):
        return None
    return system


def _stretches(system: CRS) -> bool:
    """Tell whether a projection is of the Mercator family, which doubles areas at 45°, or made for the whole world.

    Transverse and oblique Mercator are true along a line of their own choice and may stay.
    """
    projection = (system.source_crs if system.is_bound else system) or system
    method = projection.coordinate_operation.method_name if projection.coordinate_operation else ""
    is_mercator = method.startswith(("Mercator", "Popular Visualisation"))
    area = system.area_of_use
    return is_mercator or (area is not None and area.east - area.west > WHOLE_WORLD_DEGREES)
