"""The classes of a coverage map. Their colours are in static/map.css, one rule per class name."""

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class ClassRange:
    """One class: its CSS name, the ratios it holds (`lower` ≤ ratio < `upper`), its legend label."""

    css: str
    lower: float
    upper: float
    label: str


BREAKS = (0, 20, 40, 60, 70, 80, 100)
"""Per cent. The same on every map, so that maps of two periods compare; finer where a month of patrols ends up."""
COVERAGE = tuple(
    ClassRange(f"c{number}", lower / 100, upper / 100, f"{lower}–{upper} %")
    for number, (lower, upper) in enumerate(pairwise(BREAKS))
)
NOT_AVAILABLE = "na"


def class_of(ratio: float | None) -> str:
    """Return the CSS class of a ratio from 0 to 1; `na` for None and NaN. 1 belongs to the last class."""
    if ratio is None or math.isnan(ratio):
        return NOT_AVAILABLE
    return next((item.css for item in COVERAGE if ratio < item.upper), COVERAGE[-1].css)
