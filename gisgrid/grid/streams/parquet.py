"""Parquet to Parquet: only the coordinates are decoded and only the codes encoded.

All pages of the source are copied as they are, to the same place in the target; the pages of the codes follow them,
and a footer that knows of both. So every other value, its encoding and its compression stay bit for bit.
"""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gisgrid.grid.coordinates import Coordinates, read_coordinates
from gisgrid.grid.points import open_parquet, read_batches
from gisgrid.grid.streams.cells import CODE_COLUMNS, Cells, Joined
from gisgrid.grid.streams.footers import MAGIC, Part, ending, read_footer, split, with_columns
from gisgrid.grid.streams.journal import Entry
from gisgrid.grid.streams.pieces import THREADS, Piece
from gisgrid.grid.streams.row_groups import one_row_group

LARGE: Final = 4 << 20  # rows encoded at a time; row groups with more are taken one after the other
CODECS: Final = {
    "UNCOMPRESSED": "none",
    "SNAPPY": "snappy",
    "GZIP": "gzip",
    "BROTLI": "brotli",
    "ZSTD": "zstd",
    "LZ4": "lz4",
}


class ParquetWithCodes:
    """How the codes are added, a row group at a time. Raises UnreadablePoints, NoCoordinates, EncryptedParquet."""

    def __init__(self, source: Path, cells: Cells, coordinates: Coordinates) -> None:
        self._source, self._cells, self._coordinates = source, cells, coordinates
        with open_parquet(source) as file:
            self._metadata = file.metadata
            self._columns = list(coordinates.columns_of(file.schema_arrow))
        self._footer, self.begin = read_footer(source)
        groups = range(self._metadata.num_row_groups)
        self._groups = len(groups)
        largest = max((self._metadata.row_group(group).num_rows for group in groups), default=0)
        self.threads = THREADS if largest <= LARGE else 1
        # the codes are compressed as the first column is: whoever reads that can read them
        first = self._metadata.row_group(0).column(0).compression if groups else "SNAPPY"
        self._codec = CODECS.get(first, "snappy")
        self._no_codes = cells.columns(np.empty((0, len(CODE_COLUMNS)), dtype=np.int8))

    def units(self, done: Sequence[Entry]) -> Iterator[int]:
        """Return the numbers of the row groups left; of a file without any, one that stands for the file."""
        yield from range(len(done), max(self._groups, 1))

    def piece(self, unit: int) -> Piece:
        """Return the pages of the codes of a row group, and its share of the source."""
        share = max(self._groups, 1)
        copied = (self.begin * unit // share, self.begin * (unit + 1) // share)
        if not self._groups:
            return Piece([], Joined(), "", copied)
        counts = Joined()
        pages, footer = one_row_group([written(table, self._codec) for table in self._codes(unit, counts)])
        return Piece(pages, counts, base64.b64encode(footer).decode(), copied)

    def _codes(self, group: int, counts: Joined) -> Iterator[pa.Table]:
        """Return the codes of a row group in tables that are not too large, and count its rows."""
        found, held = [self._no_codes], 0
        with open_parquet(self._source, self._metadata) as file:
            for batch in read_batches(file, self._source, row_groups=[group], columns=self._columns):
                points = read_coordinates(pa.Table.from_batches([batch]).select(self._columns))
                numbers, more = self._cells.numbers(*points)
                found.append(self._cells.columns(numbers))
                counts.add(more)
                held += len(numbers)
                if held >= LARGE:
                    yield _table(found)
                    found, held = [], 0
        if found:
            yield _table(found)

    def expected(self, done: Joined, note: Any) -> int:
        """Return the number of rows."""
        return int(self._metadata.num_rows)

    def closing(self, done: Sequence[Entry]) -> bytes:
        """Return the footer."""
        ends = [self.begin, *(entry.end for entry in done)]
        parts = [Part(base64.b64decode(entry.note), end - len(MAGIC)) for end, entry in zip(ends, done, strict=False)]
        _, like = split(written(pa.table(self._no_codes, names=CODE_COLUMNS), self._codec))
        return ending(with_columns(self._footer, like, parts[: self._groups]))


def _table(found: Sequence[Sequence[pa.Array]]) -> pa.Table:
    return pa.table([pa.chunked_array(column) for column in zip(*found, strict=True)], names=CODE_COLUMNS)


def written(table: pa.Table, codec: str = "snappy") -> pa.Buffer:
    """Return a table as a Parquet file of one row group."""
    sink = pa.BufferOutputStream()
    # of 1024 values at a time, as is usual, the codes would take a third longer
    pq.write_table(table, sink, row_group_size=max(len(table), 1), compression=codec, write_batch_size=1 << 14)
    return sink.getvalue()
