"""The sheet in which orders come, and in which they are answered: the same one, with two columns more.

A sheet that was answered may be corrected and sent again: its two columns are written over, not added once more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from gisgrid.documents.sheets import OLD_WORKBOOK, Rows, read_rows
from gisgrid.documents.workbook import workbook
from gisgrid.errors import GisgridError, Refused
from gisgrid.incidents.exchange.orders import PLAN, OrderCreate
from gisgrid.intake.imports import RowReader, Wishes
from gisgrid.rows import Row, columns_of

ZIPPED: Final = b"PK"
HEADS: Final = 10
"""Rows from the top among which the head is looked for: ledgers begin with a title."""
RESULT, DETAIL = "结果 result", "事件编号或原因 number or reason"
LONGEST: Final = 16_000
"""Characters that are given back of a cell; more than all that is taken of one."""
NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")


class NoOrders(Refused):
    """A file without a table of orders."""


class Told(NamedTuple):
    """What is written beside an order: what became of it, and its number or why it was not taken."""

    result: str
    detail: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All sheets of a file by name; the orders stand in one of them, below the row that is its head."""

    sheets: Mapping[str, Rows]
    name: str
    head: int

    @property
    def columns(self) -> list[str]:
        """The columns of the orders."""
        return [cell.strip() for cell in self.sheets[self.name][self.head]]

    @property
    def numbers(self) -> list[int]:
        """The rows in which an order stands: those that hold anything, but for the answer to an earlier one."""
        answers = {at for at, column in enumerate(self.columns) if column in (RESULT, DETAIL)}
        rows = self.sheets[self.name]
        return [
            number
            for number in range(self.head + 1, len(rows))
            if any(cell.strip() for at, cell in enumerate(rows[number]) if at not in answers)
        ]

    def orders(self, zone: ZoneInfo) -> list[OrderCreate | GisgridError]:
        """Read the orders, one for each of `numbers`, or why one is not taken; times without a zone are of `zone`."""
        reader = RowReader(PLAN, Wishes(zone), self.columns)
        rows = self.sheets[self.name]
        return [
            reader.item(Row(number + 1, dict(zip(self.columns, rows[number], strict=False)))) for number in self.numbers
        ]

    def answered(self, told: Iterable[Told]) -> bytes:
        """Return the workbook with what is told of each of the orders beside it."""
        rows = [list(row) for row in self.sheets[self.name]]
        width = max(len(row) for row in rows)
        known = [at for at, column in enumerate(self.columns) if column in (RESULT, DETAIL)]
        places = known if len(known) == len(Told._fields) else [width, width + 1]
        _write(rows[self.head], places, (RESULT, DETAIL))
        for number, each in zip(self.numbers, told, strict=True):
            _write(rows[number], places, each)
        sheets = {**self.sheets, self.name: rows}
        return workbook(dict(zip(_names(sheets), map(_short, sheets.values()), strict=True)))


def read_ledger(data: bytes) -> Ledger:
    """Find the table of orders in a workbook or a CSV file. Raises NoOrders, UnreadableFile, SheetTooLarge."""
    is_workbook = data.startswith((ZIPPED, OLD_WORKBOOK))
    sheets = read_rows(data, "工单.xlsx" if is_workbook else "工单.csv")
    for name, rows in sheets.items():
        for head, row in enumerate(rows[:HEADS]):
            if set(PLAN.required) <= set(columns_of([cell.strip() for cell in row], PLAN.columns)):
                return Ledger(sheets, name, head)
    terms = "、".join(PLAN.term(field) for field in PLAN.required)
    raise NoOrders(
        f"找不到工单表:前 {HEADS} 行中应有一行表头,含 {terms} 三列",
        f"there is no table of orders: one of the first {HEADS} rows must be its head with the columns "
        f"{', '.join(PLAN.required)}",
    )


def _write(row: list[str], places: Sequence[int], cells: Sequence[str]) -> None:
    row += [""] * (max(places) + 1 - len(row))
    for at, cell in zip(places, cells, strict=True):
        row[at] = cell


def _short(rows: Rows) -> Rows:
    return [[cell[:LONGEST] for cell in row] for row in rows]


def _names(names: Iterable[str]) -> list[str]:
    """Return names that a workbook takes: of the right letters, short, no two the same."""
    found: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        plain = NOT_IN_NAMES.sub("_", name)[:31] or "_"
        plain = f"{plain[:26]}-{number}" if plain.casefold() in found else plain
        found[plain.casefold()] = plain
    return list(found.values())
