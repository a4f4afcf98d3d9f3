"""What a set of tiles is: pictures in Web Mercator by zoom, column and row, rows counted from the north."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gisgrid.errors import Refused

DEEPEST: Final = 24
PICTURES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
VECTORS: Final = ("pbf", "mvt", "mlt")

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class BadTiles(Refused):
    """A base layer of this machine that cannot be shown."""


@dataclass(frozen=True, slots=True)
class TileSet:
    """`read` returns the picture at a place, None where there is none; `version` changes when the tiles do."""

    read: Callable[[int, int, int], bytes | None]
    media_type: str
    min_zoom: int
    max_zoom: int
    version: str
    bounds: Bounds | None = None

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return the picture at a place of the world, None where there is none."""
        return self.read(z, x, y) if self.min_zoom <= z <= self.max_zoom and max(x, y) < 1 << z else None


def version_of(path: Path) -> str:
    """Return what changes with a file: when it was written, and its size."""
    stat = path.stat()
    return f"{stat.st_mtime_ns:x}-{stat.st_size:x}"


def kind_of(picture: bytes) -> str:
    """Return the media type that a picture begins like, "" for what is none of those that browsers show."""
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" else ""


def sound(bounds: Bounds) -> Bounds | None:
    """Return bounds that are some, None for those that no map can be drawn in."""
    west, south, east, north = bounds
    return bounds if -180 <= west < east <= 180 and -90 <= south < north <= 90 else None


def unreadable(path: Path, said: object = "") -> BadTiles:
    """Say that a file cannot be read as what it is called."""
    zh, en = (f"({said})", f" ({said})") if said else ("", "")
    return BadTiles(
        f"底图 {path.name} 无法读取{zh};请检查 GISGRID_BASE_LAYER 和该文件",
        f"the base layer {path.name} cannot be read{en}: look at GISGRID_BASE_LAYER and the file",
    )


def no_pictures(path: Path) -> BadTiles:
    """Say that tiles are vectors, which nothing here draws."""
    return BadTiles(
        f"底图 {path.name} 是矢量切片,这里只显示图片切片(PNG、JPEG、WebP);请导出栅格切片,"
        "或用 gisgrid layers add 把道路、建筑载入为图层",
        f"the base layer {path.name} is of vector tiles, and only pictures (PNG, JPEG, WebP) are shown here: export it "
        "as pictures, or load its roads and buildings with gisgrid layers add",
    )
