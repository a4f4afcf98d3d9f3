"""CSV to CSV: every record stays the bytes it was, in the encoding it was, and the codes are written after it."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from gisgrid.geometry import Floats
from gisgrid.grid.coordinates import AROUND_NUMBERS, Coordinates, read_coordinates
from gisgrid.grid.points import csv_encoding, separator, unreadable
from gisgrid.grid.streams.cells import CODE_COLUMNS, Cells, Joined
from gisgrid.grid.streams.journal import Entry
from gisgrid.grid.streams.pieces import THREADS, Piece
from gisgrid.grid.streams.records import Records, read_records

BOM = b"\xef\xbb\xbf"
Unit = tuple[Records, int]


class TextWithCodes:
    """How the codes are added to the records, a block at a time. Raises UnreadablePoints, NoCoordinates.

    An empty line stays empty. A record that ends too early is filled up; one with too many fields is refused.
    """

    begin = 0
    threads = THREADS

    def __init__(self, source: Path, cells: Cells, coordinates: Coordinates) -> None:
        self._source, self._cells = source, cells
        self._separator = separator(source).encode()
        self._encoding = csv_encoding(source)
        self._size = source.stat().st_size
        self._bom, self._header, self._rows_begin = self._read_header()
        names = self._names()
        self._width = len(names)
        self._gone = [number for number, name in enumerate(names) if name in CODE_COLUMNS]
        self._columns = [names.index(name) for name in coordinates.among(names)]
        self._padding = pa.array([self._separator * count for count in range(self._width + 1)], pa.binary())
        # counted from the end: -1 is for a point in no cell
        self._codes = [
            pa.array([*map(self._written, codes.to_pylist()), self._separator], pa.binary()) for codes in cells.codes
        ]

    def _read_header(self) -> tuple[bytes, Records, int]:
        with self._source.open("rb") as file:
            bom = BOM if file.read(len(BOM)) == BOM else b""
            first = next(read_records(file, len(bom), self._separator), None)
        if first is None:
            raise unreadable(self._source, "文件是空的", "it is empty")
        header = first[0].record(0)
        return bom, header, len(bom) + len(header.data)

    def _names(self) -> list[str]:
        try:
            header = self._header.data.decode(self._encoding).rstrip("\r\n")
            return next(csv.reader([header], delimiter=self._separator.decode()), [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise unreadable(self._source, "不是完好的 CSV(表头)", "it is not a sound CSV (its header)") from error

    def _written(self, text: str) -> bytes:
        """Return a code as a further field."""
        plain = text.encode(self._encoding.removesuffix("-sig"))
        is_marked = any(mark in plain for mark in (self._separator, b'"', b"\n", b"\r"))
        return self._separator + (b'"' + plain.replace(b'"', b'""') + b'"' if is_marked else plain)

    def units(self, done: Sequence[Entry]) -> Iterator[Unit]:
        """Return the header, then blocks of records, each with the place in the source where it ends."""
        if not done:
            yield self._header, self._rows_begin
        with self._source.open("rb") as file:
            yield from read_records(file, done[-1].note if done else self._rows_begin, self._separator)

    def piece(self, unit: Unit) -> Piece:
        """Return records with their codes."""
        records, end = unit
        if records is self._header:
            names = [pa.array([self._written(name)], pa.binary()) for name in CODE_COLUMNS]
            return Piece([self._bom, records.without(self._gone).followed_by(*names)], Joined(), end)
        self._refuse_long(records)
        numbers, counts = self._cells.numbers(*self._positions(records))
        blank = records.are_blank
        counts.add(Joined(*[-int(blank.sum())] * 3))
        kept = records.without(self._gone)
        missing = self._width - len(self._gone) - kept.widths
        numbered = [(self._padding, missing), *zip(self._codes, numbers.T, strict=True)]
        texts = [pc.take(texts, pa.array(number % len(texts), mask=blank)) for texts, number in numbered]
        return Piece([kept.followed_by(*[text.fill_null(b"") for text in texts])], counts, end)

    def _refuse_long(self, records: Records) -> None:
        most = int(records.widths.max())
        if most > self._width:
            longest = records.record(int(records.widths.argmax()))
            shown = longest.data[:80].decode(self._encoding, "replace").strip()
            raise unreadable(
                self._source,
                f"不是完好的 CSV:表头有 {self._width} 个字段,有一行却有 {most} 个:{shown}",
                f"it is not a sound CSV: the header has {self._width} fields, a record {most}: {shown}",
            )

    def _positions(self, records: Records) -> tuple[Floats, Floats]:
        """Return x and y; numbers are read from the bytes, geometries from the hexadecimal digits of their WKB."""
        columns = [records.fields(column) for column in self._columns]
        if len(columns) == 1:
            texts = [text and text.decode("ascii", "replace").strip(AROUND_NUMBERS) for text in columns[0].to_pylist()]
            columns = [pa.array(texts, pa.string())]
        return read_coordinates(pa.table(columns, names=["x", "y"][: len(columns)]))

    def expected(self, done: Joined, note: int) -> int:
        """Return how many rows there will be if the others are as long as those so far."""
        return round(done.rows * self._size / note)

    def closing(self, done: Sequence[Entry]) -> bytes:
        """Return nothing: the last record ends the file."""
        return b""
