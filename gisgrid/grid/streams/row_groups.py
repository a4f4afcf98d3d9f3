"""One large row group made of several small ones, of columns that all have the same dictionary.

In Parquet a column's pages lie together in a row group: its dictionary, then its values. So those of many slices can
be encoded one slice after the other, and be put together without being decoded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from gisgrid.grid.streams.footers import (
    CHUNK,
    COLUMNS,
    COMPRESSED_SIZE,
    DATA_PAGE,
    DICTIONARY_PAGE,
    MAGIC,
    ROW_GROUPS,
    ROWS,
    SIZE,
    split,
)
from gisgrid.grid.streams.thrift import I64, LIST, STRUCT, Fields, fields, integer, items, list_of, number_of, struct

GROUP_ROWS = 3  # of RowGroup
VALUES, UNPACKED_SIZE, PACKED_SIZE = 5, 6, 7  # of ColumnMetaData
STATISTICS = (12, 13, 16)  # of ColumnMetaData: of values, encodings and sizes; they may be absent
UNPACKED, PACKED = 2, 3  # of PageHeader


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a row group: what its metadata say, and its pages."""

    chunk: Fields
    metadata: Fields
    dictionary: memoryview
    values: memoryview

    @classmethod
    def of(cls, chunk: bytes, pages: memoryview) -> Self:
        values = fields(chunk)
        metadata = fields(values[CHUNK][1])
        begin, first = (number_of(metadata[place][1]) - len(MAGIC) for place in (DICTIONARY_PAGE, DATA_PAGE))
        end = begin + number_of(metadata[PACKED_SIZE][1])
        return cls(values, metadata, pages[begin:first], pages[first:end])

    @property
    def unpacked_dictionary(self) -> int:
        header = fields(bytes(self.dictionary))
        return len(self.dictionary) + number_of(header[UNPACKED][1]) - number_of(header[PACKED][1])


def one_row_group(files: Sequence[bytes | pa.Buffer]) -> tuple[list[memoryview], bytes]:
    """Return the pages (not copied) and the footer of a file of one row group with all rows of such files.

    (Several files must have rows each: without any there is no dictionary.)
    """
    parts = [split(file) for file in files]
    if len(parts) == 1:
        return [parts[0][0]], parts[0][1]
    tops = [fields(footer) for _, footer in parts]
    groups = [fields(items(top[ROW_GROUPS][1])[0]) for top in tops]
    chunks = [items(group[COLUMNS][1]) for group in groups]
    pages: list[memoryview] = []
    made: list[bytes] = []
    for of_column in zip(*chunks, strict=True):
        columns = [_Column.of(chunk, held) for chunk, (held, _) in zip(of_column, parts, strict=True)]
        made.append(_merged(columns, len(MAGIC) + sum(map(len, pages))))
        pages += [columns[0].dictionary, *(column.values for column in columns)]
    group = {
        COLUMNS: (LIST, list_of(STRUCT, made)),
        SIZE: _sum(fields(fields(chunk)[CHUNK][1])[UNPACKED_SIZE] for chunk in made),
        GROUP_ROWS: _sum(group[GROUP_ROWS] for group in groups),
        COMPRESSED_SIZE: (I64, integer(sum(map(len, pages)))),
    }
    rows = _sum(top[ROWS] for top in tops)
    return pages, struct(tops[0] | {ROWS: rows, ROW_GROUPS: (LIST, list_of(STRUCT, [struct(group)]))})


def _merged(columns: Sequence[_Column], place: int) -> bytes:
    """Return the chunk of a column whose pages begin at a place of the file."""
    first = columns[0]
    if any(column.dictionary != first.dictionary for column in columns):
        raise ValueError("the dictionaries of a column differ")
    unpacked = sum(number_of(column.metadata[UNPACKED_SIZE][1]) for column in columns)
    unpacked -= first.unpacked_dictionary * (len(columns) - 1)
    packed = len(first.dictionary) + sum(len(column.values) for column in columns)
    told = {number: value for number, value in first.metadata.items() if number not in STATISTICS}
    told |= {
        VALUES: _sum(column.metadata[VALUES] for column in columns),
        UNPACKED_SIZE: (I64, integer(unpacked)),
        PACKED_SIZE: (I64, integer(packed)),
        DICTIONARY_PAGE: (I64, integer(place)),
        DATA_PAGE: (I64, integer(place + len(first.dictionary))),
    }
    return struct(first.chunk | {CHUNK: (STRUCT, struct(told))})


def _sum(values: Iterable[tuple[int, bytes]]) -> tuple[int, bytes]:
    return I64, integer(sum(number_of(value) for _, value in values))
