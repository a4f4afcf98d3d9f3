"""Makes a large file piece by piece: on all processors, in order, in bounded memory, and on again after a kill."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, TypeVar

from gisgrid.errors import Conflict, GisgridError
from gisgrid.grid.streams.cells import Joined
from gisgrid.grid.streams.journal import Entry, Journal

THREADS: Final = min(os.cpu_count() or 1, 8)  # each holds a piece or two; beyond eight the disk is the limit
BLOCK: Final = 1 << 20

Unit = TypeVar("Unit")
Progress = Callable[[int, int], None]


class SourceChanged(Conflict):
    """The source was written to while it was read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one unit of work adds to the file: `data` at its end, and a stretch of the source, copied to its place."""

    data: Sequence[bytes | memoryview]
    counts: Joined
    note: Any = None
    copied: tuple[int, int] = (0, 0)


class Work(Protocol[Unit]):
    """How a file is made. `begin` is where its pieces begin; notes are JSON, and outlive the process."""

    begin: int
    threads: int

    def units(self, done: Sequence[Entry]) -> Iterator[Unit]:
        """Return what is left to do."""

    def piece(self, unit: Unit) -> Piece:
        """Do one unit of work; called from several threads."""

    def expected(self, done: Joined, note: Any) -> int:
        """Return how many rows there will be; 0 for unknown."""

    def closing(self, done: Sequence[Entry]) -> bytes:
        """Return the end of the file."""


def make(work: Work[Unit], source: Path, target: Path, wishes: dict[str, Any], progress: Progress) -> Joined:
    """Make the file `target` from `source`; under its name it appears only when it is whole.

    What a run that was killed has finished is kept beside it and used, if source and wishes are still the same.
    Raises AlreadyBeingWritten, SourceChanged, and what `work` raises; a GisgridError leaves nothing behind.
    """
    part = target.with_name(f".part-{target.name}")
    identity = _identity(source)
    with Journal(part.with_name(f"{part.name}.journal"), {"source": identity, **wishes}) as journal:
        try:
            counts = _fill(work, source, part, journal, progress)
            if _identity(source) != identity:
                raise _changed(source.name)
            part.replace(target)
        except GisgridError:
            part.unlink(missing_ok=True)
            journal.remove()
            raise
        journal.remove()
    return counts


def _identity(source: Path) -> list[Any]:
    found = source.stat()
    return [str(source.resolve()), found.st_size, found.st_mtime_ns, found.st_ino]


def _changed(name: str) -> SourceChanged:
    return SourceChanged(f"{name} 在处理时被改动,请重新运行", f"{name} was changed meanwhile; run it again")


def _fill(work: Work[Unit], source: Path, part: Path, journal: Journal, progress: Progress) -> Joined:
    part.touch()
    if journal.entries and part.stat().st_size < journal.entries[-1].end:
        journal.begin_anew()
    counts, end = Joined(), work.begin
    for entry in journal.entries:
        counts.add(entry.counts)
        end = entry.end
    counts.continued_from = counts.rows
    with source.open("rb") as original, part.open("r+b") as file, ThreadPoolExecutor(work.threads) as pool:
        file.truncate(end)
        if journal.entries:
            progress(counts.rows, work.expected(counts, journal.entries[-1].note))
        for piece in _in_order(pool, work.piece, work.units(journal.entries), work.threads + 1):
            _copy(original, file, *piece.copied)
            file.seek(end)
            file.writelines(piece.data)
            file.flush()
            end = file.tell()
            journal.add(Entry(end, piece.counts, piece.note))
            counts.add(piece.counts)
            progress(counts.rows, work.expected(counts, piece.note))
        file.seek(end)
        file.write(work.closing(journal.entries))
    return counts


def _copy(source: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    source.seek(begin)
    target.seek(begin)
    while begin < end:
        block = source.read(min(BLOCK, end - begin))
        if not block:
            raise _changed(source.name)
        target.write(block)
        begin += len(block)


Result = TypeVar("Result")


def _in_order(
    pool: ThreadPoolExecutor, act: Callable[[Unit], Result], units: Iterable[Unit], ahead: int
) -> Iterator[Result]:
    """Return the results in the order of the units, with only so many units begun and not yet taken."""
    begun: deque[Future[Result]] = deque()
    try:
        for unit in units:
            begun.append(pool.submit(act, unit))
            if len(begun) == ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
