"""What figures tell of confidential incidents and complaints: of a small cell or a short time, nothing.

They are in no rate. What the system of 2007 reported, petitions above all, is counted for a whole street, whole months
and all kinds and departments together: so no sum or difference tells those who see all other incidents of a single one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from gisgrid.incidents.figures.measure import AS_REPORTED, Tally
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.parameters import Period
from gisgrid.settings import Settings


@dataclass(frozen=True, slots=True)
class Telling:
    """Where the kept are counted. `counted_as`: the figures that hold some; `is_open`: whether period and filters let.

    `levels` are those of cells by code; `sees_all`: whether all ground is answered for.
    """

    counted_as: frozenset[str]
    is_open: bool
    sees_all: bool
    levels: Mapping[str | None, str]

    def is_told(self, cell: str | None, *, is_total: bool) -> bool:
        """Tell whether the kept are counted for a cell, None being what lies in no cell, or all that is asked for."""
        return self.is_open and (self.levels.get(cell) == "street" or (cell is None and is_total and self.sees_all))

    def settled(self, ordinary: Tally, kept: Tally, *, is_told: bool) -> dict[str, int | None]:
        """Return what was settled, by what it counts as; None where that would tell of what is kept."""
        return {
            name: ordinary[f"{name}_settled"] + kept[f"{name}_settled"]
            if is_told or name not in self.counted_as
            else None
            for name in AS_REPORTED
        }


def counted_of(kinds: Iterable[Kind]) -> frozenset[str]:
    """Return the figures in which kinds that are kept from others count."""
    return frozenset(kind.counted_as for kind in kinds if kind.is_confidential or kind.is_complaint)


def is_whole_months(period: Period, settings: Settings) -> bool:
    """Tell whether a period is one local month, or several."""
    start, end = (each.astimezone(settings.zone) for each in (period.start, period.end))
    return start < end and all(each.day == 1 and each.time() == time() for each in (start, end))
