from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client

from gisgrid.batch import pieces
from gisgrid.batch.count import CountPiece, count_folder
from gisgrid.batch.crew import each
from gisgrid.grid.points import UnreadablePoints
from gisgrid.grid.tables import LEVELS
from gisgrid.intake.imports import NoSuchColumn
from tests.batch.builders import FILES, GRID, ground, lay, one_by_one

SPOTS = {
    code: GRID.cells[GRID.cells["code"] == code].geometry.iloc[0].representative_point()
    for code in ("440307009001001", "440307009001002", "440307009002001")
}
WEST, EAST, BEYOND = SPOTS.values()


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 300)


def counted(
    folder: Path, *rows: tuple[object, ...], columns: tuple[str, ...] = ("patroller", "patrol")
) -> pd.DataFrame:
    """Count rows of (place or None, time, person, outing), each in a file of its own."""
    (folder / "in").mkdir()
    for number, (place, moment, *who) in enumerate(rows):
        x, y = (place.x, place.y) if place else (0.0, 0.0)  # type: ignore[attr-defined]
        values = {"lon": [x], "lat": [y], "time": [moment]} | {
            name: [one] for name, one in zip(columns, who, strict=True)
        }
        pq.write_table(pa.table(values), folder / "in" / f"{number}.parquet")
    return count_folder(one_by_one, folder / "in", folder / "out.parquet", CountPiece(ground()))


def lines(found: pd.DataFrame, level: str) -> list[list[object]]:
    shown = found[found["level"] == level].drop(columns="level").astype(object)
    return [[None if pd.isna(value) else str(value) for value in row[:2]] + list(row[2:]) for row in shown.to_numpy()]


def test_people_and_outings_are_distinct_at_each_level_and_on_each_day(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        (WEST, "2026-11-01T08:00", "p1", "am"),
        (WEST, "2026-11-01T08:10", "p1", "am"),
        (EAST, "2026-11-01T09:00", "p1", "am"),
        (EAST, "2026-11-01T09:00", "p2", "am"),
        (BEYOND, "2026-11-01T15:00", "p1", "pm"),
        (BEYOND, "2026-11-01T17:00:00Z", "p1", "pm"),
        (None, "2026-11-01T12:00", "p3", "am"),
        (WEST, None, None, None),
    )
    assert lines(found, "substation") == [
        ["2026-11-01", "440307009001001", 2, 1, 1],
        ["2026-11-01", "440307009001002", 2, 2, 2],
        ["2026-11-01", "440307009002001", 1, 1, 1],
        ["2026-11-01", None, 1, 1, 1],
        ["2026-11-02", "440307009002001", 1, 1, 1],
        [None, "440307009001001", 1, 0, 0],
    ]
    assert lines(found, "community")[:2] == [
        ["2026-11-01", "440307009001", 4, 2, 2],
        ["2026-11-01", "440307009002", 1, 1, 1],
    ]
    assert lines(found, "street")[0] == ["2026-11-01", "440307009", 5, 2, 3]


def test_what_no_column_names_is_missing_not_zero(tmp_path: Path) -> None:
    found = counted(tmp_path, (WEST, "2026-11-01", "p1"), columns=("patroller",))
    assert found["patrollers"].tolist() == [1, 1, 1]
    assert found["patrols"].isna().all()


def test_numbers_name_people_in_whatever_type_a_file_has_them(tmp_path: Path) -> None:
    same = (WEST, "2026-11-01", 7, 12), (WEST, "2026-11-01", 7.0, 12.0), (WEST, "2026-11-01", "7", "12")
    unnamed = (WEST, "2026-11-01", float("nan"), None)
    found = counted(tmp_path, *same, unnamed, columns=("patroller_id", "patrol_id"))
    assert lines(found, "street") == [["2026-11-01", "440307009", 4, 1, 1]]


def test_two_workers_count_what_one_frame_counts(crew: Client, tmp_path: Path) -> None:
    source = lay(tmp_path / "in")
    found = count_folder(partial(each, crew), source, tmp_path / "out.csv", CountPiece(ground()))
    rows = pd.concat([pd.read_parquet(source / name) for name in FILES], ignore_index=True)
    codes = GRID.locate(rows["longitude"], rows["latitude"]).codes
    rows["outing"] = (rows["patroller"] + rows["patrol"]).where(rows["patrol"].notna())
    rows["day"] = rows["time"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d")
    for column, level in enumerate(LEVELS):
        cells = rows.assign(code=codes[:, column]).groupby(["day", "code"], dropna=False)
        expected = cells.agg(n=("client_id", "size"), people=("patroller", "nunique"), outings=("outing", "nunique"))
        assert lines(found, level) == lines(expected.reset_index().assign(level=level), level)
    assert found[found["level"] == "street"]["check_ins"].sum() == len(rows)
    written = pd.read_csv(tmp_path / "out.csv", dtype={"code": str})
    assert written.columns.tolist() == ["day", "level", "code", "check_ins", "patrollers", "patrols"]
    assert np.array_equal(written["check_ins"], found["check_ins"])


def test_without_rows_there_is_a_table_without_rows(tmp_path: Path) -> None:
    lay(tmp_path / "in", 0)
    found = count_folder(one_by_one, tmp_path / "in", tmp_path / "out.parquet", CountPiece(ground()))
    assert found.empty
    assert pq.read_schema(tmp_path / "out.parquet").names == found.columns.tolist()


def test_what_cannot_be_done_is_told_before_any_work(tmp_path: Path) -> None:
    source = lay(tmp_path / "in", 10)
    with pytest.raises(UnreadablePoints, match="xlsx"):
        count_folder(one_by_one, source, tmp_path / "out.xlsx", CountPiece(ground()))
    with pytest.raises(NoSuchColumn, match="who"):
        count_folder(one_by_one, source, tmp_path / "out.csv", CountPiece(ground(), patroller="who"))
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
