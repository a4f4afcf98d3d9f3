"""Tiles in a PMTiles archive (version 3): directories that name where in the file each picture lies."""

import gzip
import mmap
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from gisgrid.maps.tiles.tile_set import DEEPEST, TileSet, no_pictures, sound, unreadable, version_of

PICTURES = {TileType.PNG: "image/png", TileType.JPEG: "image/jpeg", TileType.WEBP: "image/webp"}
VECTORS = (TileType.MVT, TileType.MLT)
HEADER_BYTES = 127
DEPTH = 4
"""Directories under one another, at most."""
KEPT_DIRECTORIES = 64
"""To read one anew for every tile takes longer than all else."""
SPOILT = (ValueError, EOFError, IndexError, OSError, OverflowError, MagicNumberNotFound, SpecVersionUnsupported)

Bytes = Callable[[int, int], bytes]


def open_pmtiles(path: Path) -> TileSet:
    """Return the tiles of a PMTiles archive. Raises BadTiles."""
    try:
        with path.open("rb") as opened:
            content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        header = deserialize_header(content[:HEADER_BYTES])
        find = _finder(content, header)
        find(header["min_zoom"], 0, 0)
    except SPOILT as error:
        raise unreadable(path, type(error).__name__) from error
    if header["tile_type"] in VECTORS:
        raise no_pictures(path)
    if header["tile_type"] not in PICTURES or header["tile_compression"] not in (Compression.NONE, Compression.GZIP):
        raise unreadable(path, "应为 PNG、JPEG 或 WebP / must be PNG, JPEG or WebP")
    corners = (header["min_lon_e7"], header["min_lat_e7"], header["max_lon_e7"], header["max_lat_e7"])
    west, south, east, north = (each / 1e7 for each in corners)
    return TileSet(
        _reader(path, find, is_packed=header["tile_compression"] == Compression.GZIP),
        PICTURES[header["tile_type"]],
        header["min_zoom"],
        min(header["max_zoom"], DEEPEST),
        version_of(path),
        sound((west, south, east, north)),
    )


def _finder(content: mmap.mmap, header: HeaderDict) -> Callable[[int, int, int], bytes | None]:
    @lru_cache(maxsize=KEPT_DIRECTORIES)
    def directory(offset: int, length: int) -> list[Entry]:
        return deserialize_directory(content[offset : offset + length])

    def find(z: int, x: int, y: int) -> bytes | None:
        number, offset, length = zxy_to_tileid(z, x, y), header["root_offset"], header["root_length"]
        for _ in range(DEPTH):
            entry = find_tile(directory(offset, length), number)
            if entry is None:
                return None
            if entry.run_length:
                start = header["tile_data_offset"] + entry.offset
                return content[start : start + entry.length]
            offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    return find


def _reader(
    path: Path, find: Callable[[int, int, int], bytes | None], *, is_packed: bool
) -> Callable[[int, int, int], bytes | None]:
    def read(z: int, x: int, y: int) -> bytes | None:
        try:
            found = find(z, x, y)
            return gzip.decompress(found) if found and is_packed else found
        except SPOILT as error:
            raise unreadable(path, type(error).__name__) from error

    return read
