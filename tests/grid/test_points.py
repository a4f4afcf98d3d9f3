from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gisgrid.grid import points
from gisgrid.grid.points import NoSuchFile, UnreadablePoints, read_slices, write_table, write_vector

GPX = """<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="22.6" lon="114.4"><time>2026-11-01T00:00:00Z</time></trkpt><trkpt lat="22.61" lon="114.41"/>
</trkseg></trk></gpx>"""


def read(path: Path) -> pa.Table:
    slices, expected = read_slices(path)
    table = pa.concat_tables(slices)
    assert expected in (0, table.num_rows)
    return table


def csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "points.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_values_stay_the_text_they_were(tmp_path: Path, encoding: str) -> None:
    table = read(csv(tmp_path, "编号,经度,纬度,备注\n007,114.40,22.6,葵涌\n1e3,x,,NA\n", encoding))
    assert table.to_pydict() == {
        "编号": ["007", "1e3"],
        "经度": ["114.40", "x"],
        "纬度": ["22.6", ""],
        "备注": ["葵涌", "NA"],
    }


def test_parquet_keeps_types_and_comes_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "SLICE", 3)
    table = pa.table(
        {"lon": pa.array([1.5, None, 3, 4]), "lat": [1.0, 2, 3, 4], "n": pa.array([1, 2, 3, 4], pa.int16())}
    )
    pq.write_table(table, tmp_path / "p.parquet")
    slices = list(read_slices(tmp_path / "p.parquet")[0])
    assert [part.num_rows for part in slices] == [3, 1]
    assert pa.concat_tables(slices).equals(table)


@pytest.mark.parametrize(("name", "driver"), [("p.geojson", "GeoJSON"), ("p.gpkg", "GPKG")])
def test_vector_files_give_their_points_in_wgs84(tmp_path: Path, name: str, driver: str) -> None:
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(114.4, 22.6)], crs="EPSG:4326")
    frame.to_crs("EPSG:4547" if driver == "GPKG" else "EPSG:4326").to_file(tmp_path / name, driver=driver)
    table = read(tmp_path / name)
    assert table["longitude"].to_pylist() == pytest.approx([114.4], abs=1e-9)
    assert table["latitude"].to_pylist() == pytest.approx([22.6], abs=1e-9)


def test_gpx_gives_its_track(tmp_path: Path) -> None:
    (tmp_path / "walk.gpx").write_text(GPX)
    table = read(tmp_path / "walk.gpx")
    assert (table["longitude"].to_pylist(), table["latitude"].to_pylist()) == ([114.4, 114.41], [22.6, 22.61])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", b""),
        ("p.csv", b"a,b\n1,2\n1,2,3,4\n"),
        ("p.parquet", b"not parquet"),
        ("p.geojson", b"{}"),
        ("p.geojson", b"<OGRVRTDataSource></OGRVRTDataSource>"),
        ("p.gpkg", b"SQLite format 3\x00"),
        ("p.xyz", b"1 2"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadablePoints, match=name):
        list(read_slices(tmp_path / name)[0])


def test_a_geojson_that_is_really_something_else_reads_nothing(tmp_path: Path) -> None:
    secret = gpd.GeoDataFrame({"s": ["secret"]}, geometry=[shapely.Point(1, 2)], crs="EPSG:4326")
    secret.to_file(tmp_path / "secret.gpkg", driver="GPKG")
    (tmp_path / "p.geojson").write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{tmp_path}/secret.gpkg</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(UnreadablePoints):
        read_slices(tmp_path / "p.geojson")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(NoSuchFile, match=r"nowhere\.csv"):
        read_slices(Path("nowhere.csv"))


def test_lines_are_no_points(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs="EPSG:4326")
    lines.to_file(tmp_path / "l.geojson", driver="GeoJSON")
    with pytest.raises(UnreadablePoints, match="points"):
        read_slices(tmp_path / "l.geojson")


@pytest.mark.parametrize("name", ["o.csv", "o.tsv", "o.parquet"])
def test_written_tables_read_back(tmp_path: Path, name: str) -> None:
    table = pa.table({"a": ["葵,1", '"2'], "b": ["", "x"]})
    write_table(tmp_path / name, table)
    assert read(tmp_path / name).to_pydict() == table.to_pydict()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["o.geojson", "o.gpkg"])
def test_written_points_read_back(tmp_path: Path, name: str) -> None:
    write_vector(tmp_path / name, pa.table({"名": ["葵0", "葵1"]}), np.array([114.4, 1]), np.array([22.6, 2]))
    assert read(tmp_path / name).to_pydict() == {"名": ["葵0", "葵1"], "longitude": [114.4, 1], "latitude": [22.6, 2]}
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("write", [write_table, lambda path, table: write_vector(path, table, np.zeros(2), None)])
def test_a_failure_leaves_no_half_a_file(tmp_path: Path, write: Callable[[Path, pa.Table], None]) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)):
        write(tmp_path / "o.gpkg", "no table")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_parquet_file_without_rows_is_one_empty_slice(tmp_path: Path) -> None:
    pq.write_table(pa.table({"lon": pa.array([], pa.float64())}), tmp_path / "p.parquet")
    assert [part.num_rows for part in read_slices(tmp_path / "p.parquet")[0]] == [0]
