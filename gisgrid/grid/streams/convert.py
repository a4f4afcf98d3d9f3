"""Any table of points to CSV or Parquet, a slice at a time."""

import base64
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from gisgrid.grid.coordinates import Coordinates
from gisgrid.grid.points import PARQUET, csv_text, read_slices, separator
from gisgrid.grid.streams.cells import CODE_COLUMNS, Cells, Joined
from gisgrid.grid.streams.footers import MAGIC, Part, concatenated, ending, split
from gisgrid.grid.streams.journal import Entry
from gisgrid.grid.streams.parquet import written
from gisgrid.grid.streams.pieces import THREADS, Piece

Unit = tuple[int, pa.Table]


class TableWithCodes:
    """How a table is read in one format and written, with its codes, in another. Raises as `read_slices` does."""

    begin = 0
    threads = THREADS

    def __init__(self, source: Path, target: Path, cells: Cells, coordinates: Coordinates) -> None:
        self._cells, self._coordinates = cells, coordinates
        self._slices, self._expected = read_slices(source)
        self._is_parquet = target.suffix.lower() in PARQUET
        self._separator = separator(target)

    def units(self, done: Sequence[Entry]) -> Iterator[Unit]:
        """Return the slices left, numbered; those done are read once more and passed over."""
        return islice(enumerate(self._slices), len(done), None)

    def piece(self, unit: Unit) -> Piece:
        """Return a slice with its codes as the target has it."""
        number, table = unit
        joined, counts = with_codes(table, self._cells, self._coordinates)
        if not self._is_parquet:
            text = csv_text(joined, self._separator, header=number == 0)
            # so marked, Excel reads Chinese
            return Piece([text.encode("utf-8-sig" if number == 0 else "utf-8")], counts)
        pages, footer = split(written(joined))
        data: list[bytes | memoryview] = [pages] if number else [MAGIC, pages]
        return Piece(data, counts, base64.b64encode(footer).decode())

    def expected(self, done: Joined, note: Any) -> int:
        """Return the number of rows, where the format tells it."""
        return self._expected

    def closing(self, done: Sequence[Entry]) -> bytes:
        """Return the footer that a Parquet file has."""
        if not self._is_parquet:
            return b""
        # a file of its own began with the magic bytes; so does the whole
        moved = [0, *(entry.end - len(MAGIC) for entry in done)]
        return ending(
            concatenated([Part(base64.b64decode(entry.note), by) for by, entry in zip(moved, done, strict=False)])
        )


def with_codes(table: pa.Table, cells: Cells, coordinates: Coordinates) -> tuple[pa.Table, Joined]:
    """Return a table with the codes as its last columns, in place of earlier ones of their names."""
    numbers, counts = cells.numbers(*coordinates.of(table))
    table = table.drop_columns([name for name in CODE_COLUMNS if name in table.column_names])
    for name, column in zip(CODE_COLUMNS, cells.columns(numbers), strict=True):
        table = table.append_column(name, column.cast(pa.string()))
    return table, counts
