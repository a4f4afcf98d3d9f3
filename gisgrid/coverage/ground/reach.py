"""Which ground the fixes reach: discs round them and bands along the track, in metres. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.coverage.ground.borders import Border, share
from gisgrid.coverage.ground.strips import Floats, Integers, Runs, Shapes, Strips, covered, together
from gisgrid.geometry import points_to_metric
from gisgrid.settings import Settings

ACCURACY_M: Final = 30.0
"""What is assumed of a fix that does not tell its accuracy (68 % radius)."""


class Strokes(NamedTuple):
    """What is drawn with the width of the reach: bands, discs where both ends are one, and how sure they are."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    accuracy_m: Floats


class Reached(NamedTuple):
    """What is reached: as measured, surely (with the radius less the accuracy), perhaps (plus the accuracy)."""

    measured: Runs
    surely: Runs
    perhaps: Runs


class Ratios(NamedTuple):
    """Parts of polygons, 0 to 1, NaN where there is nothing to divide by: as measured, at least and at most."""

    ratio: Floats
    low: Floats
    high: Floats


def strokes(fixes: pd.DataFrame, settings: Settings) -> Strokes:
    """Return the bands between consecutive fixes of a patrol, and a disc round each fix that no band holds.

    `fixes` are ordered by patroller and time; those without a patrol are joined by patroller. A band is as uncertain
    as the coarser of its fixes; the finer one keeps a disc of its own.
    """
    row, x, y, joined = _track(fixes, settings)
    accuracy = fixes["accuracy_m"].fillna(ACCURACY_M).to_numpy(dtype=float)[row]
    a, b = np.flatnonzero(joined), np.flatnonzero(joined) + 1
    coarser = np.maximum(accuracy[a], accuracy[b])
    alone = np.ones(len(x), dtype=bool)
    alone[a[accuracy[a] == coarser]] = False
    alone[b[accuracy[b] == coarser]] = False
    return Strokes(
        np.concatenate((x[a], x[alone])),
        np.concatenate((y[a], y[alone])),
        np.concatenate((x[b], x[alone])),
        np.concatenate((y[b], y[alone])),
        np.concatenate((coarser, accuracy[alone])),
    )


def strokes_within(fixes: pd.DataFrame, visit: Integers, settings: Settings) -> tuple[Shapes, Integers]:
    """Return the bands between consecutive fixes of one visit, and discs round the others; and of which visit each is.

    `fixes` are as in `strokes`, `visit` numbers the visit of each.
    """
    row, x, y, joined = _track(fixes, settings)
    visit = visit[row]
    joined &= np.diff(visit) == 0
    a, b = np.flatnonzero(joined), np.flatnonzero(joined) + 1
    alone = np.ones(len(x), dtype=bool)
    alone[a] = alone[b] = False
    x0, y0, x1, y1 = (np.concatenate((its[each], its[alone])) for its, each in ((x, a), (y, a), (x, b), (y, b)))
    whose = np.concatenate((visit[a], visit[alone]))
    return Shapes(x0, y0, x1, y1, np.full(len(whose), settings.reach_m)), whose


def _track(fixes: pd.DataFrame, settings: Settings) -> tuple[Integers, Floats, Floats, NDArray[np.bool_]]:
    """Return the rows of fixes outing by outing, where they are in metres, and which of them a band joins to the next.

    What has no place in the metric system, a quarter round the globe, is left out.
    """
    x, y = points_to_metric(fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy(), settings.metric_crs)
    patroller = fixes["patroller_id"].to_numpy()
    patrol = fixes["patrol_id"].fillna(-1).astype("int64").to_numpy()
    row = np.lexsort((patrol, patroller))  # keeps the order of time within each
    row = row[np.isfinite(x[row]) & np.isfinite(y[row])]
    x, y = x[row], y[row]
    moment = fixes["fix_at"].dt.as_unit("us").astype("int64").to_numpy()[row]
    joined = (np.diff(patroller[row]) == 0) & (np.diff(patrol[row]) == 0)
    joined &= np.diff(moment) <= settings.band_gap_s * 1e6
    joined &= np.hypot(np.diff(x), np.diff(y)) <= settings.band_length_m
    return row, x, y, joined


def reached(fine: Strips, coarse: Strips, drawn: Strokes, reach_m: float) -> Reached:
    """Return what lies within `reach_m` of a fix or band, and, in coarse strips, what within reach_m ± accuracy."""

    def runs(strips: Strips, radius: Floats) -> Runs:
        return covered(strips, Shapes(drawn.x0, drawn.y0, drawn.x1, drawn.y1, radius))

    accuracy = drawn.accuracy_m
    return Reached(
        runs(fine, np.full(len(accuracy), reach_m)), runs(coarse, reach_m - accuracy), runs(coarse, reach_m + accuracy)
    )


def reached_in_all(fine: Strips, coarse: Strips, parts: Sequence[tuple[Strips, Strips, Reached]]) -> Reached:
    """Return what any of several parts reaches, each found over fine and coarse strips of its own."""
    return Reached(
        together(fine, [(window, part.measured) for window, _, part in parts]),
        together(coarse, [(window, part.surely) for _, window, part in parts]),
        together(coarse, [(window, part.perhaps) for _, window, part in parts]),
    )


def ratios(reach: Reached, fine: list[Border], coarse: list[Border]) -> Ratios:
    """Return which part of each polygon is reached; its border is given in both kinds of strips."""

    def parts(runs: Runs, borders: list[Border]) -> Floats:
        return np.array([share(runs, border) for border in borders], dtype=float)

    ratio = parts(reach.measured, fine)
    low, high = parts(reach.surely, coarse), parts(reach.perhaps, coarse)
    return Ratios(ratio, np.fmin(low, ratio), np.fmax(high, ratio))
