import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gisgrid.documents.geo_files import geo_file

AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ["石下工作分站", "<b>&=1"]


def frame():
    columns = {
        "code": NAMES,
        "name": NAMES,
        "visits": pd.array([3, None], dtype="Int64"),
        "coverage_ratio": [0.123456789012, None],
        "seen_last_at": pd.to_datetime([AT, None], utc=True),
    }
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(114.4, 22.6, 114.5, 22.7), None], crs="EPSG:4326")


@pytest.mark.parametrize("form", ["gpkg", "parquet", "kml"])
def test_shapes_and_columns_come_back(form, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = geo_file(frame(), form, "coverage")
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / f"a.{form}"
    path.write_bytes(made)
    found = gpd.read_parquet(io.BytesIO(made)) if form == "parquet" else gpd.read_file(path, engine="pyogrio")
    assert found.crs.to_epsg() == 4326
    assert list(found["Name" if form == "kml" else "name"]) == NAMES
    assert list(found["code"]) == NAMES
    assert [float(each) for each in found["visits"].dropna()] == [3]
    assert found["coverage_ratio"][0] == 0.123456789012
    assert pd.Timestamp(found["seen_last_at"][0]) == AT
    assert found.geometry[0].equals(shapely.box(114.4, 22.6, 114.5, 22.7))
    assert found.geometry[1] is None
    assert found["coverage_ratio"].isna()[1]


def test_no_rows_are_no_error(tmp_path):
    for form in ("gpkg", "parquet", "kml"):
        assert Path(tmp_path / "a").write_bytes(geo_file(frame()[:0], form, "coverage")) > 0
