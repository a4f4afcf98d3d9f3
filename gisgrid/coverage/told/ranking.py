"""Cells by coverage. Where bands overlap nobody knows which is ahead: a tie. n/a is not ranked; people never are."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gisgrid.coverage.schemas import CellFigures, Note
from gisgrid.coverage.told.changes import Band, band_of

RULE: Final = Note(
    zh="名次 = 1 + 到达率肯定更高的网格数(其区间下限高于本格上限);区间与别的网格重叠的分不出先后,名次并列,"
    "写作“4–9”,即最前第 4、最后第 9(网格数 − 肯定更低的网格数);无到达率(n/a)的不排名",
    en="rank = 1 + how many cells surely have a higher coverage (their lower end lies above one's upper end); cells "
    "whose bands overlap cannot be told apart and are tied: 4–9 is the fourth at best and the ninth at worst (the "
    "cells less those that are surely lower); n/a is not ranked",
)


class Ranked(NamedTuple):
    """A cell and its rank, and which it has at worst, None where it has no coverage; they differ where it is tied."""

    rank: int | None
    at_worst: int | None
    cell: CellFigures


def ranking(cells: Sequence[CellFigures]) -> list[Ranked]:
    """Return cells by rank, then coverage and code; those without coverage last."""
    known = [(band, cell) for cell in cells if (band := band_of(cell)) is not None]
    bands = [band for band, _ in known]
    ranked = [Ranked(*_ranks(band, bands), cell) for band, cell in known]
    ranked.sort(key=lambda each: (each.rank, -(each.cell.coverage_ratio or 0), each.cell.code))
    rest = sorted((cell for cell in cells if band_of(cell) is None), key=lambda cell: cell.code)
    return ranked + [Ranked(None, None, cell) for cell in rest]


def _ranks(band: Band, bands: Sequence[Band]) -> tuple[int, int]:
    higher, lower = sum(each.low > band.high for each in bands), sum(each.high < band.low for each in bands)
    return 1 + higher, len(bands) - lower


def best(cells: Sequence[CellFigures]) -> list[CellFigures]:
    """Return the cells of which each may have the highest coverage, the highest first."""
    return [each.cell for each in ranking(cells) if each.rank == 1]


def worst(cells: Sequence[CellFigures]) -> list[CellFigures]:
    """Return the cells of which each may have the lowest coverage, the lowest first."""
    ranked = [each for each in ranking(cells) if each.rank is not None]
    last = [each.cell for each in ranked if each.at_worst == len(ranked)]
    return sorted(last, key=lambda cell: (cell.coverage_ratio or 0, cell.code))
