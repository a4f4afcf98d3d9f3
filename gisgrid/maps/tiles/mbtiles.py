"""Tiles in an MBTiles file, which is an SQLite database with rows counted from the south."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gisgrid.database import ask_file
from gisgrid.maps.tiles.tile_set import (
    DEEPEST,
    PICTURES,
    VECTORS,
    Bounds,
    TileSet,
    kind_of,
    no_pictures,
    sound,
    unreadable,
    version_of,
)

ONE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"


def open_mbtiles(path: Path) -> TileSet:
    """Return the tiles of an MBTiles file. Raises BadTiles."""
    try:
        ask = ask_file(path)
        told = {str(name).lower(): str(value) for name, value in ask("SELECT name, value FROM metadata")}
        ((first_zoom, last_zoom),) = ask("SELECT min(zoom_level), max(zoom_level) FROM tiles")
        first = ask("SELECT tile_data FROM tiles LIMIT 1")
    except OSError as error:
        raise unreadable(path, error) from error
    form = told.get("format", "").lower()
    media_type = PICTURES.get(form) or kind_of(bytes(first[0][0]) if first else b"")
    if form in VECTORS or (first and not media_type):
        raise no_pictures(path)
    if not first:
        raise unreadable(path, "没有切片 / no tiles")
    bounds = _bounds(told.get("bounds", ""))
    return TileSet(_reader(path, ask), media_type, first_zoom, min(last_zoom, DEEPEST), version_of(path), bounds)


def _reader(path: Path, ask: Callable[..., list[tuple[Any, ...]]]) -> Callable[[int, int, int], bytes | None]:
    def read(z: int, x: int, y: int) -> bytes | None:
        try:
            found = ask(ONE, z, x, (1 << z) - 1 - y)
        except OSError as error:
            raise unreadable(path, error) from error
        return bytes(found[0][0]) if found else None

    return read


def _bounds(text: str) -> Bounds | None:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return sound((west, south, east, north))
