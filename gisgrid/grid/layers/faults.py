"""What is wrong with a layer: which cell, where, how large, and what to do, in Chinese and English."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Refused

KINDS: Final[dict[str, tuple[str, str]]] = {
    "file": ("文件", "file"),
    "crs": ("坐标系", "coordinate system"),
    "place": ("位置", "place"),
    "field": ("字段", "field"),
    "level": ("层级", "level"),
    "geometry": ("几何", "geometry"),
    "ring": ("环", "ring"),
    "speck": ("碎片", "speck"),
    "count": ("数量", "count"),
    "code": ("编码", "code"),
    "parent": ("上级", "parent"),
    "overlap": ("重叠", "overlap"),
    "gap": ("缝隙", "gap"),
    "outside": ("越界", "outside its parent"),
    "vertex": ("节点", "vertices"),
}
"""Every kind of fault, with its Chinese and English heading."""

LEVEL_NAMES: Final[dict[str, tuple[str, str]]] = {
    "street": ("街道", "street"),
    "community": ("社区", "community"),
    "substation": ("工作分站", "substation"),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong. A note (`is_note`) is worth knowing and stops nothing.

    `zh`/`en` say what, `remedy_zh`/`remedy_en` what to do; `codes` name the cells ("#3" is the third row of a file);
    longitude and latitude in degrees; `width_m` is the diameter of the largest circle that fits in; `count` is for what
    is counted, as 21 of 22; `geometry` in EPSG:4326 for the map.
    """

    kind: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    file: str = ""
    level: str | None = None
    codes: tuple[str, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    width_m: float | None = None
    area_m2: float | None = None
    count: str = ""
    geometry: BaseGeometry | None = None
    is_note: bool = False

    @property
    def size(self) -> str:
        """Width and area in plain figures, or a count, or nothing."""
        parts = [self.count] if self.count else []
        if self.width_m is not None:
            parts.append(length(self.width_m))
        if self.area_m2 is not None:
            parts.append(area(self.area_m2))
        return " · ".join(parts)

    @property
    def where(self) -> str:
        """Longitude and latitude in degrees, to about a decimetre, or nothing."""
        if self.longitude is None or self.latitude is None:
            return ""
        return f"{self.longitude:.6f}, {self.latitude:.6f}"


class Unusable(Refused):
    """A file, or a wish about it, that cannot be used at all; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"{fault.zh}。{fault.remedy_zh}", f"{fault.en}; {fault.remedy_en}")


def length(metres: float) -> str:
    """Write a length for people: 1,234 m; 2.00 m; 31 mm; 0.07 mm."""
    if metres >= 0.1:
        return f"{_figure(metres)} m"
    return f"{metres * 1000:.0f} mm" if metres >= 0.01 else f"{metres * 1000:.2g} mm"


def area(square_metres: float) -> str:
    """Write an area for people: 1.25 km²; 2,600 m²; 0.04 m²."""
    if square_metres >= 1e6:
        return f"{_figure(square_metres / 1e6)} km²"
    return f"{_figure(square_metres)} m²" if square_metres >= 0.005 else "<0.01 m²"


def places_of(count: int) -> str:
    """Write "1 place", "2 places"."""
    return f"{count} place" if count == 1 else f"{count} places"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def code_of(cell: Any) -> str:
    """Return a cell's code, or where it has none the number of its row in the file: "#3"."""
    return str(cell["code"]) or f"#{cell['row']}"


def title_of(cell: Any) -> str:
    """Return a cell's code and name, for people."""
    return f"{code_of(cell)} {cell['name']}".strip()


def only_faults(found: Iterable[Fault]) -> list[Fault]:
    """Return what stops a set from being accepted, without the notes."""
    return [fault for fault in found if not fault.is_note]
