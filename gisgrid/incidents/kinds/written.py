"""A table that somebody wrote: its head found, its cells read one by one, and whatever is wrong told with its place.

Pure. Nothing stops at the first fault: a faulty cell is noted and reads as something harmless.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from gisgrid.incidents.kinds.columns import Column, Table
from gisgrid.parse import CONTROL

Rows = Sequence[Sequence[str]]
LONGEST: Final = 100
"""Characters of a cell, and of what is repeated of it no more than SHOWN."""
SHOWN: Final = 20


class Fault(NamedTuple):
    """What is wrong, and where: the table, the row as a spreadsheet numbers it, and the head of the column.

    A row of 0 is the whole table, "" any column.
    """

    table: Table
    row: int
    column: str
    zh: str
    en: str

    @property
    def told(self) -> tuple[str, str]:
        """The fault with its place, in Chinese and English."""
        row = (f"第 {self.row} 行", f", row {self.row}") if self.row else ("", "")
        column = (f"“{self.column}”", f", “{self.column}”") if self.column else ("", "")
        return (
            f"{self.table.zh}表{row[0]}{column[0]}:{self.zh}",
            f"table {self.table.name}{row[1]}{column[1]}: {self.en}",
        )


class Line:
    """One row of a table, read by the names of its columns."""

    def __init__(self, table: "Written", number: int, cells: Sequence[str]) -> None:
        self._table = table
        self.number = number
        self._cells = cells

    def fault(self, name: str, zh: str, en: str) -> None:
        """Note that the cell of a column is wrong."""
        self._table.fault(self.number, self._table.heads.get(name, name), zh, en)

    def text(self, name: str) -> str:
        """Return a cell as it is, without blanks around it."""
        at = self._table.places[name]
        cell = self._cells[at].strip() if at < len(self._cells) else ""
        if not cell and self._table.columns[name].is_needed:
            self.fault(name, "不能为空", "must not be blank")
        elif len(cell) > LONGEST or CONTROL.search(cell):
            self.fault(name, f"应为一行,至多 {LONGEST} 字", f"must be a line of {LONGEST} characters at most")
            return ""
        return cell

    def plain(self, name: str) -> str:
        """Return a cell that is no prose: letters and digits of full width count as the usual ones."""
        return unicodedata.normalize("NFKC", self.text(name)).strip()

    def matching(self, name: str, form: re.Pattern[str], zh: str, en: str) -> str:
        """Return a cell of a form; "" for any other, which is noted as not being `zh`, `en`."""
        cell = self.plain(name)
        if not cell or form.fullmatch(cell):
            return cell
        self.fault(name, f"应为{zh},而不是“{_shown(cell)}”", f"must be {en}, not “{_shown(cell)}”")
        return ""

    def choice(self, name: str) -> str:
        """Return the value that the word in a cell stands for; the first there is for a word that is none."""
        column = self._table.columns[name]
        cell = self.plain(name).casefold()
        for value, words in column.words.items():
            if cell in (value, *words):
                return value
        if cell:
            known = [f"{words[0]} {value}".strip() for value, words in column.words.items()]
            self.fault(
                name,
                f"应为 {'、'.join(known)} 之一,而不是“{_shown(cell)}”",
                f"must be one of {', '.join(known)}, not “{_shown(cell)}”",
            )
        return next(iter(column.words))

    def is_yes(self, name: str) -> bool:
        """Tell whether a cell says yes; a blank one says no."""
        return bool(self.choice(name))


class Written:
    """A table as it was written. Its faults go into a list that may be shared; `is_whole`: no column is missing."""

    def __init__(self, table: Table, rows: Rows, faults: list[Fault]) -> None:
        self.table = table
        self.columns = {column.name: column for column in table.columns}
        self._faults = faults
        numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
        (self._head_at, self._head), *self._rows = numbered or [(0, [])]
        self.places = self._places()
        self.heads = {name: self._head[at].strip() for name, at in self.places.items()}
        self.is_whole = len(self.places) == len(self.columns)
        self.is_empty = not self._rows

    def fault(self, row: int, column: str, zh: str, en: str) -> None:
        """Note that something is wrong."""
        self._faults.append(Fault(self.table, row, _shown(column), zh, en))

    def lines(self) -> Iterator[Line]:
        """Return the rows below the head that are not blank; none where columns are missing."""
        for number, row in self._rows if self.is_whole else []:
            beyond = [cell for at, cell in enumerate(row) if at not in self.places.values() and cell.strip()]
            if beyond:
                cell = _shown(beyond[0])
                self.fault(number, "", f"“{cell}”不在任何一列之下", f"“{cell}” stands under no column")
            yield Line(self, number, row)

    def _places(self) -> dict[str, int]:
        """Return at which place each column stands, by its name; notes those that are missing, unknown or doubled."""
        found: dict[str, int] = {}
        for at, head in enumerate(self._head):
            column = self._column(head)
            if column is None and head.strip():
                names = "、".join(f"{each.zh} {each.name}" for each in self.table.columns)
                self.fault(self._head_at, head, f"没有这一列;各列为:{names}", f"no such column; there are: {names}")
            elif column is not None and column.name in found:
                self.fault(self._head_at, head, "这一列有两次", "the column is there twice")
            elif column is not None:
                found[column.name] = at
        missing = [f"{column.zh} {column.name}" for column in self.table.columns if column.name not in found]
        if missing:
            self.fault(self._head_at, "", f"缺少列:{'、'.join(missing)}", f"columns are missing: {', '.join(missing)}")
        return found

    def _column(self, head: str) -> Column | None:
        plain = unicodedata.normalize("NFKC", head).strip().casefold()
        named = (each for each in self.table.columns if plain in (each.name, each.zh, *each.others))
        return next(named, None)


def _shown(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else "?" for letter in text.strip()[: SHOWN + 1])
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"
