"""Which tiles of this machine lie under the map, if any: opened once, when the service starts."""

from pathlib import Path

from gisgrid.base_layers.read import BaseLayer
from gisgrid.maps.tiles.folder import open_folder
from gisgrid.maps.tiles.mbtiles import open_mbtiles
from gisgrid.maps.tiles.pmtiles import open_pmtiles
from gisgrid.maps.tiles.tile_set import BadTiles, TileSet, unreadable

OPENED = {"pmtiles": open_pmtiles, "mbtiles": open_mbtiles, "folder": open_folder}


def open_tiles(layer: BaseLayer, home: Path) -> TileSet | None:
    """Return the tiles of a base layer, whose path is under `home` unless it is whole; None for one without tiles of
    this machine. Raises BadTiles."""
    if layer.path is None:
        return None
    path = home / layer.path
    if not path.exists() or path.is_dir() != (layer.kind == "folder"):
        raise BadTiles(
            f"找不到底图 {path};请检查 GISGRID_BASE_LAYER", f"there is no base layer {path}: look at GISGRID_BASE_LAYER"
        )
    try:
        return OPENED[layer.kind](path)
    except OSError as error:
        raise unreadable(path, error.strerror) from error
