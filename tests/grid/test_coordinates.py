import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gisgrid.geometry import UnknownCrs
from gisgrid.grid.coordinates import Coordinates, NoCoordinates, declared_crs, read_coordinates

NAN = float("nan")
POINTS = [shapely.Point(114.4, 22.6), shapely.Point(-1e300, 5e-324)]


@pytest.mark.parametrize(
    ("columns", "named", "expected"),
    [
        (["lon", "lat"], Coordinates(), ("lon", "lat")),
        (["LNG", "LAT"], Coordinates(), ("LNG", "LAT")),
        (["Y", "X"], Coordinates(), ("X", "Y")),
        (["纬度", "经度"], Coordinates(), ("经度", "纬度")),
        ([" longitude ", " latitude "], Coordinates(), (" longitude ", " latitude ")),
        (["x", "y", "lon", "lat"], Coordinates(), ("lon", "lat")),
        (["东", "北"], Coordinates("东", "北"), ("东", "北")),
        (["lat", "lon", "jing", "wei"], Coordinates("JING", " wei"), ("jing", "wei")),
        (["lat", "lon", "jing"], Coordinates("jing"), ("jing", "lat")),
        (["lat", "lon", "geom"], Coordinates(geometry="GEOM"), ("geom",)),
    ],
)
def test_columns_of_coordinates(columns: list[str], named: Coordinates, expected: tuple[str, ...]) -> None:
    assert named.among(columns) == expected
    assert named.columns_of(pa.schema([(name, pa.float64()) for name in columns])) == expected


@pytest.mark.parametrize(
    ("columns", "named", "words"),
    [
        (["name", "place"], Coordinates(), "name, place.*--longitude"),
        (["lon", "place"], Coordinates(), "--latitude"),
        (["lon", "lat"], Coordinates("x"), "--longitude"),
        (["lon", "lat", "lat"], Coordinates(), "--latitude"),
        (["lon", "lat"], Coordinates(geometry="geometry"), "--geometry"),
    ],
)
def test_a_table_without_coordinates_tells_its_columns(columns: list[str], named: Coordinates, words: str) -> None:
    with pytest.raises(NoCoordinates, match=words):
        named.among(columns)


def read(column: pa.Array | pa.ChunkedArray) -> tuple[list[float], list[float]]:
    x, y = read_coordinates(pa.table({"g": column}))
    assert (x.dtype, y.dtype) == (np.float64, np.float64)
    return x.tolist(), y.tolist()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1.5, None, NAN]), [1.5, NAN, NAN]),
        (pa.chunked_array([[1.5], [], [2.5]]), [1.5, 2.5]),
        (pa.chunked_array([], pa.float64()), []),
        (pa.array([1.5, 2], pa.float32()), [1.5, 2]),
        (pa.array([1, None], pa.int8()), [1, NAN]),
        (pa.array([2**62 + 1, None]), [2.0**62, NAN]),
        (pa.array(["114.5"]).cast(pa.decimal128(10, 3)), [114.5]),
        (pa.array([1.5, 1.5, None]).dictionary_encode(), [1.5, 1.5, NAN]),
        (pa.array([None, None]), [NAN, NAN]),
        (pa.array(["114.40", " 1e2\r", '"3"', "+4", "-inf"]), [114.4, 100, 3, 4, -np.inf]),
        (pa.array(["114.40", "", "x", None, "1,5", "nan", "1e400"]), [114.4, NAN, NAN, NAN, NAN, NAN, np.inf]),
        (pa.array([b"1.5", b"\xff", b"1"]), [1.5, NAN, 1]),
        (pa.array(["1"], pa.large_string()), [1]),
    ],
)
def test_numbers_of_every_kind(column: pa.Array, expected: list[float]) -> None:
    x, y = read_coordinates(pa.table({"x": column, "y": column}))
    assert_array_equal(x, expected)
    assert_array_equal(y, expected)


@given(st.lists(st.floats(allow_nan=False).map(repr), min_size=1), st.booleans())
def test_texts_are_read_as_python_reads_them(texts: list[str], is_spoilt: bool) -> None:
    x, _ = read_coordinates(pa.table({"x": texts + ["?"] * is_spoilt, "y": texts + ["?"] * is_spoilt}))
    assert x[: len(texts)].tolist() == [float(text) for text in texts]


@pytest.mark.parametrize("kind", [pa.timestamp("s"), pa.bool_(), pa.list_(pa.float64())])
def test_what_is_no_number_is_told(kind: pa.DataType) -> None:
    with pytest.raises(NoCoordinates, match="lon"):
        read_coordinates(pa.table({"lon": pa.array([None], kind), "lat": [1.0]}))


