"""What is made of sums and visits: idleness, shares, evenness. NaN where there is nothing to divide by."""

import math
from collections.abc import Sequence
from datetime import datetime

from tests.coverage.brute.visits import Visit

BAND_S = (600.0, 960.0)
"""A visit of 10 to 16 minutes."""


def gaps(visits: Sequence[Visit], start: datetime, end: datetime) -> list[float]:
    """Return the seconds of each gap between visits of anybody, the first and the last partial one included."""
    found, quiet_since = [], start
    for visit in sorted(visits, key=lambda visit: visit.started_at):
        if visit.started_at > quiet_since:
            found.append((visit.started_at - quiet_since).total_seconds())
        quiet_since = max(quiet_since, visit.ended_at)
    if end > quiet_since:
        found.append((end - quiet_since).total_seconds())
    return found


def idleness(visits: Sequence[Visit], start: datetime, end: datetime) -> tuple[float, float]:
    """Return Σ g² / (2 T) and the longest gap, in seconds; NaN for a cell that nobody visited."""
    lasted = (end - start).total_seconds()
    if not visits or lasted <= 0:
        return math.nan, math.nan
    found = gaps(visits, start, end)
    return sum(gap**2 for gap in found) / (2 * lasted), max(found, default=0.0)


def share_in_band(visits: Sequence[Visit], slack_s: float = 0.0) -> float:
    """Return which part of the visits lasted 10 to 16 minutes; a positive slack lets more in, a negative one fewer."""
    least, most = BAND_S[0] - slack_s, BAND_S[1] + slack_s
    return ratio(sum(least <= visit.dwell_s <= most for visit in visits), len(visits))


def ratio(part: float, whole: float) -> float:
    """Divide; NaN by nothing."""
    return part / whole if whole else math.nan


def evenness(densities: Sequence[float]) -> float:
    """Return Gini's G times n / (n − 1); 0 is even."""
    n, total = len(densities), sum(densities)
    if n < 2 or total == 0:
        return math.nan
    weighted = sum((2 * i - n - 1) * x for i, x in enumerate(sorted(densities), start=1))
    return weighted / (n * total) * n / (n - 1)


def demand_match(dwell: Sequence[float], incidents: Sequence[int]) -> float:
    """Return 1 − ½ Σ |e − q| of the shares of dwell and of incidents."""
    if not sum(dwell) or not sum(incidents):
        return math.nan
    return 1 - sum(abs(e / sum(dwell) - q / sum(incidents)) for e, q in zip(dwell, incidents, strict=True)) / 2
