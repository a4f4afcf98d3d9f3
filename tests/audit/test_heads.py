import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gisgrid.audit.chain import START
from gisgrid.audit.heads import Head, HeadsDamaged, NoSuchHeads, export_head, read_heads
from gisgrid.database import session_scope
from tests.audit.builders import DAY, fill_chain, found

NEXT = DAY + timedelta(days=1)
ONLY_SPATIALITE = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
HASH = "a" * 64
GOOD = f"day,number,hash\n2026-11-01,5,{HASH}\n"


def export(engine: Engine, folder: Path, day: date = DAY) -> Head:
    with session_scope(engine) as session:
        return export_head(session, folder, day)


def test_each_day_adds_a_line_that_the_audit_agrees_with(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "audit"
    written = [export(engine, folder)]
    for number in range(1, 4):
        fill_chain(engine, 2)
        written.append(export(engine, folder, DAY + timedelta(days=number)))
    assert written[0] == Head(DAY, 0, START)
    assert [head.number for head in written] == [0, 2, 4, 6]
    assert read_heads(folder / "heads.csv") == written
    assert (folder / "heads.csv").read_text().splitlines()[:2] == ["day,number,hash", f"2026-11-01,0,{START}"]
    assert found(engine, written) == []


@ONLY_SPATIALITE
def test_the_same_line_is_written_once_a_later_one_of_the_day_is_added(engine: Engine, tmp_path: Path) -> None:
    fill_chain(engine, 1)
    assert export(engine, tmp_path) == export(engine, tmp_path)
    fill_chain(engine, 1)
    export(engine, tmp_path)
    export(engine, tmp_path, NEXT)
    assert [(head.day, head.number) for head in read_heads(tmp_path / "heads.csv")] == [(DAY, 1), (DAY, 2), (NEXT, 2)]


@ONLY_SPATIALITE
def test_what_is_written_is_on_the_disk_with_its_name(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def note(number: int) -> None:
        synced.append(os.fstat(number).st_ino)
        real(number)

    monkeypatch.setattr("os.fsync", note)
    export(engine, tmp_path / "audit")
    file = tmp_path / "audit" / "heads.csv"
    assert synced == [file.stat().st_ino, file.parent.stat().st_ino]


@ONLY_SPATIALITE
def test_earlier_lines_are_only_added_to(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "heads.csv"
    file.write_text(GOOD + "2026-11-02,6,aaa")  # a line that a power cut left unfinished
    with pytest.raises(HeadsDamaged, match="3"):
        read_heads(file)
    head = export(engine, tmp_path)
    assert file.read_text() == GOOD + f"2026-11-02,6,aaa\n{head.line}\n"
    with pytest.raises(HeadsDamaged, match="第 3 行"):
        read_heads(file)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ("\n", 1),
        ("day;number;hash\n", 1),
        (f"2026-11-01,5,{HASH}\n", 1),
        (GOOD + "2026-11-02,6", 3),
        (GOOD + f"2026-11-02,6,{HASH}", 3),  # without its end nobody knows whether it is all
        (GOOD + f"2026-11-02,6,{HASH[:-1]}\n", 3),
        (GOOD + f"2026-11-02,6,{HASH}0\n", 3),
        (GOOD + f"2026-11-02,-6,{HASH}\n", 3),
        (GOOD + f"2026-11-31,6,{HASH}\n", 3),
        (GOOD + f"2026-11-02,6,{HASH.upper()}\n", 3),
        (GOOD + f"\n2026-11-02,6,{HASH}\n", 3),
        (GOOD + f"2026-11-02,{'9' * 30},{HASH}\n", 3),
        (GOOD.replace("a", "\udcff"), 1),
        (GOOD.replace(",5,", ",\udcff,"), 2),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    file = tmp_path / "heads.csv"
    file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(HeadsDamaged) as told:
        read_heads(file)
    assert f"第 {line} 行" in told.value.zh
    assert f"line {line} of {file}" in told.value.en


def test_a_copy_that_went_through_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "copy.csv").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert read_heads(tmp_path / "copy.csv") == [Head(DAY, 5, HASH)]


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSuchHeads):
        read_heads(tmp_path / name)
