"""Parquet to Parquet: the codes are those of the grid, and everything else is what it was."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gisgrid.grid.coordinates import Coordinates
from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from gisgrid.grid.points import UnreadablePoints
from gisgrid.grid.streams.cells import CODE_COLUMNS, Joined
from tests.grid.builders import nested_squares

GRID = Grid(nested_squares())
TAGS = pa.list_(pa.field("element", pa.string()))  # as Parquet has it
WEST, SOUTH, EAST, NORTH = GRID.cells.total_bounds


def points(count: int, seed: int = 0) -> pa.Table:
    chance = np.random.default_rng(seed)
    lon, lat = chance.uniform((WEST - 0.01, SOUTH - 0.01), (EAST + 0.01, NORTH + 0.01), (count, 2)).T
    lon[chance.random(count) < 0.05] = np.nan
    return pa.table(
        {
            "id": pa.array([f"{number:09}" for number in range(count)], pa.string()),
            "who": pa.DictionaryArray.from_arrays(
                pa.array(chance.integers(0, 3, count), pa.int32()), ["甲", "乙", "丙"]
            ),
            "lon": lon,
            "lat": pa.array(lat, mask=chance.random(count) < 0.05),
            "tags": pa.array([[str(number)] * (number % 3) for number in range(count)], TAGS),
            "nan": pa.array(np.frombuffer(np.uint64(0x7FF8_0000_0000_BEEF).tobytes() * count)),
        }
    )


def joined(folder: Path, table: pa.Table, **options: object) -> tuple[pa.Table, Joined]:
    pq.write_table(table, folder / "in.parquet", **options)
    counts = join(folder / "in.parquet", folder / "out.parquet", GRID)
    return pq.read_table(folder / "out.parquet"), counts


def assert_right(found: pa.Table, table: pa.Table) -> None:
    codes = found.select(CODE_COLUMNS)
    assert codes.schema.types == [pa.string()] * 3
    assert bits(found.drop_columns(CODE_COLUMNS)).equals(bits(table), check_metadata=True)
    x, y = Coordinates().of(table)
    assert_array_equal(codes.to_pandas().astype(object).fillna("").to_numpy(), fillna(GRID.locate(x, y).codes))


def bits(table: pa.Table) -> pa.Table:
    """Floats as integers, which are equal only bit for bit."""
    columns = [column.combine_chunks() for column in table.columns]
    plain = [column.view(pa.int64()) if column.type == pa.float64() else column for column in columns]
    return pa.table(plain, names=table.column_names, metadata=table.schema.metadata)


def fillna(codes: np.ndarray) -> np.ndarray:
    return np.where(codes == None, "", codes)  # noqa: E711 - elementwise


@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_codes_are_added_and_nothing_else_changes(tmp_path: Path, rows: int, count: int) -> None:
    table = points(count)
    found, counts = joined(tmp_path, table, row_group_size=rows)
    assert_right(found, table)
    assert counts.rows == count
    assert counts.outside == found["street_code"].null_count


def test_pages_are_copied_as_they_are(tmp_path: Path) -> None:
    joined(tmp_path, points(1000), row_group_size=100, compression="zstd")
    before, after = (pq.read_metadata(tmp_path / name) for name in ("in.parquet", "out.parquet"))
    assert before.num_row_groups == after.num_row_groups == 10
    assert before.created_by == after.created_by
    end = before.serialized_size + 8
    content = (tmp_path / "in.parquet").read_bytes()[:-end]
    assert (tmp_path / "out.parquet").read_bytes().startswith(content)
    for group in range(10):
        for column in range(before.num_columns):
            old, new = (metadata.row_group(group).column(column).to_dict() for metadata in (before, after))
            assert old == new


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
def test_codes_are_compressed_as_the_rest_is(tmp_path: Path, codec: str) -> None:
    table = points(50)
    found, _ = joined(tmp_path, table, compression=codec)
    assert_right(found, table)
    group = pq.read_metadata(tmp_path / "out.parquet").row_group(0)
    compressions = {group.column(number).compression for number in range(group.num_columns)}
    assert len(compressions) == 1


@given(st.lists(st.integers(0, 12), max_size=6), st.integers(1, 5))
def test_slices_do_not_show(groups: list[int], rows: int) -> None:
    table = points(sum(groups), seed=rows)
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr("gisgrid.grid.points.SLICE", rows)
        patch.setattr("gisgrid.grid.streams.parquet.LARGE", 2 * rows)
        source, target = Path(name) / "in.parquet", Path(name) / "out.parquet"
        with pq.ParquetWriter(source, table.schema) as writer:
            for count, end in zip(groups, np.cumsum(groups), strict=True):
                writer.write_table(table.slice(end - count, count))
        join(source, target, GRID)
        assert pq.read_metadata(target).num_row_groups == len(groups)
        assert_right(pq.read_table(target), table)


def test_codes_of_large_groups_are_encoded_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gisgrid.grid.points.SLICE", 10)
    monkeypatch.setattr("gisgrid.grid.streams.parquet.LARGE", 30)
    with pq.ParquetWriter(tmp_path / "in.parquet", points(0).schema) as writer:
        for count in (100, 20):
            writer.write_table(points(count))
    join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID)
    found = pq.read_metadata(tmp_path / "out.parquet")
    # those of parts have no statistics
    last = found.num_columns - 1
    assert [found.row_group(group).column(last).is_stats_set for group in (0, 1)] == [False, True]
    assert_right(pq.read_table(tmp_path / "out.parquet"), pa.concat_tables([points(100), points(20)]))


def test_metadata_of_pandas_is_kept(tmp_path: Path) -> None:
    frame = pd.DataFrame({"lon": [WEST, 0.0], "lat": [SOUTH, 0.0]}, index=pd.Index(["a", "b"], name="key"))
    frame.to_parquet(tmp_path / "in.parquet")
    join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID)
    found = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(found[["lon", "lat"]], frame)
    assert list(found.columns) == ["lon", "lat", *CODE_COLUMNS]


def test_joining_again_replaces_the_codes(tmp_path: Path) -> None:
    table = points(100)
    old = table.add_column(0, "community_code", [[1] * 100]).append_column("street_code", [["old"] * 100])
    found, _ = joined(tmp_path, old, row_group_size=30)
    assert_right(found, table)
    join(tmp_path / "out.parquet", tmp_path / "again.parquet", GRID)
    assert bits(pq.read_table(tmp_path / "again.parquet")).equals(bits(found))


@pytest.mark.parametrize("reader", ["duckdb", "polars"])
def test_other_readers_agree(tmp_path: Path, reader: str) -> None:
    module = pytest.importorskip(reader)
    found, _ = joined(tmp_path, points(500).drop_columns("nan"), row_group_size=100)
    path = tmp_path / "out.parquet"
    other = module.read_parquet(str(path)).pl() if reader == "duckdb" else module.read_parquet(path)
    assert bits(other.to_arrow().cast(found.schema)).equals(bits(found))


def test_what_is_no_parquet_file_is_told(tmp_path: Path) -> None:
    pq.write_table(points(100), tmp_path / "in.parquet")
    whole = (tmp_path / "in.parquet").read_bytes()
    pages = pq.read_metadata(tmp_path / "in.parquet").row_group(0).column(2).dictionary_page_offset
    damaged = whole[: pages + 20] + bytes(200) + whole[pages + 220 :]
    for content in (b"", b"PAR1", b"text", whole[:-100], whole[: len(whole) // 2] + whole[-8:], damaged):
        (tmp_path / "in.parquet").write_bytes(content)
        with pytest.raises(UnreadablePoints, match=r"in\.parquet"):
            join(tmp_path / "in.parquet", tmp_path / "out.parquet", GRID)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]
