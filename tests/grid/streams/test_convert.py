from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gisgrid.grid import points
from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from gisgrid.grid.streams.cells import CODE_COLUMNS
from tests.grid.builders import nested_squares

GRID = Grid(nested_squares())
SPOTS = GRID.cells.geometry.representative_point()
TABLE = pa.table({"id": [f"00{n}" for n in range(11)], "lon": [*SPOTS.x, 0.0], "lat": [*SPOTS.y, 0.0]})
TABLE = TABLE.append_column("注", [['葵,"1', "", None] * 3 + ["x", "y"]])
CODES = [[code or "" for code in codes] for codes in GRID.locate(TABLE["lon"], TABLE["lat"]).codes]


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "SLICE", 4)


def source(folder: Path, kind: str, table: pa.Table = TABLE) -> Path:
    path = folder / f"in{kind}"
    if kind == ".parquet":
        pq.write_table(table, path, row_group_size=3)
    else:
        table.to_pandas().to_csv(path, index=False, sep="\t" if kind == ".tsv" else ",")
    return path


def text(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pandas().astype(object).fillna("").astype(str)
    return pd.read_csv(path, dtype=str, keep_default_na=False, sep="\t" if path.suffix == ".tsv" else ",")


@pytest.mark.parametrize(
    ("before", "after"), [(".parquet", ".csv"), (".csv", ".parquet"), (".csv", ".tsv"), (".tsv", ".parquet")]
)
def test_every_format_becomes_every_other(tmp_path: Path, before: str, after: str) -> None:
    counts = join(source(tmp_path, before), tmp_path / f"out{after}", GRID)
    found = text(tmp_path / f"out{after}")
    assert found.columns.tolist() == [*TABLE.column_names, *CODE_COLUMNS]
    assert found[list(CODE_COLUMNS)].to_numpy().tolist() == CODES
    pd.testing.assert_frame_equal(found[TABLE.column_names], text(source(tmp_path, before)), check_dtype=False)
    assert (counts.rows, counts.outside) == (11, 1)
    if after == ".parquet":
        assert pq.read_metadata(tmp_path / "out.parquet").num_row_groups == 3


@pytest.mark.parametrize(("before", "after"), [(".parquet", ".csv"), (".csv", ".parquet")])
def test_a_table_without_rows(tmp_path: Path, before: str, after: str) -> None:
    join(source(tmp_path, before, TABLE.slice(0, 0)), tmp_path / f"out{after}", GRID)
    found = text(tmp_path / f"out{after}")
    assert found.columns.tolist() == [*TABLE.column_names, *CODE_COLUMNS]
    assert len(found) == 0


def test_csv_of_another_format_is_marked_so_that_excel_reads_chinese(tmp_path: Path) -> None:
    join(source(tmp_path, ".parquet"), tmp_path / "out.csv", GRID)
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert content.count(b"\xef\xbb\xbf") == 1


@pytest.mark.parametrize(("before", "after"), [(".parquet", ".csv"), (".csv", ".parquet")])
def test_codes_of_an_earlier_join_are_replaced(tmp_path: Path, before: str, after: str) -> None:
    old = TABLE.add_column(0, "street_code", [["old"] * 11])
    join(source(tmp_path, before, old), tmp_path / f"out{after}", GRID)
    assert text(tmp_path / f"out{after}")[list(CODE_COLUMNS)].to_numpy().tolist() == CODES


@pytest.mark.parametrize(("before", "after"), [(".parquet", ".csv"), (".csv", ".parquet")])
def test_an_interrupted_run_is_continued(
    tmp_path: Path, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(done: int, expected: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    path = source(tmp_path, before)
    join(path, tmp_path / f"whole{after}", GRID)
    with pytest.raises(KeyboardInterrupt):
        join(path, tmp_path / f"out{after}", GRID, progress=interrupted)
    counts = join(path, tmp_path / f"out{after}", GRID)
    assert (counts.continued_from, counts.rows) == (8, 11)
    assert (tmp_path / f"out{after}").read_bytes() == (tmp_path / f"whole{after}").read_bytes()
