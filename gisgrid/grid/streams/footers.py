"""Parquet footers with columns added, and one footer made of many.

What a footer says of the columns that were there before stays as it is, byte for byte. Numbers of fields are those of
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from gisgrid.errors import Refused
from gisgrid.grid.streams.thrift import (
    I64,
    LIST,
    STRUCT,
    Fields,
    extended,
    fields,
    integer,
    items,
    list_of,
    number_of,
    struct,
    text,
    text_of,
)

MAGIC: Final = b"PAR1"
SCHEMA, ROWS, ROW_GROUPS, METADATA, COLUMN_ORDERS, ENCRYPTION = 2, 3, 4, 5, 7, 8  # of FileMetaData
TYPE, NAME, CHILDREN = 1, 4, 5  # of SchemaElement
COLUMNS, SIZE, SORTING, OFFSET, COMPRESSED_SIZE, ORDINAL = 1, 2, 4, 5, 6, 7  # of RowGroup
CHUNK_OFFSET, CHUNK = 2, 3  # of ColumnChunk
CHUNK_SIZE, CHUNK_COMPRESSED_SIZE, DATA_PAGE, DICTIONARY_PAGE = 6, 7, 9, 11  # of ColumnMetaData
KEY, VALUE = 1, 2  # of KeyValue


class EncryptedParquet(Refused):
    """A Parquet file whose columns are encrypted."""


@dataclass(frozen=True, slots=True)
class Part:
    """The footer of a small file whose pages now lie in a larger one, `moved` bytes further back."""

    footer: bytes
    moved: int


def read_footer(path: Path) -> tuple[bytes, int]:
    """Return the footer of a Parquet file and where it begins: there, the pages end. Raises EncryptedParquet."""
    with path.open("rb") as file:
        end = file.seek(-8, 2)
        begin = end - int.from_bytes(file.read(4), "little")
        file.seek(begin)
        footer = file.read(end - begin)
    if ENCRYPTION in fields(footer):
        raise EncryptedParquet("不能处理加密的 Parquet 文件", "encrypted Parquet files cannot be taken")
    return footer, begin


def split(file: bytes | pa.Buffer) -> tuple[memoryview, bytes]:
    """Return the pages and the footer of a Parquet file. The pages began at `len(MAGIC)`; they are not copied."""
    held = memoryview(file)
    end = len(held) - 8
    begin = end - int.from_bytes(held[end : end + 4], "little")
    return held[len(MAGIC) : begin], bytes(held[begin:end])


def ending(footer: bytes) -> bytes:
    """Return the end of a Parquet file with this footer."""
    return footer + len(footer).to_bytes(4, "little") + MAGIC


def concatenated(parts: Sequence[Part]) -> bytes:
    """Return the footer of all rows of files of one schema."""
    tops = [fields(part.footer) for part in parts]
    groups = [
        _moved(fields(group), part.moved)
        for part, top in zip(parts, tops, strict=True)
        for group in items(top[ROW_GROUPS][1])
    ]
    rows = sum(number_of(top[ROWS][1]) for top in tops)
    return struct(tops[0] | {ROWS: (I64, integer(rows)), ROW_GROUPS: (LIST, list_of(STRUCT, groups))})


def with_columns(footer: bytes, like: bytes, parts: Sequence[Part]) -> bytes:
    """Return a footer with further columns: `like` is a footer of these alone, `parts` has one for each row group.

    Columns that were called the same are left out: their bytes remain in the file, but nothing points to them.
    """
    top, new = fields(footer), fields(like)
    more = items(new[SCHEMA][1])[1:]
    names = {text_of(fields(element)[NAME][1]) for element in more}
    elements, stay = _without(items(top[SCHEMA][1]), names)
    top[SCHEMA] = (LIST, list_of(STRUCT, [_with_children(elements[0], len(more)), *elements[1:], *more]))
    if COLUMN_ORDERS in top:
        orders = _kept(items(top[COLUMN_ORDERS][1]), stay) + items(new[COLUMN_ORDERS][1])
        top[COLUMN_ORDERS] = (LIST, list_of(STRUCT, orders))
    if METADATA in top:
        top[METADATA] = (LIST, list_of(STRUCT, [_retold(pair, names, more) for pair in items(top[METADATA][1])]))
    groups = items(top[ROW_GROUPS][1])
    top[ROW_GROUPS] = (LIST, list_of(STRUCT, [_widened(*of, stay) for of in zip(groups, parts, strict=True)]))
    return struct(top)


def _without(elements: list[bytes], names: Collection[bytes]) -> tuple[list[bytes], list[bool]]:
    """Return a schema without the columns of these names, and whether each leaf stays."""
    root, stay, kept, at = fields(elements[0]), list[bool](), list[bytes](), 1
    while at < len(elements):
        begin, open_ = at, 1
        while open_:  # a column's element, then those under it
            open_ += _children(fields(elements[at])) - 1
            at += 1
        column = elements[begin:at]
        stays = text_of(fields(column[0])[NAME][1]) not in names
        stay += [stays for element in column if TYPE in fields(element)]
        if stays:
            kept += column
        else:
            root[CHILDREN] = (root[CHILDREN][0], integer(_children(root) - 1))
    return [struct(root), *kept], stay


def _children(element: Fields) -> int:
    return number_of(element[CHILDREN][1]) if CHILDREN in element else 0


def _with_children(element: bytes, more: int) -> bytes:
    values = fields(element)
    return struct(values | {CHILDREN: (values[CHILDREN][0], integer(_children(values) + more))})


def _kept(parts: list[bytes], stay: Sequence[bool]) -> list[bytes]:
    return [part for part, stays in zip(parts, stay, strict=True) if stays]


def _widened(group: bytes, part: Part, stay: Sequence[bool]) -> bytes:
    """Return a row group without the chunks that do not stay, and with the chunks of a part's only row group."""
    values = fields(group)
    (own,) = items(fields(part.footer)[ROW_GROUPS][1])
    gone: list[bytes] = []
    if not all(stay):
        chunks = items(values[COLUMNS][1])
        gone = _kept(chunks, [not stays for stays in stay])
        values[COLUMNS] = (LIST, list_of(STRUCT, _kept(chunks, stay)))
        values.pop(SORTING, None)  # it counts columns
    return _with_chunks(values, gone, _chunks(fields(own), part.moved))


