"""Tiles out of every kind of set, and what is no set of pictures."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pmtiles.tile import Compression, TileType

from gisgrid.base_layers.read import read_base_layer
from gisgrid.maps.tiles.open_tiles import open_tiles
from gisgrid.maps.tiles.tile_set import BadTiles, TileSet
from tests.maps.tiles.builders import PLACES, picture, write_folder, write_mbtiles, write_pmtiles

WRITTEN: dict[str, Callable[..., Path]] = {"mbtiles": write_mbtiles, "pmtiles": write_pmtiles, "folder": write_folder}


def opened(kind: str, home: Path) -> TileSet:
    tiles = open_tiles(read_base_layer(f"{kind}:底图"), home)
    assert tiles is not None
    return tiles


@pytest.mark.parametrize("kind", WRITTEN)
def test_each_picture_is_where_it_belongs(kind: str, tmp_path: Path) -> None:
    WRITTEN[kind](tmp_path / "底图")
    tiles = opened(kind, tmp_path)
    assert (tiles.media_type, tiles.min_zoom, tiles.max_zoom) == ("image/png", 0, 2)
    for z in range(4):
        for x in range(1 << z):
            for y in range(1 << z):
                expected = picture((z, x, y)) if (z, x, y) in PLACES else None
                assert tiles.tile(z, x, y) == expected, (z, x, y)
    assert tiles.tile(1, 2, 0) is None
    assert tiles.tile(30, 2**30, 2**30) is None


def test_where_the_tiles_lie_is_told(tmp_path: Path) -> None:
    write_mbtiles(tmp_path / "底图", bounds="114,22,115,23")
    assert opened("mbtiles", tmp_path).bounds == (114, 22, 115, 23)
    write_pmtiles(tmp_path / "a.pmtiles")
    tiles = open_tiles(read_base_layer(f"pmtiles:{tmp_path}/a.pmtiles"), Path("/"))
    assert tiles is not None
    assert tiles.bounds == (114, 22, 115, 23)
    write_mbtiles(tmp_path / "b", bounds="nonsense")
    beside = open_tiles(read_base_layer("mbtiles:b"), tmp_path)
    assert beside is not None
    assert beside.bounds is None


def test_another_file_is_another_version(tmp_path: Path) -> None:
    write_pmtiles(tmp_path / "底图")
    before = opened("pmtiles", tmp_path).version
    write_pmtiles(tmp_path / "底图", PLACES[:2])
    assert opened("pmtiles", tmp_path).version != before


def test_a_large_archive_has_directories_under_directories(tmp_path: Path) -> None:
    places = [(7, x, y) for x in range(128) for y in range(128)]
    write_pmtiles(tmp_path / "底图", places)
    tiles = opened("pmtiles", tmp_path)
    assert all(tiles.tile(*place) == picture(place) for place in places[::97])


@pytest.mark.parametrize("kind", ["land", "none", "xyz:https://a.cn/{z}/{x}/{y}"])
def test_other_base_layers_have_none(kind: str, tmp_path: Path) -> None:
    assert open_tiles(read_base_layer(kind), tmp_path) is None


def _vectors(path: Path) -> None:
    write_mbtiles(path, format="pbf")


def _vectors_in_pmtiles(path: Path) -> None:
    write_pmtiles(path, kind=TileType.MVT)


def _vectors_in_a_folder(path: Path) -> None:
    write_folder(path, ending="pbf")


def _packed_unheard_of(path: Path) -> None:
    write_pmtiles(path, packed=Compression.BROTLI)


def _text(path: Path) -> None:
    path.write_text("no tiles at all", encoding="utf-8")


def _cut_off(path: Path) -> None:
    write_pmtiles(path)
    path.write_bytes(path.read_bytes()[:140])


def _empty(path: Path) -> None:
    write_mbtiles(path, [])


@pytest.mark.parametrize(
    ("kind", "write", "zh"),
    [
        ("mbtiles", _vectors, "矢量切片"),
        ("pmtiles", _vectors_in_pmtiles, "矢量切片"),
        ("folder", _vectors_in_a_folder, "矢量切片"),
        ("pmtiles", _packed_unheard_of, "PNG、JPEG 或 WebP"),
        ("mbtiles", _text, "无法读取"),
        ("pmtiles", _text, "无法读取"),
        ("pmtiles", _cut_off, "无法读取"),
        ("pmtiles", Path.touch, "无法读取"),
        ("mbtiles", _empty, "没有切片"),
        ("folder", Path.mkdir, "没有切片"),
        ("folder", _text, "找不到底图"),
        ("mbtiles", Path.mkdir, "找不到底图"),
        ("mbtiles", lambda path: None, "找不到底图"),
    ],
)
def test_what_is_no_set_of_pictures_is_refused_in_words(
    kind: str, write: Callable[[Path], object], zh: str, tmp_path: Path
) -> None:
    write(tmp_path / "底图")
    with pytest.raises(BadTiles) as refused:
        opened(kind, tmp_path)
    assert zh in refused.value.zh
    assert "base layer" in refused.value.en or "folder" in refused.value.en
