"""Row groups put together are read by pyarrow as the rows of all of them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.grid.streams.footers import MAGIC, ending
from gisgrid.grid.streams.row_groups import one_row_group

CODES = [f"44030700900{number}" for number in range(9)]


def columns(numbers: list[int | None]) -> pa.Table:
    """Two columns of codes, of different dictionaries."""
    first = pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int8()), CODES)
    second = pa.DictionaryArray.from_arrays(pa.array([n and n % 2 for n in numbers], pa.int8()), ["a", "b"])
    return pa.table({"first": first, "second": second})


def file_of(table: pa.Table, **options: object) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=max(len(table), 1), **options)
    return sink.getvalue()


def read(files: list[pa.Buffer]) -> pq.ParquetFile:
    pages, footer = one_row_group(files)
    return pq.ParquetFile(pa.BufferReader(MAGIC + b"".join(pages) + ending(footer)))


numbers = st.lists(st.none() | st.integers(0, 8), min_size=1, max_size=30)


@given(st.lists(numbers, min_size=1, max_size=5), st.sampled_from(["none", "snappy", "zstd"]))
def test_rows_of_all_groups_are_rows_of_one(parts: list[list[int | None]], codec: str) -> None:
    file = read([file_of(columns(part), compression=codec) for part in parts])
    assert file.metadata.num_row_groups == 1
    assert file.metadata.num_rows == sum(map(len, parts))
    expected = pa.concat_tables([columns(part) for part in parts])
    assert file.read().to_pydict() == expected.to_pydict()


def test_sizes_are_those_of_one_group() -> None:
    parts = [[1, 2, None] * 50, [3] * 150, [8, None] * 75]
    group = read([file_of(columns(part), data_page_size=10) for part in parts]).metadata.row_group(0)
    sizes = [(group.column(n).total_uncompressed_size, group.column(n).total_compressed_size) for n in (0, 1)]
    assert group.total_byte_size == sizes[0][0] + sizes[1][0]
    assert group.column(1).dictionary_page_offset == len(MAGIC) + sizes[0][1]
    assert [group.column(n).num_values for n in (0, 1)] == [450, 450]
    assert not group.column(0).is_stats_set
    alone = [pq.ParquetFile(pa.BufferReader(file_of(columns(part), compression="none"))) for part in parts]
    together = read([file_of(columns(part), compression="none") for part in parts]).metadata.row_group(0)
    dictionary = [alone[0].metadata.row_group(0).column(n) for n in (0, 1)]
    for n in (0, 1):
        saved = 2 * (dictionary[n].data_page_offset - dictionary[n].dictionary_page_offset)
        total = sum(file.metadata.row_group(0).column(n).total_uncompressed_size for file in alone)
        chunk = together.column(n)
        assert chunk.total_uncompressed_size == chunk.total_compressed_size == total - saved


def test_one_file_stays_as_it_is() -> None:
    file = file_of(columns([1, None, 2]))
    pages, footer = one_row_group([file])
    assert MAGIC + b"".join(pages) + ending(footer) == file.to_pybytes()


def test_other_dictionaries_are_never_mixed() -> None:
    other = pa.table({"first": pa.array(["x"]).dictionary_encode(), "second": pa.array(["a"]).dictionary_encode()})
    with pytest.raises(ValueError, match="dictionaries"):
        one_row_group([file_of(columns([1])), file_of(other)])
