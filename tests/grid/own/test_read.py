"""Features out of files as offices have them."""

from pathlib import Path

import geopandas
import pytest
import shapely
from prcoords import wgs_gcj

from gisgrid.geometry import to_metric
from gisgrid.grid.layers.fields import Fields
from gisgrid.grid.layers.gather import Reading
from gisgrid.grid.own.read import BadOwnLayer, read_own
from tests.grid.builders import METRIC
from tests.grid.own.builders import X, Y, write_geojson

POINT = shapely.Point(X, Y)
LINE = shapely.LineString([(X, Y), (X + 0.001, Y)])
AREA = shapely.box(X, Y, X + 0.001, Y + 0.001)
READING = Reading(METRIC)


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [([POINT], "point"), ([LINE, shapely.MultiLineString([LINE])], "line"), ([AREA], "area"), ([POINT, AREA], "mixed")],
)
def test_any_geometry_is_taken(shapes: list[shapely.Geometry], kind: str, tmp_path: Path) -> None:
    file = write_geojson(tmp_path / "a.geojson", [(shape, {"name": f"第{at}"}) for at, shape in enumerate(shapes)])
    read = read_own([str(file)], READING)
    assert (read.kind, read.names, read.left_out) == (kind, [f"第{at}" for at in range(len(shapes))], 0)
    assert all(shapely.equals_exact(found, shape) for found, shape in zip(read.geometries, shapes, strict=True))


@pytest.mark.parametrize(
    ("column", "wished", "found"),
    [
        ("门牌号", None, "门牌号"),
        ("路名", None, "路名"),
        ("Name", None, "Name"),
        ("f3", "F3", "f3"),
        ("f3", None, None),
    ],
)
def test_the_field_of_the_names(column: str, wished: str | None, found: str | None, tmp_path: Path) -> None:
    file = write_geojson(tmp_path / "a.geojson", [(POINT, {"fid_": 1, column: "海滨路12号"})])
    read = read_own([str(file)], Reading(METRIC, fields=Fields(name=wished)))
    assert (read.columns, read.names) == ([found], ["海滨路12号" if found else ""])


def test_a_shapefile_of_an_older_program(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"地址": ["坝光社区１号"]}, geometry=[to_metric(POINT, METRIC)], crs=METRIC)
    frame.to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    read = read_own([str(tmp_path / "a.shp")], READING)
    assert read.names == ["坝光社区１号"]
    assert read.geometries[0].distance(POINT) < 1e-9


def test_shifted_coordinates_are_put_right(tmp_path: Path) -> None:
    there = wgs_gcj((Y, X))
    file = write_geojson(tmp_path / "a.geojson", [(shapely.Point(there.lon, there.lat), {"name": "甲"})])
    read = read_own([str(file)], Reading(METRIC, crs="gcj02"))
    assert read.geometries[0].distance(POINT) < 1e-6


def test_rows_without_a_geometry_are_counted(tmp_path: Path) -> None:
    file = write_geojson(tmp_path / "a.geojson", [(POINT, {"name": "甲"}), (None, {"name": "乙"})])
    read = read_own([str(file)], READING)
    assert (read.names, read.left_out) == (["甲"], 1)


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("{", "读不出图层"),
        ('{"type": "FeatureCollection", "features": []}', "没有"),
        ('{"type": "Feature", "properties": {}, "geometry": null}', "没有可用的"),
        ('{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [2, 50]}}', "METRIC_CRS"),
    ],
)
def test_what_gives_no_layer_is_refused_in_words(text: str, zh: str, tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(BadOwnLayer) as refused:
        read_own([str(tmp_path / "a.geojson")], READING)
    assert zh in refused.value.zh


def test_a_field_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = write_geojson(tmp_path / "a.geojson", [(POINT, {"dz": "甲"})])
    with pytest.raises(BadOwnLayer, match=r"没有字段 f9\(有:dz\).*--name-column"):
        read_own([str(file)], Reading(METRIC, fields=Fields(name="f9")))
