"""Reading a table of surveys, CSV or workbook: cell, month, asked, satisfied on each line. Pure.

All that is wrong is told at once, by the numbers of the lines.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from gisgrid.documents.sheets import Rows
from gisgrid.errors import GisgridError, Refused
from gisgrid.incidents.surveys.enter import Found
from gisgrid.incidents.surveys.satisfaction import parse_month

HEADS: Final = {
    "cell_code": ("cell_code", "cell", "code", "网格编码", "网格", "编码"),
    "month": ("month", "月份", "月"),
    "asked": ("asked", "n", "调查人数", "人数"),
    "satisfied": ("satisfied", "满意人数", "满意"),
}
SHOWN: Final = 20
"""Faults that are written out; of more, their number."""


class BadSurveys(Refused):
    """A table of surveys that cannot be used, with all that is wrong in it."""


def read_surveys(sheets: Mapping[str, Rows]) -> list[tuple[int, Found]]:
    """Return what surveys found, each with its line, from the first sheet of a file. Raises BadSurveys."""
    rows = next(iter(sheets.values()), [])
    columns = _columns(rows[0] if rows else [])
    read = [(number, _found(row, columns)) for number, row in enumerate(rows[1:], 2) if any(map(str.strip, row))]
    faults = [(number, each) for number, each in read if isinstance(each, GisgridError)]
    if faults:
        raise bad_surveys(faults)
    return [(number, each) for number, each in read if isinstance(each, Found)]


def bad_surveys(faults: Sequence[tuple[int, GisgridError]]) -> BadSurveys:
    """Say what is wrong in which lines."""
    shown, more = faults[:SHOWN], len(faults) - SHOWN
    zh = [f"第 {number} 行 {error.zh}" for number, error in shown] + [f"另有 {more} 处"] * (more > 0)
    en = [f"line {number}: {error.en}" for number, error in shown] + [f"and {more} more"] * (more > 0)
    return BadSurveys(f"一条也没有导入:{';'.join(zh)}", f"nothing was brought: {'; '.join(en)}")


def _columns(heads: Sequence[str]) -> dict[str, int]:
    plain = [head.strip().casefold() for head in heads]
    found = {name: next((at for at, head in enumerate(plain) if head in known), -1) for name, known in HEADS.items()}
    missing = [name for name, at in found.items() if at < 0]
    if missing:
        raise BadSurveys(
            f"第一行应为列名 网格编码、月份、调查人数、满意人数;缺少:{'、'.join(HEADS[name][-1] for name in missing)}",
            f"the first line names the columns cell_code, month, asked, satisfied; missing: {', '.join(missing)}",
        )
    return found


def _found(row: Sequence[str], columns: Mapping[str, int]) -> Found | GisgridError:
    cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
    if not (cells["asked"].isdecimal() and cells["satisfied"].isdecimal()):
        return BadSurveys("人数应为整数", "how many were asked, and satisfied, must be whole numbers")
    try:
        month = parse_month(cells["month"])
    except GisgridError as error:
        return error
    return Found(cells["cell_code"], month, int(cells["asked"]), int(cells["satisfied"]))
