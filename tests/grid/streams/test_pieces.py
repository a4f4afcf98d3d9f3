"""Files are made of numbers, a piece for each: what they hold is plain to see."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gisgrid.errors import Refused
from gisgrid.grid.streams.cells import Joined
from gisgrid.grid.streams.journal import AlreadyBeingWritten, Entry
from gisgrid.grid.streams.pieces import Piece, SourceChanged, make


class Numbers:
    """Writes `count` numbers, the first half of them also as the source has them. Stops where told."""

    threads = 3

    def __init__(self, count: int = 20, begin: int = 0, fail_at: int | None = None, error: Exception | None = None):
        self.begin, self._count, self._fail_at, self._error = begin, count, fail_at, error
        self.done: list[int] = []
        self.under_way = self.most_under_way = 0
        self._lock = threading.Lock()

    def units(self, done: Sequence[Entry]) -> Iterator[int]:
        for unit in range(len(done), self._count):
            with self._lock:
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
            yield unit

    def piece(self, unit: int) -> Piece:
        if unit == self._fail_at and self._error:
            raise self._error
        time.sleep(0.002 * (unit % 3))  # so that they end in another order than they began
        self.done.append(unit)
        copied = (self.begin * unit // self._count, self.begin * (unit + 1) // self._count)
        return Piece([b"%d" % unit, b" "], Joined(1, unit % 2), f"note {unit}", copied)

    def expected(self, done: Joined, note: Any) -> int:
        self.under_way -= 1
        return self._count

    def closing(self, done: Sequence[Entry]) -> bytes:
        return b"; ".join(entry.note.encode() for entry in done)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").write_bytes(bytes(range(200)))
    return tmp_path / "source"


def made(source: Path, work: Numbers, **wishes: Any) -> Joined:
    return make(work, source, source.with_name("target"), wishes, lambda done, expected: None)


def expected(count: int, begin: int = 0) -> bytes:
    notes = "; ".join(f"note {number}" for number in range(count))
    return bytes(range(begin)) + "".join(f"{number} " for number in range(count)).encode() + notes.encode()


def files(source: Path) -> list[str]:
    return sorted(path.name for path in source.parent.iterdir())


@pytest.mark.parametrize("begin", [0, 7, 200])
def test_pieces_come_in_order_after_what_is_copied(source: Path, begin: int) -> None:
    assert made(source, Numbers(20, begin)) == Joined(20, 10)
    assert source.with_name("target").read_bytes() == expected(20, begin)
    assert files(source) == ["source", "target"]


def test_few_pieces_are_held_at_a_time(source: Path) -> None:
    work = Numbers(60)
    made(source, work)
    assert 1 < work.most_under_way <= work.threads + 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("no space left"), MemoryError()])
def test_an_interrupted_run_is_continued(source: Path, error: Exception) -> None:
    with pytest.raises(type(error)):
        made(source, Numbers(20, 100, fail_at=11, error=error))
    assert files(source) == [".part-target", ".part-target.journal", "source"]
    with source.with_name(".part-target").open("ab") as part:
        part.write(bytes(1000))  # of a piece that was not whole
    again = Numbers(20, 100)
    counts = made(source, again)
    assert min(again.done) == counts.continued_from > 5
    assert (counts.rows, counts.outside) == (20, 10)
    assert source.with_name("target").read_bytes() == expected(20, 100)
    assert files(source) == ["source", "target"]


def test_progress_tells_what_an_earlier_run_did(source: Path) -> None:
    with pytest.raises(OSError, match="x"):
        made(source, Numbers(20, fail_at=19, error=OSError("x")))
    told: list[tuple[int, int]] = []
    make(Numbers(20), source, source.with_name("target"), {}, lambda *counts: told.append(counts))
    assert told[0][0] > 10
    assert told[-1] == (20, 20)


@pytest.mark.parametrize("changed", ["source", "wishes", "part", "none"])
def test_what_has_changed_begins_anew(source: Path, changed: str) -> None:
    with pytest.raises(OSError, match="x"):
        made(source, Numbers(20, fail_at=19, error=OSError("x")), wish=1)
    if changed == "source":
        source.write_bytes(bytes(200))
    if changed == "part":
        source.with_name(".part-target").write_bytes(b"short")
    counts = made(source, Numbers(20), wish=2 if changed == "wishes" else 1)
    assert (counts.continued_from > 0) == (changed == "none")
    assert source.with_name("target").read_bytes() == expected(20)


def test_what_cannot_be_done_leaves_nothing_behind(source: Path) -> None:
    source.with_name("target").write_text("an older one")
    with pytest.raises(Refused):
        made(source, Numbers(20, fail_at=11, error=Refused("坏", "bad")))
    assert files(source) == ["source", "target"]
    assert source.with_name("target").read_text() == "an older one"


def test_a_source_that_changes_meanwhile_is_noticed(source: Path) -> None:
    class Changing(Numbers):
        def piece(self, unit: int) -> Piece:
            if unit == 15:
                source.write_bytes(bytes(300))
            return super().piece(unit)

    with pytest.raises(SourceChanged, match="source"):
        made(source, Changing(20))
    assert files(source) == ["source"]


def test_a_source_that_shrinks_is_noticed(source: Path) -> None:
    with pytest.raises(SourceChanged):
        made(source, Numbers(20, begin=1000))


def test_the_same_file_is_made_by_one_run_at_a_time(source: Path) -> None:
    class Second(Numbers):
        def closing(self, done: Sequence[Entry]) -> bytes:
            with pytest.raises(AlreadyBeingWritten):
                made(source, Numbers(20))
            return super().closing(done)

    made(source, Second(20))
    assert source.with_name("target").read_bytes() == expected(20)
