"""The classes of a coverage map. Their colours are in static/map.css, one rule per class name."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class ClassRange:
    """One class: its CSS name, the ratios it holds (`lower` ≤ ratio < `upper`), its legend label."""

    css: str
    lower: float
    upper: float
    label: str


COVERAGE = tuple(
    ClassRange(f"c{index}", index / 5, (index + 1) / 5, f"{index * 20}–{index * 20 + 20} %") for index in range(5)
)
NOT_AVAILABLE = "na"


def class_of(ratio: float | None) -> str:
    """Return the CSS class of a ratio from 0 to 1; `na` for None and NaN. 1 belongs to the last class."""
    if ratio is None or math.isnan(ratio):
        return NOT_AVAILABLE
    return next((item.css for item in COVERAGE if ratio < item.upper), COVERAGE[-1].css)
