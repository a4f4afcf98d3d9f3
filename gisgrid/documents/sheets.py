"""Tables that people hand in, a workbook or a CSV file, as rows of text: every cell as it is shown, no formula run.

A workbook is unpacked only as far as it stays small: it may say little and hold much.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, Final, TypeVar

from gisgrid.documents.csv_table import read_csv
from gisgrid.errors import TooLarge
from gisgrid.rows import UnreadableFile

WORKBOOKS: Final = (".xlsx", ".xlsm")
TEXTS: Final = (".csv", ".tsv", ".txt")
LARGEST: Final = 20 << 20
"""Bytes of a file."""
UNPACKED: Final = 64 << 20
"""Bytes of all that a workbook holds."""
MOST_CELLS: Final = 2_000_000
"""Cells of all sheets, blank ones and the rows between two rows included: a file can name a row far away."""
OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""How .xls begins, and any workbook with a password."""
ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character that XML cannot hold, and every line end of some programs: _x000D_."""

Rows = list[list[str]]
Row = TypeVar("Row", bound=Sequence[Any])


class SheetTooLarge(TooLarge):
    """A table of more bytes or cells than are read."""


def read_rows(source: bytes | Path, name: str) -> dict[str, Rows]:
    """Return the rows of each sheet by its name; a CSV file is one sheet with the name of the file without its ending.

    `name` tells the kind of file by its ending, and people which one is meant. Row n of a sheet is row n + 1 of the
    list; blank cells and rows are there, but for those at the end. A formula counts as what it was when the workbook
    was last saved. Raises UnreadableFile, SheetTooLarge.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in (*WORKBOOKS, *TEXTS):
        raise _unreadable(name, "请给出 .xlsx 或 .csv 文件", "give an .xlsx or a .csv file")
    data = source if isinstance(source, bytes) else _bytes_of(source, name)
    if len(data) > LARGEST:
        raise _too_large(name, f"文件超过 {LARGEST >> 20} MB", f"is larger than {LARGEST >> 20} MB")
    if suffix in TEXTS:
        return {PurePath(name).stem: list(_trimmed(_Room(name).take(read_csv(data, name))))}
    return _workbook(data, name)


class _Room:
    """How many cells of a file are still taken."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = MOST_CELLS

    def take(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield rows as long as there is room for them. Raises SheetTooLarge."""
        for row in rows:
            self._left -= len(row) or 1
            if self._left < 0:
                raise _too_large(self._name, f"超过 {MOST_CELLS} 格", f"holds more than {MOST_CELLS} cells")
            yield row


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(name, f"打不开({error.strerror})", f"cannot be opened ({error.strerror})") from error


def _unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"{name}:{zh}", f"{name}: {en}")


def _too_large(name: str, zh: str, en: str) -> SheetTooLarge:
    return SheetTooLarge(f"{name}:{zh},请分成几份", f"{name}: {en}; split it")


def _trimmed(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Return rows, each to its last cell that holds something, none after the last that does."""
    blank = 0
    for row in rows:
        width = next((at for at in range(len(row), 0, -1) if row[at - 1].strip()), 0)
        if not width:
            blank += 1
            continue
        yield from ([] for _ in range(blank))
        blank = 0
        yield row[:width]


# --- workbooks -----------------------------------------------------------------------------------


def _workbook(data: bytes, name: str) -> dict[str, Rows]:
    if data.startswith(OLD_WORKBOOK):
        zh, en = "是旧式 .xls 或设了密码的工作簿;请另存为不设密码的 .xlsx", "is an old .xls or has a password"
        raise _unreadable(name, zh, f"{en}; save it as .xlsx without one")
    _require_small(data, name)
    try:
        return _sheets(data, name)
    except (UnreadableFile, SheetTooLarge):
        raise
    except Exception as error:  # a damaged file fails wherever it is damaged, in whatever way
        raise _no_workbook(name) from error


def _no_workbook(name: str) -> UnreadableFile:
    return _unreadable(name, "不是完好的 .xlsx 工作簿", "is not a sound .xlsx workbook")


def _require_small(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _no_workbook(name) from error
    if unpacked > UNPACKED:
        raise _too_large(name, f"展开后超过 {UNPACKED >> 20} MB", f"unpacks to more than {UNPACKED >> 20} MB")


def _sheets(data: bytes, name: str) -> dict[str, Rows]:
    from openpyxl import load_workbook  # noqa: PLC0415 - every command would wait for it

    # of what it leaves out, such as a list to choose from in a cell, and of programs that name no style
    warnings.filterwarnings("ignore", module="openpyxl")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    found: dict[str, Rows] = {}
    room = _Room(name)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its size may be anything
        rows = room.take(sheet.iter_rows(values_only=True))
        found[sheet.title] = list(_trimmed([_shown(value) for value in row] for row in rows))
    book.close()
    return found


def _shown(value: Any) -> str:
    """Return a cell as a person reads it: 2.0 is 2, and a date one that sorts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    return str(value).upper() if isinstance(value, bool) else str(value)