def _with_chunks(group: Fields, gone: Sequence[bytes], new: Sequence[bytes]) -> bytes:
    for total, of_chunk in ((SIZE, CHUNK_SIZE), (COMPRESSED_SIZE, CHUNK_COMPRESSED_SIZE)):
        if total in group:
            size = number_of(group[total][1]) + _sum(new, of_chunk) - _sum(gone, of_chunk)
            group[total] = (I64, integer(size))
    group[COLUMNS] = (LIST, extended(group[COLUMNS][1], new))
    return struct(group)


def _moved(group: Fields, moved: int) -> bytes:
    stays = {number: value for number, value in group.items() if number not in (OFFSET, ORDINAL)}
    return struct(stays | {COLUMNS: (LIST, list_of(STRUCT, _chunks(group, moved)))})


def _sum(chunks: Sequence[bytes], number: int) -> int:
    return sum(number_of(fields(fields(chunk)[CHUNK][1])[number][1]) for chunk in chunks)


def _chunks(group: Fields, moved: int) -> list[bytes]:
    """Return the chunks of a row group, each saying where its pages lie now."""
    found = []
    for raw in items(group[COLUMNS][1]):
        chunk = fields(raw)
        values = fields(chunk[CHUNK][1])
        for place in (DATA_PAGE, DICTIONARY_PAGE):
            if place in values:
                values[place] = (values[place][0], integer(number_of(values[place][1]) + moved))
        # deprecated, and required all the same: 0 where, as here, the chunk's metadata is told in the footer only
        chunk[CHUNK_OFFSET] = (chunk[CHUNK_OFFSET][0], integer(0))
        chunk[CHUNK] = (STRUCT, struct(values))
        found.append(struct(chunk))
    return found


def _retold(pair: bytes, names: Collection[bytes], more: Sequence[bytes]) -> bytes:
    """Tell the further columns in Arrow's own schema; other metadata stays as it is."""
    values = fields(pair)
    if text_of(values[KEY][1]) != b"ARROW:schema":
        return pair
    told = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text_of(values[VALUE][1]))))
    stay = [field for field in told if field.name.encode() not in names]
    new = [pa.field(text_of(fields(element)[NAME][1]).decode(), pa.string()) for element in more]
    schema = pa.schema([*stay, *new], metadata=told.metadata)
    values[VALUE] = (values[VALUE][0], text(base64.b64encode(schema.serialize().to_pybytes())))
    return struct(values)
