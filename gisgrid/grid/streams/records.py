"""The records of CSV, found in its bytes: nothing is decoded, so nothing changes.

A field that begins with a quotation mark ends at the next single one; separators and line ends between do not count.
A mark anywhere else is a character like any other. Good for UTF-8 and GB 18030, whose longer characters hold no
byte of a separator, a mark or a line end.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gisgrid.errors import Refused

MARK, LINE_END, RETURN = b'"\n\r'
BLOCK: Final = 2 << 20  # bytes; with the places of its fields, some ten times as much memory
LONGEST: Final = 32 << 20

Places = NDArray[np.int64]


class EndlessRecord(Refused):
    """A record that does not end: most likely a quotation mark is not closed."""


def field_ends(data: bytes, separator: bytes) -> Places:
    """Return the places of the separators and line ends that end fields. The bytes begin with a record."""
    held = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((held == separator[0]) | (held == LINE_END))
    if MARK not in data:
        return ends
    marks = np.flatnonzero(held == MARK)
    before = held[marks[::2] - 1]  # of each mark that opens, if all do as they should
    begins = (before == separator[0]) | (before == LINE_END) | (before == MARK) | (marks[::2] == 0)
    if not begins.all():
        marks = _marks_of_fields(data, separator)
    outside = np.searchsorted(marks, ends) % 2 == 0
    return np.asarray(ends[outside])


def _marks_of_fields(data: bytes, separator: bytes) -> Places:
    """Return the marks that open and close fields where others stand within unmarked fields: slower."""
    field = re.compile(rb'(?:^|(?<=[\n%s]))"(?:[^"]|"")*+(?:"|\Z)' % re.escape(separator))
    return np.array([mark for found in field.finditer(data) for mark in (found.start(), found.end() - 1)], np.int64)


@dataclass(frozen=True)
class Records:
    """Whole records, each with its line end; `ends` are the places where fields end."""

    data: bytes
    ends: Places
    separator: bytes

    @cached_property
    def _held(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.data, dtype=np.uint8)

    @cached_property
    def _last(self) -> Places:
        """The number of each record's last field among all fields."""
        return np.flatnonzero(self._held[self.ends] == LINE_END)

    @cached_property
    def _first(self) -> Places:
        return np.concatenate((np.zeros(1, np.int64), self._last + 1))[:-1]

    @cached_property
    def _begins(self) -> Places:
        """The places where fields begin."""
        return np.concatenate((np.zeros(1, np.int64), self.ends + 1))[:-1]

    @cached_property
    def _content_ends(self) -> Places:
        """The place of each record's line end: of its line feed, or of the return before it."""
        feed = self.ends[self._last]
        return np.asarray(feed - ((feed > 0) & (self._held[feed - 1] == RETURN)))

    @cached_property
    def widths(self) -> Places:
        """How many fields each record has."""
        return np.asarray(self._last - self._first + 1)

    @cached_property
    def are_blank(self) -> NDArray[np.bool_]:
        """Which records are empty lines."""
        return np.asarray(self._content_ends == self._begins[self._first])

    def record(self, number: int) -> "Records":
        """Return one record."""
        first, last = self._first[number], self._last[number]
        begin = int(self._begins[first])
        return Records(self.data[begin : self.ends[last] + 1], self.ends[first : last + 1] - begin, self.separator)

    def fields(self, column: int) -> pa.Array:
        """Return one field of each record as it is written (binary); null where a record has not so many."""
        # every second stretch is a field; those between are single separators
        stretches = _stretches(self.data, np.column_stack((self._begins, self.ends)).reshape(-1))
        return stretches.take(pa.array(2 * (self._first + column), mask=column >= self.widths))

    def without(self, columns: Collection[int]) -> "Records":
        """Return the records without some of their fields, each taken with the separator before it.

        (Fields before the first that stays are taken with the separator after them.)
        """
        if not columns:
            return self
        number = np.arange(len(self.ends)) - np.repeat(self._first, self.widths)
        first_to_stay = min(set(range(len(columns) + 1)) - set(columns))
        gone = np.flatnonzero(np.isin(number, list(columns)))
        begins = self._begins[gone] - (number[gone] > first_to_stay)
        ends = self.ends[gone] + (number[gone] < first_to_stay)
        within = np.zeros(len(self.data) + 1, dtype=np.int8)
        np.add.at(within, begins, 1)
        np.add.at(within, np.minimum(ends, np.repeat(self._content_ends, self.widths)[gone]), -1)
        data = self._held[np.cumsum(within[:-1]) == 0].tobytes()
        return Records(data, field_ends(data, self.separator), self.separator)

    def followed_by(self, *texts: pa.Array) -> bytes:
        """Return the records, each with further texts (binary) before its line end."""
        if not len(self._last):
            return self.data
        # each stretch is the line end of the record before and the record up to its own
        stretches = _stretches(self.data, np.concatenate((np.zeros(1, np.int64), self._content_ends)))
        joined = pc.binary_join_element_wise(stretches, *texts, b"")
        return bytes(joined.buffers()[2])[: _end(joined)] + self.data[self._content_ends[-1] :]


def read_records(file: BinaryIO, begin: int, separator: bytes) -> Iterator[tuple[Records, int]]:
    """Return the records of a file from a place where one begins, in blocks, and the place where each block ends.

    A record at the end without a line end gets one. Raises EndlessRecord.
    """
    file.seek(begin)
    data = b""
    while True:
        more = file.read(BLOCK)
        data += more
        if not data:
            return
        if not more and data[-1] != LINE_END:
            data += bytes([LINE_END])
        ends = field_ends(data, separator)
        lines = ends[np.frombuffer(data, dtype=np.uint8)[ends] == LINE_END]
        if len(lines):
            whole = int(lines[-1]) + 1
            begin += whole
            yield Records(data[:whole], ends[: np.searchsorted(ends, whole)], separator), begin
            data = data[whole:]
        elif not more or len(data) > LONGEST:
            shown = data[:60].decode("utf-8", "replace")
            raise EndlessRecord(
                f"有一行没有结束,可能引号未闭合:{shown}",
                f"a record does not end; is a quotation mark not closed? {shown}",
            )


def _stretches(data: bytes, bounds: Places) -> pa.Array:
    """Return the bytes from each bound to the next as an array, without copying them."""
    ends = pa.py_buffer(np.ascontiguousarray(bounds, dtype=np.int32))
    return pa.Array.from_buffers(pa.binary(), len(bounds) - 1, [None, ends, pa.py_buffer(data)])


def _end(texts: pa.Array) -> int:
    return int(np.frombuffer(texts.buffers()[1], dtype=np.int32)[len(texts)])
