"""The end of the chain, kept outside the database: whoever cuts or rewrites the audit does not reach these lines."""

import os
import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.chain import START
from gisgrid.audit.record import HEAD
from gisgrid.errors import NotFound, Refused
from gisgrid.settings import Settings

FILE = "heads.csv"
HEADING = "day,number,hash"
LINE = re.compile(r"(\d{4}-\d\d-\d\d),(\d{1,18}),([0-9a-f]{64})")


class NoSuchHeads(NotFound):
    """There is no file of exported heads of that name."""


class HeadsDamaged(Refused):
    """A file of exported heads that is not as it was written."""


class Head(NamedTuple):
    """The last entry, as it was on a day; number 0 is that of an empty chain."""

    day: date
    number: int
    hash: str

    @property
    def line(self) -> str:
        """The head as it stands in the file."""
        return f"{self.day.isoformat()},{self.number},{self.hash}"


def heads_folder(settings: Settings) -> Path:
    """Return where the heads of an installation are exported to."""
    return settings.home / "data" / "audit"


def export_head(session: Session, folder: Path, day: date) -> Head:
    """Add the head to `heads.csv` in a folder, where it is on the disk when this returns; return it.

    The file is only ever added to, so that a folder can be made append-only. The same line is not written twice.
    """
    last = session.execute(select(HEAD.c.number, HEAD.c.hash)).first()
    head = Head(day, *(last or (0, START)))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    written = file.read_bytes() if file.exists() else b""
    if not written.endswith(f"{head.line}\n".encode()):
        _append(file, _opening(written) + head.line + "\n")
    return head


def _opening(written: bytes) -> str:
    if not written:
        return f"{HEADING}\n"
    return "" if written.endswith(b"\n") else "\n"  # a line that was cut off stays, and is told, but spoils no other


def _append(file: Path, text: str) -> None:
    with file.open("ab") as target:
        target.write(text.encode())
        target.flush()
        os.fsync(target.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of a new file, too
    finally:
        os.close(folder)


def read_heads(file: Path) -> list[Head]:
    """Return the exported heads, in the order of the file. Raises NoSuchHeads, HeadsDamaged."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise NoSuchHeads(f"读不到链头文件 {file}", f"there is no file of heads {file} that can be read") from error
    if lines[0] != HEADING:
        raise _damaged(file, 1)
    if lines[-1]:
        raise _damaged(file, len(lines))
    return [_head(file, number, line) for number, line in enumerate(lines[1:-1], start=2)]


def _head(file: Path, number: int, line: str) -> Head:
    found = LINE.fullmatch(line)
    if found is None:
        raise _damaged(file, number)
    try:
        return Head(date.fromisoformat(found[1]), int(found[2]), found[3])
    except ValueError as error:  # no day of the calendar
        raise _damaged(file, number) from error


def _damaged(file: Path, number: int) -> HeadsDamaged:
    return HeadsDamaged(
        f"{file} 第 {number} 行残缺或被改动;请用另存的副本:--heads 副本",
        f"line {number} of {file} is incomplete or was changed; use a copy kept elsewhere: --heads COPY",
    )
