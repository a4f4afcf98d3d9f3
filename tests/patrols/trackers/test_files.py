"""Files handed in: GPX, GeoJSON, CSV, and the queue of the patroller's page."""

import json
from typing import Any

import pytest

from gisgrid.patrols.arrival.imports import PLAN
from gisgrid.patrols.trackers.files import COLUMNS, read
from gisgrid.patrols.trackers.reading import Reading
from tests.patrols.trackers.phones import fix, sent, utc

EIGHT = utc(2026, 11, 1, 0)
GPX = """<?xml version="1.0" encoding="utf-8"?>
<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
  <wpt lat="22.1" lon="114.1"><ele>3</ele><time>2026-11-01T00:00:00Z</time><name>井盖缺失</name></wpt>
  <trk><name>早班</name><trkseg>
    <trkpt lat="22.2" lon="114.2"><ele>5</ele><time>2026-11-01T00:00:00Z</time><speed>1.5</speed>
      <course>90</course><hdop>0.9</hdop><sat>7</sat></trkpt>
    <trkpt lat="22.3"><time>2026-11-01T00:00:30Z</time></trkpt>
    <trkpt lat="22.4" lon="114.4"/>
  </trkseg></trk>
</gpx>
"""
PLACE = fix(EIGHT, 114.1, 22.1, altitude_m=3.0, name="井盖缺失", is_track=False)
TRACK = [
    fix(
        EIGHT, 114.2, 22.2, altitude_m=5.0, speed_mps=1.5, bearing_deg=90.0, hdop=0.9, satellites=7.0, patrol="早班"
    ),
    fix(None, 114.4, 22.4, patrol="早班"),
]  # fmt: skip
CSV = "经度,纬度,打卡时间,巡查员,精度,坐标系,备注\n114.1,22.1,2026/11/1 8:00,张三,5.5,gcj02,岗亭\n"
CHECK_IN = fix(
    EIGHT, 114.1, 22.1, accuracy_m=5.5, patroller="张三", crs="gcj02", is_track=False, 备注="岗亭"
)  # fmt: skip


def collection(*features: Any, **others: Any) -> str:
    """Return a FeatureCollection."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **others})


def feature(x: float, y: float, **properties: Any) -> dict[str, Any]:
    """Return a point."""
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}, "properties": properties}


@pytest.mark.parametrize(
    ("name", "body", "readings"),
    [
        ("a.gpx", GPX, [PLACE, *TRACK]),
        ("a.csv", CSV, [CHECK_IN]),
        ("a.csv", CSV.encode("gb18030"), [CHECK_IN]),
        ("a.CSV", CSV.replace(",", "\t"), [CHECK_IN]),
        (
            "a.geojson",
            collection(feature(114.1, 22.1, time="2026-11-01T08:00:00", uuid="a", is_track=True, battery=0.5)),
            [fix(EIGHT, 114.1, 22.1, client_id="a", battery=0.5)],
        ),
        (
            "a.json",
            collection(feature(5e5, 2.5e6, time=1793491200), crs={"properties": {"name": "EPSG:4547"}}),
            [fix(EIGHT, 5e5, 2.5e6, crs="EPSG:4547", is_track=False)],
        ),
        (
            "queue.json",
            '[{"fix_at":"2026-11-01T08:00:00+08:00","longitude":114.1,"latitude":22.1,"is_track":true}]',
            [fix(EIGHT, 114.1, 22.1)],
        ),
    ],
)
def test_golden_files(name: str, body: str | bytes, readings: list[Reading]) -> None:
    assert read(sent(body, file_name=name)).readings == readings


@pytest.mark.parametrize("body", [GPX, CSV, collection(feature(1, 2)), "\ufeff" + collection(feature(1, 2)), "[{}]"])
def test_a_file_without_a_name_is_known_by_how_it_begins(body: str) -> None:
    names = {"<": "a.gpx", "经": "a.csv", "{": "a.json", "\ufeff": "a.json", "[": "a.json"}
    assert read(sent(body)) == read(sent(body, file_name=names[body[0]])) == read(sent(body, file_name="轨迹"))


def test_bad_rows_are_told_by_their_number_and_the_rest_is_read() -> None:
    rows = read(
        sent("lon,lat,time\n1,2,2026-11-01T00:00:00Z\n1,2\nx,2,\n3,4,2026-11-01T00:00:00Z\n", file_name="a.csv")
    )
    assert [reading.longitude for reading in rows.readings] == [1, 3]
    assert [(unread.en[:24], unread.body) for unread in rows.unread] == [
        ("its fields do not match ", "第 3 行 / line 3"),
        ("longitude or latitude is", '{"longitude": "x", "latitude": "2"}'),
    ]
    points = read(sent(GPX[: GPX.index("<hdop>")], file_name="a.gpx"))
    assert (points.readings, points.unread[0].body) == ([PLACE], "第 6 行 / line 6")


def test_a_row_that_names_an_unknown_system_is_no_reading() -> None:
    delivery = read(
        sent(collection(feature(1, 2, time=1), crs={"properties": {"name": "/etc/passwd"}}), file_name="a.json")
    )
    assert (delivery.readings, "coordinate system" in delivery.unread[0].en) == ([], True)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.xlsx", "PK", "a.xlsx: give a .csv"),
        ("a.vrt", "<OGRVRTDataSource/>", "a.vrt: give a .csv"),
        ("a.json", "{", "a.json: line 1 is not valid JSON"),
        ("a.json", "[1,", "is not JSON"),
        ("a.gpx", '<!DOCTYPE gpx [<!ENTITY b SYSTEM "file:///etc/passwd">]><gpx/>', "DTD or entities"),
        ("a.csv", "", "is empty"),
        ("a.csv", "lon,lat,time\n\n", "holds no rows"),
        ("a.json", collection(), "holds no rows"),
        (None, "", "is empty"),
        ("../\x00.csv", "", "file.csv: is empty"),
    ],
)
def test_a_file_that_is_none_is_told_so(name: str | None, body: str, reason: str) -> None:
    delivery = read(sent(body, file_name=name))
    (unread,) = delivery.unread
    assert (reason in unread.en, unread.body) == (True, body)


def test_the_command_line_knows_the_same_names_of_columns() -> None:
    assert PLAN.columns is COLUMNS
