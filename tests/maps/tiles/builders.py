"""Tiny sets of tiles: each picture is of one colour, which tells its place."""

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pysqlite3 import dbapi2

Place = tuple[int, int, int]
PLACES: tuple[Place, ...] = ((0, 0, 0), (1, 0, 0), (1, 1, 1), (2, 3, 1))


@cache
def picture(place: Place, form: str = "PNG") -> bytes:
    """Return the picture of a place."""
    z, x, y = place
    made = io.BytesIO()
    Image.new("RGB", (16, 16), (60 + z * 40, 60 + x * 40, 60 + y * 40)).save(made, form)
    return made.getvalue()


def write_mbtiles(path: Path, places: Iterable[Place] = PLACES, **metadata: str) -> Path:
    """Write an MBTiles file, its rows from the south."""
    opened = dbapi2.connect(str(path))
    opened.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    opened.execute("CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)")
    opened.executemany("INSERT INTO metadata VALUES (?, ?)", {"format": "png", **metadata}.items())
    rows = [(z, x, (1 << z) - 1 - y, picture((z, x, y))) for z, x, y in places]
    opened.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    opened.commit()
    opened.close()
    return path


def write_pmtiles(
    path: Path,
    places: Iterable[Place] = PLACES,
    kind: TileType = TileType.PNG,
    packed: Compression = Compression.NONE,
) -> Path:
    """Write a PMTiles archive."""
    with path.open("wb") as opened:
        writer = Writer(opened)
        for place in sorted(places, key=lambda place: zxy_to_tileid(*place)):
            writer.write_tile(zxy_to_tileid(*place), picture(place))
        bounds = {"min_lon_e7": 1_140_000_000, "min_lat_e7": 220_000_000, "max_lon_e7": 1_150_000_000}
        header = {"tile_type": kind, "tile_compression": packed, **bounds, "max_lat_e7": 230_000_000}
        writer.finalize({**header, "center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0}, {})
    return path


def write_folder(path: Path, places: Iterable[Place] = PLACES, ending: str = "png") -> Path:
    """Write a folder of tiles."""
    for z, x, y in places:
        file = path / str(z) / str(x) / f"{y}.{ending}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture((z, x, y)))
    return path
