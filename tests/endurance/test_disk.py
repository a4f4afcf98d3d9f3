"""The disk after a power cut: what was brought to it is there, the rest in part, and no file has a name too early."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.endurance.disk import RECORD, Disk, Entry, Kind, journal_of

OLD = {"a": b"old" * 1000}
Step = tuple[Kind, int, int, bytes]

OPEN_A: Step = (Kind.OPENED, 1, 0, b"a")
MAKE_B: Step = (Kind.CREATED, 2, 0, b"b")
WRITE_B: Step = (Kind.WRITTEN, 2, 0, b"new")
SYNC_B: Step = (Kind.SYNCED, 2, 0, b"")
SYNC_FOLDER: Step = (Kind.FOLDER_SYNCED, 0, 0, b"")


def after(*steps: Step) -> Disk:
    disk = Disk(OLD)
    for number, step in enumerate(steps):
        disk.apply(Entry(number, *step))
    return disk


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([], OLD),
        ([OPEN_A, (Kind.WRITTEN, 1, 3, b"new")], OLD),
        ([OPEN_A, (Kind.WRITTEN, 1, 3, b"new"), (Kind.SYNCED, 1, 0, b"")], {"a": b"oldnew" + OLD["a"][6:]}),
        ([OPEN_A, (Kind.CUT_OFF, 1, 5, b""), (Kind.SYNCED, 1, 0, b"")], {"a": b"oldol"}),
        ([OPEN_A, (Kind.CUT_OFF, 1, 3002, b""), (Kind.SYNCED, 1, 0, b"")], {"a": OLD["a"] + bytes(2)}),
        ([MAKE_B, WRITE_B, SYNC_FOLDER], {**OLD, "b": b""}),
        ([MAKE_B, WRITE_B, SYNC_B, SYNC_FOLDER], {**OLD, "b": b"new"}),
        ([(Kind.REMOVED, 0, 0, b"a"), SYNC_FOLDER], {}),
        ([(Kind.RENAMED, 0, 0, b"a\0c"), SYNC_FOLDER], {"c": OLD["a"]}),
    ],
)
def test_what_was_brought_to_the_disk_is_there_and_nothing_else(steps: Sequence[Step], found: dict[str, bytes]) -> None:
    assert after(*steps).after_cut(np.random.default_rng(), 0) == found


def test_names_come_in_their_order_up_to_some_point() -> None:
    disk = after(MAKE_B, WRITE_B, SYNC_B, (Kind.REMOVED, 0, 0, b"a"))
    found = {tuple(disk.after_cut(np.random.default_rng(seed), 0)) for seed in range(50)}
    assert found == {("a",), ("a", "b"), ("b",)}


def test_what_was_on_its_way_is_torn_at_sectors() -> None:
    disk = after(OPEN_A, (Kind.WRITTEN, 1, 100, b"x" * 2000))
    sectors = [(100, 512), (512, 1024), (1024, 1536), (1536, 2048), (2048, 2100)]
    seen = set()
    for seed in range(200):
        found = disk.after_cut(np.random.default_rng(seed), 0.5)["a"]
        kinds = [set(found[start:end]) == set(b"x") for start, end in sectors]
        for is_new, (start, end) in zip(kinds, sectors, strict=True):
            assert is_new or found[start:end] == OLD["a"][start:end]
        assert (found[:100], found[2100:]) == (OLD["a"][:100], OLD["a"][2100:])
        seen.add(tuple(kinds))
    assert len(seen) == 32
    assert disk.without_cut()["a"] == OLD["a"][:100] + b"x" * 2000 + OLD["a"][2100:]


def test_a_journal_ends_where_its_writer_was_killed(tmp_path: Path) -> None:
    whole = RECORD.pack(2_500_000_000, 7, 4096, Kind.WRITTEN, 3) + b"new"
    for cut in (0, 1, RECORD.size, len(whole) - 1):
        (tmp_path / "journal").write_bytes(whole + whole[:cut])
        assert journal_of(tmp_path / "journal") == [Entry(2.5, Kind.WRITTEN, 7, 4096, b"new")]


def test_a_way_of_writing_that_is_not_known_is_no_proof() -> None:
    with pytest.raises(AssertionError):
        after((Kind.UNKNOWN, 0, 0, b""))
