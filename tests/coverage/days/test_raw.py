"""A day as a file: points for GIS, the same frame for figures, and words for what is no such file."""

import io
from datetime import date

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.days.raw import KEY, SCHEMA, About, about_file, fixes_of, flag_text, raw_file, read_raw
from gisgrid.grid.points import NoSuchFile, UnreadablePoints
from gisgrid.patrols.judge import Flag

ABOUT = About(date(2026, 11, 2), "Asia/Shanghai", 7)
NOON = pd.Timestamp("2026-11-02T04:00:00.000001Z")
FIX = {
    "kind": "fix", "at": NOON, "patroller_number": 3, "patroller": "张三", "patrol_number": 9, "patrol": "早班",
    "received_at": NOON, "longitude": 114.1, "latitude": 22.6, "accuracy_m": 5.5, "flags": "old,mock",
    "street_code": "X", "community_code": "N", "substation_code": None,
}  # fmt: skip
BARE = {**FIX, "patrol_number": None, "patrol": None, "accuracy_m": None, "flags": "", "street_code": None}
BEAT = {"kind": "heartbeat", "at": NOON, "patroller_number": 3, "patroller": "张三"}


def table(*rows):
    return pa.Table.from_pylist([{name: row.get(name) for name in SCHEMA.names} for row in rows], schema=SCHEMA)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "fixes-2026-11-02.parquet"
    path.write_bytes(raw_file(ABOUT, table(FIX, BARE, BEAT)))
    return path


def test_it_is_a_layer_of_points(path):
    frame = gpd.read_parquet(path)
    assert frame.crs == "OGC:CRS84" or frame.crs.to_epsg() == 4326
    assert [None if place is None else (place.x, place.y) for place in frame.geometry] == [(114.1, 22.6)] * 2 + [None]
    assert frame["flags"].fillna("").tolist() == ["old,mock", "", ""]


def test_it_reads_back(path):
    raw = read_raw(path)
    assert raw.about == about_file(path) == ABOUT
    assert raw.rows["kind"].tolist() == ["fix", "fix", "heartbeat"]
    fixes = fixes_of(raw.rows)
    assert fixes["fix_at"].dtype == "datetime64[us, UTC]"
    assert fixes["patrol_id"].dtype == "Int64"
    assert fixes["patrol_id"].tolist() == [9, pd.NA]
    assert (fixes["patroller_id"].tolist(), fixes["fix_at"].tolist()) == ([3, 3], [NOON, NOON])
    assert fixes["flags"].tolist() == [Flag.OLD | Flag.MOCK, 0]
    assert fixes["street_code"].tolist() == ["X", None]
    assert (fixes["accuracy_m"][0], fixes["accuracy_m"].isna().tolist()) == (5.5, [False, True])


@given(flags=st.integers(0, sum(Flag)), longitude=st.floats(-180, 180), latitude=st.floats(-90, 90))
def test_every_flag_and_place_comes_back(tmp_path_factory, flags, longitude, latitude):
    path = tmp_path_factory.mktemp("raw") / "day.parquet"
    fix = {**FIX, "flags": flag_text(flags), "longitude": longitude, "latitude": latitude}
    path.write_bytes(raw_file(ABOUT, table(fix)))
    found = fixes_of(read_raw(path).rows).iloc[0]
    assert (found["flags"], found["longitude"], found["latitude"]) == (flags, longitude, latitude)


def plain(rows, **metadata):
    """Return rows as Parquet with what the file says of itself, as somebody else might write them."""
    told = {"form": 1, "day": "2026-11-02", "timezone": "Asia/Shanghai", "changes": 7, **metadata}
    held = io.BytesIO()
    text = pd.Series(told).to_json()
    pq.write_table(rows.replace_schema_metadata({KEY: text}), held)
    return held.getvalue()


def with_column(name, value):
    rows = table(FIX)
    return plain(rows.set_column(rows.schema.get_field_index(name), name, pa.array([value])))


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (b"", "Parquet", "not a Parquet file"),
        (b"PAR1 nonsense PAR1", "Parquet", "not a Parquet file"),
        (plain(table(FIX), form=2), "其他版本", "another version"),
        (plain(table(FIX), day="yesterday"), "keep-days", "keep-days"),
        (plain(table(FIX), timezone="Mars/Olympus"), "keep-days", "keep-days"),
        (plain(table(FIX), timezone=8), "keep-days", "keep-days"),
        (plain(table(FIX), day="2026-11-03"), "不属于 2026-11-03", "not of 2026-11-03"),
        (plain(table(FIX).drop_columns(["flags", "at"])), "at, flags", "at, flags"),
        (plain(table(FIX).append_column("at", pa.array([NOON]))), "列名重复:at", "there twice: at"),
        (with_column("longitude", "east"), "类型不对", "mistyped"),
        (with_column("longitude", 181.0), "longitude", "nowhere on earth"),
        (with_column("latitude", float("nan")), "latitude", "nowhere on earth"),
        (with_column("longitude", None), "空值的列:longitude", "empty values: longitude"),
        (with_column("patroller", None), "空值的列:patroller", "empty values: patroller"),
        (with_column("kind", "guess"), "guess", "unknown kinds or flags: guess"),
        (with_column("flags", "mock,odd"), "odd", "unknown kinds or flags: odd"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path, content, zh, en):
    path = tmp_path / "fixes-2026-11-02.parquet"
    path.write_bytes(content)
    with pytest.raises(UnreadablePoints) as told:
        read_raw(path)
    assert zh in told.value.zh
    assert en in told.value.en
    assert path.name in told.value.zh


def test_a_file_of_somebody_elses_and_one_that_is_not_there(tmp_path):
    path = tmp_path / "other.parquet"
    gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([114], [22]), crs=4326).to_parquet(path)
    with pytest.raises(UnreadablePoints, match="keep-days"):
        about_file(path)
    with pytest.raises(NoSuchFile):
        read_raw(tmp_path / "none.parquet")


def test_a_damaged_file(path):
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    with pytest.raises(UnreadablePoints):
        read_raw(path)
