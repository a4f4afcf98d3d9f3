"""Rows as a workbook: each sheet with its head kept in sight and columns wide enough to read. Text stays text."""

import io
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from gisgrid.errors import Refused

Cell = str | int | float | datetime | None
Rows = Sequence[Sequence[Cell]]
NARROWEST, WIDEST = 6, 60
LONGEST: Final = 32_767
"""Characters that a cell of a workbook can hold."""
ROUNDED: Final = 9
"""As wide as a number is whose format rounds it."""
A4: Final = 9
BAR: Final = {"type": "data_bar", "bar_solid": True, "bar_color": "#9CC3DA", "bar_border_color": "#4886A2"}
WHOLE: Final = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}


class CellTooLong(Refused):
    """A text that no cell of a workbook can hold."""


class Sheet(NamedTuple):
    """Rows, the first of them the head, and how they look.

    `forms`: number formats of columns, by their numbers; `shares`: columns from 0 to 1, drawn as bars; `totals`: so
    many of the last rows are sums; `fixed`: so many of the first columns stay in sight; `is_prose`: text is wrapped.
    """

    rows: Rows
    forms: Mapping[int, str] = {}
    shares: Collection[int] = ()
    totals: int = 0
    fixed: int = 0
    is_prose: bool = False


def workbook(sheets: Mapping[str, Rows | Sheet]) -> bytes:
    """Return a workbook (.xlsx) of sheets by name; the first row of each is its head. Raises CellTooLong.

    Numbers become numbers, times without a zone times; text is never taken for a formula, an address or a number.
    """
    import xlsxwriter  # noqa: PLC0415 - every command would wait for it

    held = io.BytesIO()
    wishes = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, wishes) as book:
        for name, content in sheets.items():
            _fill(book, name, content if isinstance(content, Sheet) else Sheet(content))
    return held.getvalue()


def _fill(book: Any, name: str, content: Sheet) -> None:
    sheet, rows = book.add_worksheet(name), content.rows
    sheet.freeze_panes(1, content.fixed)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    style = _styles(book, content)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            _write(sheet, number, column, cell, style(_part(number, content), column))
    for column, width in enumerate(_widths(rows)):
        sheet.set_column(column, column, width)
    for column in content.shares:
        last = len(rows) - 1 - content.totals
        if last:
            sheet.conditional_format(1, column, last, column, {**BAR, **WHOLE})


PARTS: Final = {"head": {"bold": True, "bottom": 1}, "total": {"bold": True, "top": 1}, "body": {}}


def _part(number: int, content: Sheet) -> str:
    if number == 0:
        return "head"
    return "total" if number >= len(content.rows) - content.totals else "body"


def _styles(book: Any, content: Sheet) -> Any:
    """Return what gives the style of a part and a column."""

    @cache
    def style(part: str, form: str | None) -> Any:
        wraps = {"text_wrap": True, "valign": "top"} if content.is_prose or (part == "head" and content.forms) else {}
        return book.add_format({**PARTS[part], **wraps, **({"num_format": form} if form else {})})

    return lambda part, column: style(part, None if part == "head" else content.forms.get(column))


def _write(sheet: Any, number: int, column: int, cell: Cell, style: Any) -> None:
    if isinstance(cell, int | float):
        sheet.write_number(number, column, cell, style)
    elif isinstance(cell, datetime):
        sheet.write_datetime(number, column, cell, style)
    elif cell:
        if len(cell.encode("utf-16-le")) // 2 > LONGEST:
            raise CellTooLong(
                f"“{sheet.name}”第 {number + 1} 行有一格超过 {LONGEST} 字,工作簿放不下;请改用 CSV",
                f"“{sheet.name}”, row {number + 1}: a cell of more than {LONGEST} characters; take a CSV file instead",
            )
        if cell.startswith("<r>") and cell.endswith("</r>"):  # which would be written as it is, as markup
            sheet.write_rich_string(number, column, cell[:1], style, cell[1:])
        else:
            sheet.write_string(number, column, cell, style)


def _widths(rows: Rows) -> list[int]:
    """Return how wide each column is, in characters, a Chinese one being two."""
    columns = max(map(len, rows), default=0)
    widest = [max((_width(row[at]) for row in rows if at < len(row)), default=0) for at in range(columns)]
    return [min(max(width + 2, NARROWEST), WIDEST) for width in widest]


def _width(cell: Cell) -> int:
    if isinstance(cell, datetime):
        return len("2026-11-26 08:00")
    if isinstance(cell, float):
        return min(len(str(cell)), ROUNDED)
    return 0 if cell is None else max(_line_width(line) for line in str(cell)[: 2 * WIDEST].split("\n"))


def _line_width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
