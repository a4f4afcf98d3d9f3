from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from gisgrid.batch import pieces
from gisgrid.batch.join import TakenColumn, join_folder
from gisgrid.batch.replace import NotResults
from gisgrid.errors import Refused
from gisgrid.grid.coordinates import Coordinates, NoCoordinates
from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from gisgrid.intake.imports import NoSuchColumn
from tests.batch.builders import FILES, GRID, ground, lay, one_by_one, tree
from tests.grid.builders import nested_squares

SHIFTED = Grid(
    nested_squares().assign(
        code=lambda cells: "9" + cells["code"], parent_code=lambda cells: "9" + cells["parent_code"]
    )
)
SPOT = GRID.cells[GRID.cells["code"] == "440307009002001"].geometry.iloc[0].representative_point()


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 600)


def spots(path: Path, **columns: object) -> Path:
    path.mkdir(exist_ok=True)
    pq.write_table(pa.table({"lon": [SPOT.x], "lat": [SPOT.y], **columns}), path / "in.parquet")
    return path


def test_a_partition_holds_the_rows_of_the_plain_join_in_the_order_of_files_and_rows(tmp_path: Path) -> None:
    source = lay(tmp_path / "in")
    counts = join_folder(one_by_one, source, tmp_path / "out", ground())
    for name in FILES:
        join(source / name, tmp_path / "joined.parquet", GRID)
        (tmp_path / "joined.parquet").rename(tmp_path / name.replace("/", "-"))
    plain = pd.concat([pd.read_parquet(tmp_path / name.replace("/", "-")) for name in FILES], ignore_index=True)
    plain["day"] = plain["time"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d").fillna("undated")
    plain["substation"] = plain["substation_code"].fillna("outside")
    expected = {f"day={day}/substation={cell}": rows for (day, cell), rows in plain.groupby(["day", "substation"])}
    found = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").glob("*/*")}
    assert found == set(expected)
    assert len(found) == 5 * 7
    for place, rows in expected.items():
        files = sorted((tmp_path / "out" / place).iterdir())
        written = pd.concat([pq.ParquetFile(file).read().to_pandas() for file in files], ignore_index=True)
        pd.testing.assert_frame_equal(written, rows.drop(columns=["day", "substation"]).reset_index(drop=True))
    outside = plain["street_code"].isna()
    assert (counts["rows"], counts["outside"]) == (len(plain), outside.sum())
    assert (counts["undated"], counts["without_coordinates"]) == (
        plain["time"].isna().sum(),
        plain["longitude"].isna().sum(),
    )


def test_readers_of_partitioned_folders_find_their_way(tmp_path: Path) -> None:
    source = lay(tmp_path / "in")
    counts = join_folder(one_by_one, source, tmp_path / "out", ground())
    texts = ds.partitioning(pa.schema([("day", pa.string()), ("substation", pa.string())]), flavor="hive")
    whole = ds.dataset(tmp_path / "out", partitioning=texts)
    assert whole.count_rows() == counts["rows"]
    cell = (ds.field("day") == "2026-11-22") & (ds.field("substation") == "440307009002001")
    assert set(whole.to_table(filter=cell)["substation_code"].to_pylist()) == {"440307009002001"}


def test_a_rerun_replaces(tmp_path: Path) -> None:
    source = lay(tmp_path / "in")
    join_folder(one_by_one, source, tmp_path / "out", ground())
    first = tree(tmp_path / "out")
    (source / "c.parquet").unlink()
    join_folder(one_by_one, source, tmp_path / "out", ground())
    fewer = tree(tmp_path / "out")
    assert fewer.keys() < first.keys()
    lay(source)
    join_folder(one_by_one, source, tmp_path / "out", ground())
    assert tree(tmp_path / "out") == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_each_row_is_located_in_the_grid_of_its_day(tmp_path: Path) -> None:
    source = spots(tmp_path / "in")
    days = ["2026-10-31", "2026-11-01T00:00:00+08:00", "2026-10-31T23:59:59+08:00", None, "2025-12-31"]
    pq.write_table(pa.table({"lon": [SPOT.x] * 5, "lat": [SPOT.y] * 5, "time": days}), source / "in.parquet")
    join_folder(one_by_one, source, tmp_path / "out", ground([(date(2026, 1, 1), GRID), (date(2026, 11, 1), SHIFTED)]))
    assert {str(path.parent.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.parquet")} == {
        "day=2025-12-31/substation=outside",
        "day=2026-10-31/substation=440307009002001",
        "day=2026-11-01/substation=9440307009002001",
        "day=undated/substation=9440307009002001",
    }


@pytest.mark.parametrize("crs", [None, "EPSG:4547"])
def test_each_file_says_where_its_geometries_are_unless_told(tmp_path: Path, crs: str | None) -> None:
    source = tmp_path / "in"
    source.mkdir()
    points = gpd.GeoDataFrame({"time": ["2026-11-01"]}, geometry=[SPOT], crs="EPSG:4326")
    points.to_parquet(source / "degrees.parquet")
    points.to_crs("EPSG:4547").to_parquet(source / "metres.parquet")
    counts = join_folder(one_by_one, source, tmp_path / "out", ground(crs=crs))
    assert (counts["rows"], counts["outside"]) == (2, 0 if crs is None else 1)


def test_joining_again_replaces_the_codes(tmp_path: Path) -> None:
    source = spots(tmp_path / "in", time=["2026-11-01"], street_code=["old"])
    join_folder(one_by_one, source, tmp_path / "out", ground())
    (written,) = (tmp_path / "out").rglob("*.parquet")
    assert pq.ParquetFile(written).read().to_pylist() == [
        {
            "lon": SPOT.x,
            "lat": SPOT.y,
            "time": "2026-11-01",
            "street_code": "440307009",
            "community_code": "440307009002",
            "substation_code": "440307009002001",
        }
    ]


@pytest.mark.parametrize(
    ("columns", "reading", "error"),
    [
        ({}, {}, NoSuchColumn),
        ({"time": [1_700_000_000]}, {}, NoSuchColumn),
        ({"time": ["2026-11-01"]}, {"time": "fix_at"}, NoSuchColumn),
        ({"time": ["2026-11-01"]}, {"coordinates": Coordinates("x", "y")}, NoCoordinates),
        ({"time": ["2026-11-01"], "day": ["x"]}, {}, TakenColumn),
    ],
)
def test_what_cannot_be_read_is_told_before_any_work(
    tmp_path: Path, columns: dict[str, object], reading: dict[str, object], error: type[Refused]
) -> None:
    source = spots(tmp_path / "in", **columns)
    with pytest.raises(error):
        join_folder(one_by_one, source, tmp_path / "out", ground(**reading))
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_fails_in_the_middle_leaves_the_former_result(tmp_path: Path) -> None:
    source = lay(tmp_path / "in")
    join_folder(one_by_one, source, tmp_path / "out", ground())
    before = tree(tmp_path / "out")

    def stop(done: int, expected: int) -> None:
        if done > expected / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        join_folder(one_by_one, source, tmp_path / "out", ground(), stop)
    assert tree(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_files_without_rows_make_a_folder_without_partitions(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    empty = pa.table({"lon": np.empty(0), "lat": np.empty(0), "time": pa.array([], pa.string())})
    pq.write_table(empty, source / "in.parquet")
    assert join_folder(one_by_one, source, tmp_path / "out", ground())["rows"] == 0
    assert list(tree(tmp_path / "out")) == ["_gisgrid.json"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    source = spots(tmp_path / "in", time=["2026-11-01"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(NotResults):
        join_folder(one_by_one, source, tmp_path / "out", ground())
    assert list(tree(tmp_path / "out")) == ["letter.txt"]
