import json
from pathlib import Path
from typing import Any

import pytest

from gisgrid.rows import Rows, UnreadableFile, columns_of, read_rows, rows_of


def read(folder: Path, name: str, content: str | bytes) -> Rows:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_rows(path)


def values(rows: Rows) -> list[tuple[int, dict[str, Any] | str]]:
    return [(row.number, row.fault.en if row.fault else row.values) for row in rows.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_as_offices_save_it(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    lines = [
        ["姓名", " 经度 ", "备注"],
        ["张三", " 114.5 ", ""],
        ["", "", ""],
        ["李四", "1", '"两\n行"'],
        ["王", "2", "x"],
    ]
    text = newline.join(delimiter.join(line) for line in lines) + newline
    rows = read(tmp_path, "a.csv", text.encode(encoding))
    assert rows.columns == ("姓名", "经度", "备注")
    assert values(rows) == [
        (2, {"姓名": "张三", "经度": "114.5", "备注": ""}),
        (4, {"姓名": "李四", "经度": "1", "备注": "两\n行"}),
        (6, {"姓名": "王", "经度": "2", "备注": "x"}),
    ]


def test_a_bad_row_of_csv_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = read(tmp_path, "a.csv", f"a,b\n1,2\n1\n1,2,3\n{'x' * 200_000},2\n3,4\n")
    assert values(rows) == [
        (2, {"a": "1", "b": "2"}),
        (3, "its fields do not match the columns (1 ≠ 2)"),
        (4, "its fields do not match the columns (3 ≠ 2)"),
        (5, "its quotes do not match, or a field is too long"),
        (6, {"a": "3", "b": "4"}),
    ]


def point(*xy: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": xy}, "properties": properties}


def test_geojson(tmp_path: Path) -> None:
    features = [
        point(114.5, 22.6, 10.0, time="t", longitude="not this"),
        {**point(), "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}},
        {**point(1, 2), "geometry": None},
        point(1, 2, name="x"),
        point(1),
        5,
        {**point(1, 2), "properties": None},
    ]
    rows = read(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    bad = "its geometry must be a Point"
    assert values(rows) == [
        (1, {"longitude": 114.5, "latitude": 22.6, "time": "t"}),
        (2, bad),
        (3, bad),
        (4, {"longitude": 1, "latitude": 2, "name": "x"}),
        (5, bad),
        (6, bad),
        (7, {"longitude": 1, "latitude": 2}),
    ]
    assert (rows.columns, rows.unit[1], rows.crs) == (("time", "longitude", "latitude", "name"), "feature", None)


def test_a_plain_list_as_the_service_takes_it(tmp_path: Path) -> None:
    rows = read(tmp_path, "a.json", '[{"longitude": 1.5, "client_id": "a"}, [], null, {"patroller": "张三"}]')
    assert (rows.columns, rows.unit[1]) == (("longitude", "client_id", "patroller"), "item")
    bad = "must be a JSON object {…}"
    assert values(rows) == [(1, {"longitude": 1.5, "client_id": "a"}), (2, bad), (3, bad), (4, {"patroller": "张三"})]


@pytest.mark.parametrize(
    ("crs", "found"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}, "urn:ogc:def:crs:EPSG::4547"),
        (None, None),
        ("EPSG:4547", None),
        ({"properties": None}, None),
        ({"properties": {"name": 4547}}, None),
    ],
)
def test_the_system_that_geojson_declares(tmp_path: Path, crs: Any, found: str | None) -> None:
    collection = {"type": "FeatureCollection", "crs": crs, "features": [point(1, 2)]}
    assert read(tmp_path, "a.json", json.dumps(collection)).crs == found


GPX = """<?xml version="1.0" encoding="{encoding}"?>
<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
  <metadata><name>文件</name><time>2026-01-01T00:00:00Z</time></metadata>
  <wpt lat="22.1" lon="114.1"><name>点</name><time>2026-11-01T00:00:00Z</time><desc>a &amp; b</desc></wpt>
  <trk><name>早班</name><trkseg>
    <trkpt lat="22.2" lon="114.2"><ele>5</ele><time>2026-11-01T00:01:00Z</time>
      <extensions><name>no</name></extensions></trkpt>
    <trkpt lat="22.3"/>
  </trkseg></trk>
  <trk><trkseg><trkpt lat="x" lon="114.4"><time/></trkpt></trkseg></trk>
</gpx>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_gpx(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, "a.gpx", GPX.format(encoding=encoding).encode(encoding))
    place = dict.fromkeys(rows.columns, "") | {"point": "wpt"}
    fix = place | {"point": "trkpt"}
    midnight, then = "2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z"
    assert values(rows) == [
        (4, place | {"longitude": "114.1", "latitude": "22.1", "time": midnight, "name": "点", "desc": "a & b"}),
        (6, fix | {"longitude": "114.2", "latitude": "22.2", "ele": "5", "time": then, "track": "早班"}),
        (8, fix | {"latitude": "22.3", "track": "早班"}),
        (10, fix | {"longitude": "114.4", "latitude": "x"}),
    ]  # fmt: skip


def test_gpx_of_another_version_and_with_a_prefix(tmp_path: Path) -> None:
    text = '<g:gpx xmlns:g="http://www.topografix.com/GPX/1/0"><g:rte><g:rtept lat="1" lon="2"/></g:rte></g:gpx>'
    assert [row.values["longitude"] for row in read(tmp_path, "a.gpx", text).rows] == ["2"]


def test_gpx_that_is_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    cut = GPX.format(encoding="utf-8")
    cut = cut[: cut.index("    <trkpt lat=\"22.3\"")]  # fmt: skip
    *_, (line, last) = values(read(tmp_path, "a.gpx", cut))
    assert (line, last) == (8, "the file is damaged or cut off from here on")


NAMED = '<gpx><wpt lat="1" lon="1"><name>&b;</name></wpt></gpx>'
ENTITIES = f'<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>{NAMED}'
OUTER = f'<!DOCTYPE gpx [<!ENTITY b SYSTEM "file:///etc/passwd">]>{NAMED}'


def test_a_file_that_is_bytes_already_is_read_by_its_name(tmp_path: Path) -> None:
    handed = rows_of("a.CSV", b"x,y\n1,2\n")
    assert values(handed) == values(read(tmp_path, "a.csv", b"x,y\n1,2\n"))
    with pytest.raises(UnreadableFile, match=r"none: give a \.csv"):
        rows_of("none", b"x,y")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "x\n1\n\n2\n3\n4\n"),
        ("a.json", json.dumps({"type": "FeatureCollection", "features": [point(1, 2), 5, point(3, 4)]})),
        ("a.gpx", GPX.format(encoding="utf-8")),
    ],
)
def test_no_more_rows_are_read_than_asked_for(name: str, content: str) -> None:
    every = list(rows_of(name, content.encode()).rows)
    assert len(every) > 2
    assert [row.number for row in rows_of(name, content.encode(), 2).rows] == [row.number for row in every[:2]]


def test_the_column_of_a_field_is_the_first_that_bears_one_of_its_names() -> None:
    names = {"x": ("x", "经度"), "at": ("time", "at"), "none": ("z",)}
    assert columns_of(("经度", "AT", "Time", "X", "x"), names) == {"x": "X", "at": "Time"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"", ".csv, .geojson or .gpx"),
        ("a.vrt", "<OGRVRTDataSource/>", ".csv, .geojson or .gpx"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n1,2", "is empty"),
        ("a.csv", b"\xff\xff\x80", "unknown encoding"),
        ("a.csv", "a,b,a", "named twice: a"),
        ("a.csv", f"{'x' * 200_000},b", "does not name the columns"),
        ("a.json", "{", "line 1 is not valid JSON"),
        ("a.json", '{"a":\n\n1,}', "line 3 is not valid JSON"),
        ("a.json", "[" * 100_000, "is not valid JSON"),
        ("a.json", "9" * 5000, "is not valid JSON"),
        ("a.json", "[]", "must be a GeoJSON"),
        ("a.json", '{"type":"Topology"}', "must be a GeoJSON"),
        ("a.json", '{"type":"FeatureCollection","features":{}}', "must be a GeoJSON"),
        ("a.gpx", "", "no GPX points"),
        ("a.gpx", "<gpx>", "no GPX points"),
        ("a.gpx", "<kml/>", "no GPX points"),
        ("a.gpx", "\ufeff\ufeff<?xml version='1.0' encoding='shift_jis'?><gpx/>", "no GPX points"),
        ("a.gpx", "<?xml version='1.0'\n  encoding = 'none-such'?><gpx/>", "no GPX points"),
        ("a.gpx", "<?xml version='1.0' encoding\n=\n'big5'?><gpx/>", "no GPX points"),
        ("a.gpx", ENTITIES, "DTD or entities"),
        ("a.gpx", OUTER, "DTD or entities"),
    ],
)
def test_files_that_cannot_be_read_are_told_so(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, name, content)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name in ("none.csv", "folder.csv"):
        with pytest.raises(UnreadableFile, match="cannot be opened"):
            read_rows(tmp_path / name)
