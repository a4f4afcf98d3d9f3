"""Tiles in a folder: zoom/column/row.png, rows counted from the north."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gisgrid.maps.tiles.tile_set import DEEPEST, PICTURES, VECTORS, BadTiles, TileSet, no_pictures, version_of


def open_folder(path: Path) -> TileSet:
    """Return the tiles of a folder; all are of the kind that is found first. Raises BadTiles."""
    zooms = sorted(int(each.name) for each in _numbered(path) if int(each.name) <= DEEPEST)
    first = next((file for zoom in zooms for column in _numbered(path / str(zoom)) for file in column.iterdir()), None)
    if first is None:
        raise BadTiles(
            f"底图目录 {path.name} 里没有切片;应为 层级/列/行.png,行号自北向南",
            f"there are no tiles in the folder {path.name}: they are called zoom/column/row.png, rows from the north",
        )
    ending = first.suffix[1:].lower()
    if ending in VECTORS:
        raise no_pictures(path)
    if ending not in PICTURES:
        raise BadTiles(
            f"底图目录 {path.name} 里的 {first.name} 不是 PNG、JPEG 或 WebP",
            f"{first.name} in the folder {path.name} is no PNG, JPEG or WebP",
        )
    read = partial(_read, path, first.suffix)
    return TileSet(read, PICTURES[ending], zooms[0], zooms[-1], version_of(path))


def _numbered(folder: Path) -> Iterator[Path]:
    return (each for each in folder.iterdir() if each.name.isascii() and each.name.isdecimal() and each.is_dir())


def _read(folder: Path, suffix: str, z: int, x: int, y: int) -> bytes | None:
    try:
        return (folder / str(z) / str(x) / f"{y}{suffix}").read_bytes()
    except FileNotFoundError:
        return None
