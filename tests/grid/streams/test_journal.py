import json
from pathlib import Path

import pytest

from gisgrid.grid.streams import journal
from gisgrid.grid.streams.cells import Joined
from gisgrid.grid.streams.journal import AlreadyBeingWritten, Entry, Journal

MADE_FROM = {"source": ["点.csv", 12], "wishes": {"a": None}}
ENTRIES = [Entry(10, Joined(3, 2, 1), "note"), Entry(25, Joined(4), 77), Entry(26, Joined())]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Journal(tmp_path / "j", MADE_FROM) as made:
        for entry in ENTRIES:
            made.add(entry)
    return tmp_path / "j"


def reopened(path: Path, **other: object) -> list[Entry]:
    with Journal(path, {**MADE_FROM, **other}) as found:
        return found.entries


def test_what_is_noted_is_found_again(path: Path) -> None:
    assert reopened(path) == ENTRIES


def test_it_goes_on_where_it_ended(path: Path) -> None:
    with Journal(path, MADE_FROM) as found:
        found.add(Entry(30, Joined(1)))
    assert reopened(path) == [*ENTRIES, Entry(30, Joined(1))]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_that_is_not_whole_does_not_count(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])
    assert reopened(path) == ENTRIES[:2]
    with Journal(path, MADE_FROM) as found:
        found.add(ENTRIES[2])
    assert reopened(path) == ENTRIES


def test_other_wishes_begin_anew(path: Path) -> None:
    assert reopened(path, wishes={"a": 1}) == []
    assert reopened(path) == []


def test_another_start_of_the_machine_begins_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "boot").write_text("another\n")
    monkeypatch.setattr(journal, "_MACHINE_START", path.parent / "boot")
    assert reopened(path) == []


def test_where_the_start_of_the_machine_is_not_told_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MACHINE_START", tmp_path / "nowhere")
    with Journal(tmp_path / "j", MADE_FROM) as made:
        made.add(ENTRIES[0])
    assert reopened(tmp_path / "j") == ENTRIES[:1]


@pytest.mark.parametrize("content", [b"", b"\n", b"[]\n", b"\xff\n{}\n", b"{}"])
def test_what_is_no_journal_begins_anew(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert reopened(path) == []
    assert json.loads(path.read_text())["source"] == ["点.csv", 12]


def test_two_runs_do_not_write_the_same_file(path: Path) -> None:
    with Journal(path, MADE_FROM), pytest.raises(AlreadyBeingWritten, match="another process"):
        Journal(path, MADE_FROM)
    assert reopened(path) == ENTRIES


def test_it_can_be_taken_away(path: Path) -> None:
    with Journal(path, MADE_FROM) as found:
        found.remove()
    assert not path.exists()
