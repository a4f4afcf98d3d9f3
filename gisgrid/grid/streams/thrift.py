"""Thrift's compact protocol, in which Parquet writes its footers.

A struct is taken apart one level deep: its values stay the bytes they are, so what is not changed is not understood
either, and comes out as it went in. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from collections.abc import Callable, Sequence
from typing import Final

Fields = dict[int, tuple[int, bytes]]
"""The fields of a struct: number → (type, the bytes of its value)."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _MAP, STRUCT = range(1, 13)
STOP: Final = 0


def fields(data: bytes) -> Fields:
    """Return the fields of the struct that the bytes begin with."""
    found: Fields = {}
    at, number = 0, 0
    while data[at] != STOP:
        begin, number, kind = _field_header(data, at, number)
        at = _AFTER[kind](data, begin)
        found[number] = (kind, data[begin:at])
    return found


def struct(values: Fields) -> bytes:
    """Return the bytes of a struct."""
    made = bytearray()
    before = 0
    for number, (kind, value) in sorted(values.items()):
        step = number - before
        made += bytes([step << 4 | kind]) if step <= 15 else bytes([kind]) + integer(number)
        made += value
        before = number
    return bytes(made) + bytes([STOP])


def items(data: bytes) -> list[bytes]:
    """Return the bytes of each item of a list."""
    at, count, kind = _list_header(data, 0)
    found = []
    for _ in range(count):
        begin, at = at, _AFTER[kind](data, at)
        found.append(data[begin:at])
    return found


def extended(data: bytes, more: Sequence[bytes]) -> bytes:
    """Return the bytes of a list with more items of its type at its end."""
    begin, count, kind = _list_header(data, 0)
    return b"".join((_opening(kind, count + len(more)), data[begin:], *more))


def list_of(kind: int, parts: Sequence[bytes]) -> bytes:
    """Return the bytes of a list of the items given as bytes."""
    return b"".join((_opening(kind, len(parts)), *parts))


def number_of(data: bytes) -> int:
    """Return an integer."""
    value = _varint(data, 0)[1]
    return value >> 1 ^ -(value & 1)


def integer(value: int) -> bytes:
    """Return the bytes of an integer of 16 to 64 bits."""
    return _varint_of((value << 1) ^ (value >> 63))


def text_of(data: bytes) -> bytes:
    """Return the content of a text."""
    begin, length = _varint(data, 0)
    return data[begin : begin + length]


def text(content: bytes) -> bytes:
    """Return the bytes of a text."""
    return _varint_of(len(content)) + content


def _opening(kind: int, count: int) -> bytes:
    return bytes([count << 4 | kind]) if count < 15 else bytes([0xF0 | kind]) + _varint_of(count)


def _list_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Return where the items begin, how many there are, and their type."""
    kind, count = data[at] & 0x0F, data[at] >> 4
    at += 1
    if count == 15:
        at, count = _varint(data, at)
    return at, count, kind


def _field_header(data: bytes, at: int, before: int) -> tuple[int, int, int]:
    """Return where the value begins, the field's number, and its type."""
    kind, step = data[at] & 0x0F, data[at] >> 4
    if step:
        return at + 1, before + step, kind
    begin = _after_number(data, at + 1)
    return begin, number_of(data[at + 1 : begin]), kind


def _after_number(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def _after_text(data: bytes, at: int) -> int:
    at, length = _varint(data, at)
    return at + length


def _after_struct(data: bytes, at: int) -> int:
    number = 0
    while data[at] != STOP:
        at, number, kind = _field_header(data, at, number)
        at = _AFTER[kind](data, at)
    return at + 1


def _after_list(data: bytes, at: int) -> int:
    at, count, kind = _list_header(data, at)
    # a truth value has a byte of its own here; in a struct it is part of the field's type
    after = _AFTER[BYTE if kind in (TRUE, FALSE) else kind]
    for _ in range(count):
        at = after(data, at)
    return at


_AFTER: Final[dict[int, Callable[[bytes, int], int]]] = {
    TRUE: lambda _, at: at,
    FALSE: lambda _, at: at,
    BYTE: lambda _, at: at + 1,
    I16: _after_number,
    I32: _after_number,
    I64: _after_number,
    DOUBLE: lambda _, at: at + 8,
    BINARY: _after_text,
    LIST: _after_list,
    SET: _after_list,
    STRUCT: _after_struct,
}
"""By type: where a value ends that begins at a place. No map occurs in Parquet footers."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return where an unsigned integer ends, and the integer."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return at + 1, value | data[at] << shift


def _varint_of(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
