"""Which cells of a report are the whole, and which are its parts: levels, names, and figures of the whole."""

from collections.abc import Iterable, Sequence
from typing import Final

from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.grid.schemas import Level
from gisgrid.grid.tables import LEVELS

LEVEL_NAMES: Final[dict[str, Note]] = {
    "street": Note(zh="街道", en="Street"),
    "community": Note(zh="社区", en="Communities"),
    "substation": Note(zh="工作分站", en="Substations"),
}


def levels_in(report: CoverageReport) -> list[Level]:
    """Return the levels of which a report has cells, the highest first."""
    there = {cell.level for cell in report.cells}
    return [level for level in ("street", "community", "substation") if level in there]


def at_level(cells: Iterable[CellFigures], level: str) -> list[CellFigures]:
    """Return the cells of a level."""
    return [cell for cell in cells if cell.level == level]


def whole_of(report: CoverageReport) -> CellFigures | None:
    """Return the one cell that holds all the others; None if there is none, as below a parent."""
    levels = levels_in(report)
    highest = at_level(report.cells, levels[0]) if levels else []
    return highest[0] if len(highest) == 1 else None


def highest(report: CoverageReport) -> list[CellFigures]:
    """Return the cells that no other of the report holds: what is countable adds up over them."""
    levels = levels_in(report)
    return at_level(report.cells, levels[0]) if levels else []


def finest(report: CoverageReport) -> list[CellFigures]:
    """Return the cells that hold no others."""
    levels = levels_in(report)
    return at_level(report.cells, levels[-1]) if levels else []


def total(cells: Sequence[CellFigures], name: str) -> float | None:
    """Return the sum of a countable figure over cells that do not overlap; None where it is known of none."""
    known = [value for cell in cells if (value := getattr(cell, name)) is not None]
    return sum(known) if known else None


def due(cells: Sequence[CellFigures]) -> float | None:
    """Return what the rates of closing are of: what was closed, and what is overdue and was not."""
    closed, overdue = total(cells, "closed"), total(cells, "overdue")
    return None if closed is None or overdue is None else closed + overdue


def short_names(cells: Sequence[CellFigures]) -> dict[str, str]:
    """Return names by code without what all of a level end in, as 社区: for maps, where there is little room."""
    found: dict[str, str] = {}
    for level in LEVELS:
        names = {cell.code: cell.name for cell in at_level(cells, level)}
        ending = _common_ending(list(names.values()))
        is_enough = all(len(name) - ending >= 2 for name in names.values())
        found |= {code: name[: len(name) - ending] if is_enough else name for code, name in names.items()}
    return found


def _common_ending(names: Sequence[str]) -> int:
    """Return how many last letters all names have in common; 0 where there is only one name."""
    ending = 0
    while len(names) > 1 and len({name[-ending - 1 :] for name in names}) == 1 and ending < min(map(len, names)):
        ending += 1
    return ending
