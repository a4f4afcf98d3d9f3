"""An edition as its two tables, to be edited and brought back. Pure."""

from decimal import Decimal
from typing import Any

from gisgrid.incidents.kinds.columns import CONDITIONS, KINDS, Column, Table
from gisgrid.incidents.kinds.edition import Edition


def write_edition(edition: Edition, *, is_chinese: bool = False) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of the kinds and of their filing conditions, heads first, which `read_edition` reads back.

    For people in Chinese, else in the words of the program.
    """
    kinds = [_row(KINDS, kind, is_chinese) for kind in edition.kinds.values()]
    conditions = [
        _row(CONDITIONS, condition, is_chinese, kind=code)
        for code, kind in edition.kinds.items()
        for condition in kind.conditions
    ]
    return [_heads(KINDS, is_chinese), *kinds], [_heads(CONDITIONS, is_chinese), *conditions]


def _heads(table: Table, is_chinese: bool) -> list[str]:
    return [column.zh if is_chinese else column.name for column in table.columns]


def _row(table: Table, thing: Any, is_chinese: bool, **others: str) -> list[str]:
    given = [(column, others.get(column.name) or getattr(thing, column.name)) for column in table.columns]
    return [_cell(column, value, is_chinese) for column, value in given]


def _cell(column: Column, value: Any, is_chinese: bool) -> str:
    if isinstance(value, bool):
        value = "yes" if value else ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = "" if value is None else str(value)
    return column.words[text][0] if is_chinese and text and column.words else text
