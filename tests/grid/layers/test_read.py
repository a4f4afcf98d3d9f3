import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gisgrid.geometry import WGS84, geometries_to_wgs84
from gisgrid.grid.layers.faults import Unusable
from gisgrid.grid.layers.read import RawLayer, read_layers, usable_crs
from gisgrid.grid.layers.sources import Source, find_sources
from tests.grid.builders import METRIC, nested_squares, only, write_gbk_shapefile, write_levels

CELLS = nested_squares()


def read(path: Path | str, encoding: str | None = None) -> list[RawLayer]:
    scratch = Path(str(path).partition("#")[0]).parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return [raw for source in find_sources(str(path), scratch) for raw in read_layers(source, scratch, encoding)]


@pytest.mark.parametrize(
    ("suffix", "driver"),
    [
        (".geojson", "GeoJSON"),
        (".gpkg", "GPKG"),
        (".shp", "ESRI Shapefile"),
        (".kml", "LIBKML"),
        (".fgb", "FlatGeobuf"),
        (".parquet", "GeoParquet"),
    ],
)
@pytest.mark.parametrize("crs", [WGS84, METRIC])
def test_every_format_gives_rows_and_system(tmp_path: Path, suffix: str, driver: str, crs: str) -> None:
    write_levels(CELLS, tmp_path, suffix, crs)
    (raw,) = read(tmp_path / f"substation{suffix}")
    layer = only(CELLS, "substation")
    assert raw.driver == driver
    assert raw.declared == (WGS84 if suffix == ".kml" else crs)
    assert raw.crs is not None
    rows = raw.frame.sort_values("code")
    assert rows["code"].tolist() == layer["code"].tolist()
    assert rows["Name" if suffix == ".kml" else "name"].tolist() == layer["name"].tolist()
    there = geometries_to_wgs84(rows["geometry"].to_numpy(), raw.crs)
    assert shapely.area(shapely.symmetric_difference(there, layer.geometry.to_numpy())).max() < 1e-11


def test_gbk_names_and_values_are_read_though_nothing_says_so(tmp_path: Path) -> None:
    (raw,) = read(write_gbk_shapefile(only(CELLS, "community"), tmp_path / "社区.shp"))
    assert raw.encoding == "GB18030"
    assert raw.frame["名称"].tolist() == ["社区1", "社区2", "社区3"]
    assert raw.declared == METRIC


def test_geojson_in_gbk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text(only(CELLS, "community").to_json(ensure_ascii=False), encoding="gbk")
    (raw,) = read(path)
    assert raw.encoding == "GB18030"
    assert raw.frame["name"].tolist() == ["社区1", "社区2", "社区3"]


def test_a_system_given_in_geojson_counts(tmp_path: Path) -> None:
    layer = json.loads(only(CELLS, "street").to_crs(METRIC).to_json())
    layer["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    path = tmp_path / "street.geojson"
    path.write_text(json.dumps(layer))
    assert read(path)[0].declared == METRIC


def test_a_file_without_system_declares_none(tmp_path: Path) -> None:
    (path,) = write_levels(only(CELLS, "street"), tmp_path, ".shp")
    Path(path).with_suffix(".prj").unlink()
    (raw,) = read(path)
    assert (raw.crs, raw.declared) == (None, "")


def test_every_polygon_layer_of_a_geopackage_is_read(tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    for level in ("street", "community"):
        only(CELLS, level).to_file(path, layer=level)
    points = only(CELLS, "street").assign(geometry=lambda layer: layer.geometry.representative_point())
    points.to_file(path, layer="checkpoints")
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="no geometry")
    assert [raw.source.label for raw in read(path)] == ["all.gpkg › street", "all.gpkg › community"]
    (wished,) = read(f"{path}#community")
    assert len(wished.frame) == 3
    (points_after_all,) = read(f"{path}#checkpoints")
    assert points_after_all.frame["geometry"].iloc[0].geom_type == "Point"


def test_a_third_dimension_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "high.gpkg"
    only(CELLS, "street").assign(geometry=lambda layer: shapely.force_3d(layer.geometry, 12.5)).to_file(path)
    (raw,) = read(path)
    assert not raw.frame["geometry"].iloc[0].has_z


def test_a_hand_written_kml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "doc.kml"
    ring = "114.0,22.6,7 114.1,22.6,7 114.1,22.7,7 114.0,22.6,7"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        "<name>社区</name><Placemark><name>葵涌社区</name><ExtendedData><Data name='编码'><value>440307009001</value>"
        "</Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder></Document></kml>",
        encoding="utf-8",
    )
    (raw,) = read(path)
    assert (raw.source.layer, raw.declared) == ("社区", "EPSG:4326")
    assert raw.frame[["Name", "编码"]].iloc[0].tolist() == ["葵涌社区", "440307009001"]
    assert np.array_equal(raw.frame["geometry"].iloc[0].bounds, (114.0, 22.6, 114.1, 22.7))


def test_an_unclosed_ring_is_no_geometry_and_gdal_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "open.geojson"
    feature = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    path.write_text(json.dumps({"type": "Feature", "properties": {"code": "1"}, "geometry": feature}))
    (raw,) = read(path)
    assert raw.frame["geometry"].iloc[0] is None
    assert "Non closed ring" in raw.warnings[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.geojson", '{"type": "FeatureCollection", "features": [', "no layer can be read"),
        ("text.geojson", "hello", "no layer can be read"),
        ("fake.gpkg", "SQLite format 3\0" + "x" * 200, "no layer can be read"),
        ("fake.parquet", "PAR1" + "x" * 50, "no layer can be read"),
        ("table.csv", "a,b\n1,2\n", "no layer can be read"),
        ("alone.shp", "x" * 200, "incomplete"),
        ("xxe.kml", '<!DOCTYPE k [<!ENTITY e SYSTEM "file:///etc/hostname">]><kml>&e;</kml>', "no layer"),
    ],
)
def test_unreadable_files_say_so(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Unusable, match=said) as error:
        read(tmp_path / name)
    assert error.value.fault.file == name


def test_points_alone_are_no_layer_of_cells(tmp_path: Path) -> None:
    only(CELLS, "street").assign(geometry=lambda layer: layer.geometry.representative_point()).to_file(
        tmp_path / "points.fgb"
    )
    with pytest.raises(Unusable, match="it has: points"):
        read(tmp_path / "points.fgb")


def test_a_layer_that_is_not_there_is_told(tmp_path: Path) -> None:
    (path,) = write_levels(only(CELLS, "street"), tmp_path, ".gpkg")
    with pytest.raises(Unusable, match="it has: street"):
        read(f"{path}#streets")


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("EPSG:4490", True),
        (METRIC, True),
        ('LOCAL_CS["plan"]', False),
        ('ENGCRS["a",EDATUM["b"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["m",1]]', False),
        ("?", False),
    ],
)
def test_a_plane_that_lies_nowhere_is_no_system(text: str, usable: bool) -> None:
    assert usable_crs(text) == usable


def test_reading_a_source_directly_keeps_what_was_said(tmp_path: Path) -> None:
    (path,) = write_levels(only(CELLS, "street"), tmp_path, ".fgb")
    (raw,) = read_layers(Source(Path(path), "mine", "street"), tmp_path)
    assert (raw.source.label, raw.source.level) == ("mine", "street")
