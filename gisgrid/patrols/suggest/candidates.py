"""What a place on the next round would gain: open gaps by their age, rounds that are due, ground long unseen. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.suggest.solve import MOST

Why = Literal["gap", "round", "unseen"]

SQUARE_M: Final = 100
BLOCK: Final = 3
"""Squares are visited in blocks of three by three."""
GAP_GAIN, DAY_GAIN, MOST_DAYS = 30.0, 10.0, 7.0
ROUND_GAIN: Final = 30.0
SQUARE_GAIN: Final = 3.0

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be visited: why, for how much gain, and how long one stays. `x`, `y` are metres.

    `code` is that of the checkpoint or cell, "" for ground long unseen; `squares` counts the squares of that.
    """

    why: tuple[Why, ...]
    kind: str
    code: str
    name: str
    x: float
    y: float
    gain: float
    stay_s: int
    squares: int = 0


def gap_gain(age_s: float) -> float:
    """Return what it gains to close a gap: more with each day for which it has been open, up to a week."""
    return GAP_GAIN + DAY_GAIN * min(max(age_s, 0) / 86_400, MOST_DAYS)


def at_spot(spot: Spot, why: Why, gain: float) -> Candidate:
    """Return the candidate at the place of a gap or round, where one stays as long as counts."""
    place = spot.place
    return Candidate((why,), place.kind, place.code, spot.name, spot.x, spot.y, gain, int(np.ceil(spot.dwell_s)))


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates of which each place is one, with all its gains."""
    found: dict[tuple[str, str], Candidate] = {}
    for each in candidates:
        key = (each.kind, each.code)
        other = found.get(key)
        if other is None:
            found[key] = each
        else:
            why = tuple(dict.fromkeys((*other.why, *each.why)))
            found[key] = replace(other, why=why, gain=other.gain + each.gain, stay_s=max(other.stay_s, each.stay_s))
    return list(found.values())


def blocks(squares: Integers, idle: Floats, mps: float) -> list[Candidate]:
    """Return the blocks of squares, (n, 2) whole hundreds of metres, that were long unseen; `idle` is 0 to 1 of each.

    A block is entered at its square nearest to their middle, and takes as long as it is to walk across its squares.
    """
    wanted = idle > 0
    squares, idle = squares[wanted], idle[wanted]
    if not len(squares):
        return []
    keys, block = np.unique(squares // BLOCK, axis=0, return_inverse=True)
    block = block.ravel()
    return [_block(squares[block == number], idle[block == number], mps) for number in range(len(keys))]


def _block(squares: Integers, idle: Floats, mps: float) -> Candidate:
    centres = (squares + 0.5) * SQUARE_M
    x, y = centres[np.argmin(np.hypot(*(centres - centres.mean(axis=0)).T))].tolist()
    stay = int(np.ceil(len(squares) * SQUARE_M / mps))
    return Candidate(("unseen",), "block", "", "", x, y, SQUARE_GAIN * float(idle.sum()), stay, len(squares))


def chosen(places: Sequence[Candidate], unseen: Sequence[Candidate], rng: Random) -> list[Candidate]:
    """Return the candidates that are looked at: the places of most gain, and of the blocks some drawn at random.

    What gains more is drawn more often, and at most four of five blocks: what is left out cannot be foreseen.
    """
    first = sorted(places, key=lambda each: (-each.gain, each.kind, each.code))[:MOST]
    most = min(MOST - len(first), -(-len(unseen) * 4 // 5))
    drawn = sorted(unseen, key=lambda each: rng.random() ** (1 / each.gain), reverse=True)
    return [*first, *drawn[:most]]
