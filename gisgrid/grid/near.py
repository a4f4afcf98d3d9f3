"""In which cells a point may lie whose position is uncertain. Pure.

The position is taken for a normal distribution in two dimensions, of which SAMPLES points of equal weight are located.
A probability is a share of them, and so exact to a few hundredths.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gisgrid.grid.locate import Grid

Floats = NDArray[np.float64]
Offsets = tuple[Floats, Floats]

SAMPLES: Final = 64
CERTAIN: Final = 0.95
ACCURACIES: Final = 1.51
"""Standard deviations along an axis in the radius that holds 68 %: √(−2 ln 0.32)."""
DEGREE_M: Final = 111_195.0
GOLDEN: Final = np.pi * (3 - 5**0.5)

Candidates = list[tuple[str | None, float]]
"""Codes of the finest cells, None for outside, each with its probability, the most probable first."""


def _pattern() -> Offsets:
    """Return the samples in standard deviations: rings of equal weight, turned by the golden angle (Vogel 1979)."""
    number = np.arange(SAMPLES)
    radius = np.sqrt(-2 * np.log1p(-(number + 0.5) / SAMPLES))
    return radius * np.cos(number * GOLDEN), radius * np.sin(number * GOLDEN)


EAST, NORTH = _pattern()


def candidates(grid: Grid, longitude: Floats, latitude: Floats, accuracy_m: Floats) -> list[Candidates]:
    """Return for each of n points, none of them NaN, in which cells it may lie; nothing where one cell is certain."""
    deviation = accuracy_m / ACCURACIES / DEGREE_M
    across = deviation / np.maximum(np.cos(np.radians(latitude)), 1e-9)
    rows = grid.index.locate(
        longitude[:, None] + across[:, None] * EAST, latitude[:, None] + deviation[:, None] * NORTH
    )
    own = grid.index.locate(longitude, latitude)
    found: list[Candidates] = [[] for _ in range(len(longitude))]
    for point in np.flatnonzero((rows == own[:, None]).mean(axis=1) <= CERTAIN):
        found[point] = _shares(grid, rows[point])
    return found


def _shares(grid: Grid, rows: NDArray[np.signedinteger]) -> Candidates:
    each, count = np.unique(rows, return_counts=True)
    shares = zip(grid.codes[each].tolist(), (count / SAMPLES).tolist(), strict=True)  # the last code is that of OUTSIDE
    return sorted(shares, key=lambda pair: (-pair[1], pair[0] or ""))