WKB = [shapely.to_wkb(point) for point in POINTS]
BIG_ENDIAN = shapely.to_wkb(POINTS[0], byte_order=0)
WITH_HEIGHT = shapely.to_wkb(shapely.Point(114.4, 22.6, 3))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(WKB), POINTS),
        (pa.array([b"", *WKB])[1:], POINTS),
        (pa.chunked_array([WKB[:1], WKB[1:]]), POINTS),
        (pa.array(WKB, pa.large_binary()), POINTS),
        (pa.array(WKB, pa.binary(21)), POINTS),
        (pa.array(WKB).cast(pa.binary_view()), POINTS),
        (pa.array([*WKB, None]), [*POINTS, None]),
        (pa.array([BIG_ENDIAN, WITH_HEIGHT, b"nonsense"]), [POINTS[0], POINTS[0], None]),
        (pa.array([BIG_ENDIAN]), POINTS[:1]),
        (pa.array([shapely.to_wkb(shapely.box(0, 0, 1, 1)), shapely.to_wkb(shapely.Point())]), [None, None]),
        (pa.array([shapely.to_wkb(POINTS[0], hex=True)]), POINTS[:1]),
        (pa.array([], pa.binary()), []),
        (pa.array([{"x": point.x, "y": point.y} for point in POINTS] + [None]), [*POINTS, None]),
        (pa.array([{"y": 2.0, "z": 0.0, "x": None}]), [None]),
        (pa.array([[point.x, point.y] for point in POINTS] + [None], pa.list_(pa.float64(), 2)), [*POINTS, None]),
        (pa.array([[114.4, 22.6, 9.0]], pa.list_(pa.float64(), 3)), POINTS[:1]),
    ],
)
def test_geometries_of_every_kind(column: pa.Array, expected: list[shapely.Point | None]) -> None:
    x, y = read(column)
    there = [number for number, point in enumerate(expected) if point is not None]
    assert len(x) == len(y) == len(expected)
    assert [(x[number], y[number]) for number in there] == [(expected[n].x, expected[n].y) for n in there]
    gone = [number for number in range(len(expected)) if number not in there]
    assert all(np.isnan(x[number]) or np.isnan(y[number]) for number in gone)


@pytest.mark.parametrize("kind", [pa.float64(), pa.list_(pa.float64()), pa.list_(pa.int8(), 2), pa.timestamp("s")])
def test_what_is_no_geometry_is_told(kind: pa.DataType) -> None:
    with pytest.raises(NoCoordinates, match="points"):
        read(pa.array([None], kind))


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4547", None])
def test_geoparquet_says_where_its_points_are(tmp_path: Path, encoding: str, crs: str | None) -> None:
    frame = gpd.GeoDataFrame({"lon": [0.0] * 3, "lat": [0.0] * 3}, geometry=[*POINTS, None], crs=crs)
    frame.rename_geometry("where").to_parquet(tmp_path / "p.parquet", geometry_encoding=encoding)
    table = pq.read_table(tmp_path / "p.parquet")
    assert Coordinates().columns_of(table.schema) == ("where",)
    x, y = Coordinates().of(table)
    assert (x[:2].tolist(), y[:2].tolist()) == ([114.4, -1e300], [22.6, 5e-324])
    assert np.isnan(x[2])
    found = declared_crs(table.schema, "where")
    assert "4547" in found if crs == "EPSG:4547" else found == "EPSG:4326"
    assert Coordinates("lon", "lat").of(table)[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "EPSG:4326"),
        ({"crs": "OGC:CRS84"}, "EPSG:4326"),
        ({"crs": "EPSG:4326", "crs_type": "authority_code"}, "EPSG:4326"),
        ({"crs": "EPSG:4547"}, "EPSG:4547"),
        ({"crs": None}, "EPSG:4326"),
    ],
)
def test_geoarrow_says_where_its_points_are(told: dict[str, object], expected: str) -> None:
    metadata = {"ARROW:extension:name": "geoarrow.point", "ARROW:extension:metadata": json.dumps(told)}
    kind = pa.struct([("x", pa.float64()), ("y", pa.float64())])
    schema = pa.schema([("id", pa.int8()), pa.field("where", kind, metadata=metadata)])
    assert Coordinates().columns_of(schema) == ("where",)
    assert declared_crs(schema, "where") == expected


def test_an_unknown_system_is_told() -> None:
    geo = {"primary_column": "g", "columns": {"g": {"crs": {"type": "nonsense"}}}}
    schema = pa.schema([("g", pa.binary())], metadata={"geo": json.dumps(geo)})
    with pytest.raises(UnknownCrs):
        declared_crs(schema, "g")


def test_metadata_of_another_make_is_passed_over() -> None:
    schema = pa.schema([("lon", pa.float64()), ("lat", pa.float64())], metadata={"geo": "[]"})
    assert Coordinates().columns_of(schema) == ("lon", "lat")
