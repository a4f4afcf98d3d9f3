"""What has changed since the period before, cell by cell, and whether coverage has changed by more than its bands."""

from collections.abc import Iterator
from typing import NamedTuple

from gisgrid.coverage.schemas import CellFigures, CoverageReport


class Band(NamedTuple):
    """Between which two ratios a coverage lies."""

    low: float
    high: float

    def overlaps(self, other: "Band") -> bool:
        """Tell whether the two may be the same."""
        return self.low <= other.high and other.low <= self.high


class Change(NamedTuple):
    """A cell now and in the period before, None where it is not known of then."""

    cell: CellFigures
    before: CellFigures | None

    def of(self, name: str) -> float | None:
        """Return by how much a figure has grown; None where one of the two is n/a."""
        old, new = getattr(self.before, name, None), getattr(self.cell, name)
        return None if old is None or new is None else new - old

    @property
    def is_clear(self) -> bool:
        """Whether coverage has changed by more than its bands allow for chance."""
        now, then = band_of(self.cell), None if self.before is None else band_of(self.before)
        return now is not None and then is not None and not now.overlaps(then)


def band_of(cell: CellFigures) -> Band | None:
    """Return the band of a cell's coverage, of no width where none is told; None where coverage is n/a."""
    ratio, low, high = cell.coverage_ratio, cell.coverage_low, cell.coverage_high
    if ratio is None:
        return None
    return Band(ratio if low is None else low, ratio if high is None else high)


def changes(report: CoverageReport) -> Iterator[Change]:
    """Yield each cell of a report with itself in the period before."""
    before = {cell.code: cell for cell in report.cells_before}
    for cell in report.cells:
        yield Change(cell, before.get(cell.code))


def change_of(report: CoverageReport, cell: CellFigures) -> Change:
    """Return one cell with itself in the period before."""
    return Change(cell, next((each for each in report.cells_before if each.code == cell.code), None))
