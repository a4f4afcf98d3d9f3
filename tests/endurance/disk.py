"""What a folder is after a power cut: what was brought to the disk, and of all else some, torn to sectors.

The journal comes from shim.c. A file that was made, removed or renamed is so for good once its folder was brought to
the disk; what was not is done up to some point, in order, as file systems with a log of their own have it.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

RECORD: Final = struct.Struct("=QQQII")
SECTOR: Final = 512

Contents = dict[str, bytes]


class Kind(IntEnum):
    """As in shim.c."""

    CREATED = 1
    OPENED = 2
    WRITTEN = 3
    CUT_OFF = 4
    SYNCED = 5
    FOLDER_SYNCED = 6
    REMOVED = 7
    RENAMED = 8
    UNKNOWN = 9


class Entry(NamedTuple):
    """What happened at a moment (`time.monotonic`) to a file; data is a name, or what was written at the offset."""

    at_s: float
    kind: Kind
    file: int
    offset: int
    data: bytes


def journal_of(path: Path) -> list[Entry]:
    """Return the entries of a journal, without the last one where its writer was killed at it."""
    raw, entries, at = path.read_bytes(), [], 0
    while at + RECORD.size <= len(raw):
        at_ns, file, offset, kind, length = RECORD.unpack_from(raw, at)
        at += RECORD.size
        if at + length > len(raw):
            break
        entries.append(Entry(at_ns / 1e9, Kind(kind), file, offset, raw[at : at + length]))
        at += length
    return entries


@dataclass
class _File:
    """What is on the disk, and what is on its way there: data at an offset, or an end at it where data is None."""

    settled: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def settle(self) -> None:
        for offset, data in self.pending:
            _put(self.settled, offset, data)
        self.pending.clear()

    def after_cut(self, rng: np.random.Generator, share: float) -> bytes:
        found = bytearray(self.settled)
        for offset, data in self.pending:
            if data is None:
                if rng.random() < share:
                    _put(found, offset, None)
                continue
            starts = [offset, *range(offset - offset % SECTOR + SECTOR, offset + len(data), SECTOR)]
            ends = [*starts[1:], offset + len(data)]
            survives = rng.random(len(starts)) < share
            for start, end, is_there in zip(starts, ends, survives, strict=True):
                if is_there:
                    _put(found, start, data[start - offset : end - offset])
        return bytes(found)


def _put(content: bytearray, offset: int, data: bytes | None) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if data is None:
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


class Disk:
    """A folder on its disk, which begins with all that is in it and goes on with the entries of a journal."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._settled = {name: _File(bytearray(content)) for name, content in contents.items()}
        self._now = dict(self._settled)
        self._pending: list[tuple[str, _File | None]] = []
        self._opened: dict[int, _File] = {}

    def apply(self, entry: Entry) -> None:
        """Let one thing happen."""
        match entry.kind:
            case Kind.CREATED | Kind.OPENED:
                self._open(entry.data.decode(), entry.file, is_new=entry.kind == Kind.CREATED)
            case Kind.WRITTEN | Kind.CUT_OFF:
                self._opened[entry.file].pending.append(
                    (entry.offset, entry.data if entry.kind == Kind.WRITTEN else None)
                )
            case Kind.SYNCED:
                self._opened[entry.file].settle()
            case Kind.FOLDER_SYNCED:
                self._settled, self._pending = dict(self._now), []
            case Kind.REMOVED:
                self._name(entry.data.decode(), None)
            case Kind.RENAMED:
                old, new = entry.data.decode().split("\0")
                self._name(new, self._now[old])
                self._name(old, None)
            case _:
                raise AssertionError("the files were written in a way that the journal does not know")

    def _open(self, name: str, file: int, *, is_new: bool) -> None:
        if is_new:
            self._name(name, _File())
        self._opened[file] = self._now[name]

    def _name(self, name: str, file: _File | None) -> None:
        self._pending.append((name, file))
        _point(self._now, name, file)

    def after_cut(self, rng: np.random.Generator, share: float) -> Contents:
        """Return what is found after a power cut; each sector on its way is there with a chance of `share`."""
        names = dict(self._settled)
        for name, file in self._pending[: int(rng.integers(len(self._pending) + 1))]:
            _point(names, name, file)
        return {name: file.after_cut(rng, share) for name, file in names.items()}

    def without_cut(self) -> Contents:
        """Return what is found when all has arrived."""
        every = np.random.default_rng(0)
        return {name: file.after_cut(every, 1) for name, file in self._now.items()}


def _point(names: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file
