"""Bend straight lines the way ridges, streams and coasts bend. Pure.

The whole plane is bent, not each line: points that were equal stay equal bit for bit, so what was
nested stays nested. Only integers, +, − and × are used: the same figures on every machine.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gisgrid.geometry import Floats

Words = NDArray[np.uint64]

PIECE_M: Final = 30
"""Straight lines are cut into pieces of this length before they are bent."""


class Octave(NamedTuple):
    """Bends of one size: about `spacing_m` long, at most `reach_m` off the straight line."""

    spacing_m: float
    reach_m: float


def wind(points: Floats, octaves: Sequence[Octave], seed: int) -> Floats:
    """Return the points (n, 2), in metres, moved by one octave after the other.

    One after the other, not in one sum: each step keeps the plane unfolded as long as its reach is
    below about a quarter of its spacing, whatever the others do.
    """
    moved = np.asarray(points, dtype=np.float64)
    for number, octave in enumerate(octaves):
        key = seed * 1000 + number * 10
        shift = np.column_stack((_noise(moved, octave.spacing_m, key), _noise(moved, octave.spacing_m, key + 1)))
        moved = moved + octave.reach_m * shift
    return moved


def _noise(points: Floats, spacing_m: float, key: int) -> Floats:
    """Value noise in [-1, 1): random values on a square lattice, joined by a curve with smooth slopes."""
    corner = np.floor(points / spacing_m)
    u, v = (points / spacing_m - corner).T
    u, v = _fade(u), _fade(v)
    i, j = corner.astype(np.int64).T
    south = _lattice(i, j, key) * (1 - u) + _lattice(i + 1, j, key) * u
    north = _lattice(i, j + 1, key) * (1 - u) + _lattice(i + 1, j + 1, key) * u
    return south * (1 - v) + north * v


def _fade(t: Floats) -> Floats:
    return t * t * t * (t * (t * 6 - 15) + 10)


def _lattice(i: NDArray[np.int64], j: NDArray[np.int64], key: int) -> Floats:
    word = i.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    word ^= _mixed(j.astype(np.uint64) + np.uint64(key) * np.uint64(0xD1B54A32D19))
    return np.asarray((_mixed(word) >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1)


def _mixed(word: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
