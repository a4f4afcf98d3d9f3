"""Tables as CSV that a spreadsheet opens as text: no cell of it becomes a formula, and reading gives back each cell."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gisgrid.rows import DELIMITERS, UnreadableFile, text_of

ACTIVE: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""How a cell begins that a spreadsheet may take for a formula, apostrophes before it included.

With a break it skips to one; Chinese and Japanese ones take the wide signs as well.
"""

COMMENT: Final = "#"
QUOTED: Final = re.compile(r'[\s,"]+')
"""For what a cell is quoted: a sign of a comment in quotes is none."""

Row = Sequence[str | int | float]


def guarded(cell: str) -> str:
    """Return a cell with an apostrophe before it where a spreadsheet might take it for a formula."""
    return f"'{cell}" if ACTIVE.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and ACTIVE.match(cell) else cell


def csv_bytes(rows: Iterable[Row], remarks: Iterable[Sequence[str]] = ()) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark, so that a spreadsheet reads Chinese; numbers stay numbers.

    `remarks` stand below the rows, a line each that begins with `# ` and what it tells of: programs that take such
    lines for comments read the rows alone.
    """
    text = io.StringIO()
    plain, quoted = csv.writer(text), csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        holds_sign = any(isinstance(cell, str) and COMMENT in cell for cell in row)
        writer = quoted if holds_sign else plain  # in quotes the sign begins no comment
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    for name, *told in remarks:
        lines = [guarded(" ".join(cell.split())) for cell in told]
        plain.writerow([f"{COMMENT} {QUOTED.sub(' ', name)}", *lines])
    return text.getvalue().encode("utf-8-sig")


def read_csv(data: bytes, name: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV file in UTF-8 or GB18030, blank ones too; people know it by `name`.

    Raises UnreadableFile.
    """
    text = text_of(name, data)
    header, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count))
    try:
        for row in reader:
            yield [unguarded(cell) for cell in row]
    except csv.Error as error:
        raise UnreadableFile(
            f"{name}:第 {reader.line_num} 行引号不成对,或某一格过长",
            f"{name}: line {reader.line_num}: its quotes do not match, or a field is too long",
        ) from error
