"""Cells by coverage. Where bands overlap nobody knows which is ahead: a tie. n/a is not ranked; people never are."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gisgrid.coverage.schemas import CellFigures, Note
from gisgrid.coverage.told.changes import Band, band_of

RULE: Final = Note(
    zh="按到达率从高到低排列;区间与同一名次的第一个有重叠的,分不出先后,名次并列;无到达率(n/a)的不排名",
    en="by coverage, the highest first; a cell whose band overlaps with that of the first of a rank cannot be told "
    "from it and shares the rank; n/a is not ranked",
)


class Ranked(NamedTuple):
    """A cell and its rank, None where it has no coverage; `is_tied`: others have the same."""

    rank: int | None
    is_tied: bool
    cell: CellFigures


def ranking(cells: Sequence[CellFigures]) -> list[Ranked]:
    """Return cells by coverage, then code; those without last.

    A cell whose band overlaps with that of the first of the rank above shares that rank; the next that does not has as
    its rank one more than there are cells above it. (Were it enough to overlap with the neighbour above, small steps
    would lead from the best to the worst, and all would be first.)
    """
    known = [(band, cell) for cell in cells if (band := band_of(cell)) is not None]
    known.sort(key=lambda each: (-(each[1].coverage_ratio or 0), each[1].code))
    ranks = _ranks([band for band, _ in known])
    ranked = [Ranked(rank, ranks.count(rank) > 1, cell) for rank, (_, cell) in zip(ranks, known, strict=True)]
    rest = sorted((cell for cell in cells if band_of(cell) is None), key=lambda cell: cell.code)
    return ranked + [Ranked(None, is_tied=False, cell=cell) for cell in rest]


def _ranks(bands: Sequence[Band]) -> list[int]:
    ranks: list[int] = []
    for place, band in enumerate(bands, 1):
        is_tied = bool(ranks) and band.overlaps(bands[ranks[-1] - 1])
        ranks.append(ranks[-1] if is_tied else place)
    return ranks
