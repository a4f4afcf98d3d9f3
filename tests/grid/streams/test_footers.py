"""Columns are added to footers of files of many kinds; pyarrow and DuckDB read what comes of it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gisgrid.grid.streams.footers import (
    MAGIC,
    OFFSET,
    ORDINAL,
    ROW_GROUPS,
    EncryptedParquet,
    Part,
    concatenated,
    ending,
    read_footer,
    split,
    with_columns,
)
from gisgrid.grid.streams.thrift import STRUCT, fields, items, struct

OLD = pa.table(
    {
        "n": pa.array(range(7), pa.int16()),
        "deep": [{"x": [k] * k, "y": {"z": str(k)}} for k in range(7)],
        "text": pa.array(["a", None, "b", "a", "a", "c", "中"]).dictionary_encode(),
        "at": pa.array(range(7), pa.timestamp("ms", "Asia/Shanghai")),
    },
    metadata={"own": "中"},
)
NEW = pa.table({"e": ["p", None, "q", "p", "p", None, "r"], "f": [str(k) for k in range(7)]})
EXPECTED = OLD.append_column("e", NEW["e"]).append_column("f", NEW["f"])


def file_of(table: pa.Table, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return sink.getvalue().to_pybytes()


def widened(folder: Path, old: pa.Table, new: pa.Table, rows: int = 3, **options: object) -> Path:
    """A file of the old columns, in groups of some rows, with the new ones added."""
    (folder / "old.parquet").write_bytes(file_of(old, row_group_size=rows, **options))
    footer, end = read_footer(folder / "old.parquet")
    body, parts = (folder / "old.parquet").read_bytes()[:end], []
    for begin in range(0, max(len(old), 1), rows):
        pages, own = split(file_of(new.slice(begin, rows)))
        parts.append(Part(own, len(body) - len(MAGIC)))
        body += pages
    _, like = split(file_of(new.slice(0, 0)))
    (folder / "new.parquet").write_bytes(body + ending(with_columns(footer, like, parts)))
    return folder / "new.parquet"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zstd", "write_page_index": True, "write_page_checksum": True},
        {"store_schema": False},
        {"version": "1.0", "use_dictionary": False, "write_statistics": False},
        {"data_page_version": "2.0", "sorting_columns": [pq.SortingColumn(0)]},
        {"bloom_filter_options": {"n": True}},
    ],
)
def test_columns_are_added_to_files_of_many_kinds(tmp_path: Path, options: dict[str, object]) -> None:
    path = widened(tmp_path, OLD, NEW, **options)
    found = pq.read_table(path, page_checksum_verification="write_page_checksum" in options)
    old = pq.read_table(tmp_path / "old.parquet")
    assert found.schema.names == EXPECTED.schema.names
    assert found.drop_columns(["e", "f"]).schema.equals(old.schema, check_metadata=True)
    assert found.drop_columns(["e", "f"]).equals(old)
    assert found.select(["e", "f"]).equals(NEW)


def test_statistics_and_sizes_are_true(tmp_path: Path) -> None:
    path = widened(tmp_path, OLD, NEW)
    group = pq.read_metadata(path).row_group(0)
    before = pq.read_metadata(tmp_path / "old.parquet").row_group(0)
    chunk = group.column(group.num_columns - 2)
    assert (chunk.statistics.min, chunk.statistics.max, chunk.statistics.null_count) == ("p", "q", 1)
    sizes = [group.column(number).total_uncompressed_size for number in range(group.num_columns)]
    assert group.total_byte_size == sum(sizes) == before.total_byte_size + sum(sizes[-2:])
    assert pq.read_table(path, filters=[("f", "=", "4")])["n"].to_pylist() == [4]


def test_old_columns_of_the_names_are_left_out(tmp_path: Path) -> None:
    old = OLD.add_column(0, "f", [[{"u": 1, "v": [2]}] * 7]).append_column("e", [[0] * 7])
    path = widened(tmp_path, old, NEW, sorting_columns=[pq.SortingColumn(3)])
    assert pq.read_table(path).equals(EXPECTED)
    assert pq.read_metadata(path).row_group(0).sorting_columns == ()
    group = pq.read_metadata(path).row_group(1)
    sizes = [group.column(number).total_uncompressed_size for number in range(group.num_columns)]
    assert group.total_byte_size == sum(sizes)


def test_another_reader_reads_it_too(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = widened(tmp_path, OLD, NEW)
    rows = duckdb.sql(f"SELECT n, text, e, f FROM '{path}' WHERE e IS NOT NULL ORDER BY n").fetchall()
    assert rows == [(0, "a", "p", "0"), (2, "b", "q", "2"), (3, "a", "p", "3"), (4, "a", "p", "4"), (6, "中", "r", "6")]


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    pages, footer = split(file_of(OLD))
    aes = struct({1: (STRUCT, struct({}))})
    (tmp_path / "secret.parquet").write_bytes(MAGIC + pages + ending(struct(fields(footer) | {8: (STRUCT, aes)})))
    with pytest.raises(EncryptedParquet):
        read_footer(tmp_path / "secret.parquet")


def test_a_file_without_rows(tmp_path: Path) -> None:
    found = pq.read_table(widened(tmp_path, OLD.slice(0, 0), NEW.slice(0, 0)))
    assert found.equals(EXPECTED.slice(0, 0))


def test_a_file_without_row_groups(tmp_path: Path) -> None:
    with pq.ParquetWriter(tmp_path / "old.parquet", OLD.schema):
        pass
    footer, end = read_footer(tmp_path / "old.parquet")
    _, like = split(file_of(NEW.slice(0, 0)))
    body = (tmp_path / "old.parquet").read_bytes()[:end] + ending(with_columns(footer, like, []))
    assert pq.read_table(pa.BufferReader(body)).equals(EXPECTED.slice(0, 0))


def test_footers_of_one_schema_become_one(tmp_path: Path) -> None:
    body, parts = MAGIC, []
    for begin in range(0, 7, 2):
        pages, footer = split(file_of(OLD.slice(begin, 2), row_group_size=1))
        parts.append(Part(footer, len(body) - len(MAGIC)))
        body += pages
    (tmp_path / "all.parquet").write_bytes(body + ending(concatenated(parts)))
    assert pq.read_table(tmp_path / "all.parquet").equals(OLD)
    assert pq.read_metadata(tmp_path / "all.parquet").num_row_groups == 7
    assert pq.read_metadata(tmp_path / "all.parquet").num_rows == 7
    groups = items(fields(read_footer(tmp_path / "all.parquet")[0])[ROW_GROUPS][1])
    assert all({OFFSET, ORDINAL}.isdisjoint(fields(group)) for group in groups)  # they told of the small files
