"""What a phone makes of a walk: when it measures, how far off, what it gets wrong, when it delivers. Pure."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from prcoords import wgs_gcj

from gisgrid.geometry import Floats
from gisgrid.sample.walk import Walk

Faults = NDArray[np.object_]

SIGMA_PER_ACCURACY: Final = 1 / 1.51
"""A radius that holds 68 % of a two-dimensional normal error is 1.51 of its standard deviations."""
MEMORY: Final = 0.85
"""How much of an error is left in the next fix: GPS errors drift, they do not jump."""


class Habits(NamedTuple):
    """Shares of walks (`_walk`) and of fixes (`_fix`) to which something happens."""

    asleep_walk: float = 0.15
    asleep_when_still_walk: float = 0.35
    delivered_hours_late_walk: float = 0.06
    delivered_twice_walk: float = 0.03
    delivered_twice_fix: float = 0.002
    gcj02_walk: float = 0.006
    teleport_fix: float = 0.0015
    swapped_fix: float = 0.0004
    zero_fix: float = 0.0004
    accuracy_missing_fix: float = 0.02


USUAL: Final = Habits()
HARD: Final = Habits(
    delivered_hours_late_walk=0.2,
    delivered_twice_walk=0.0,
    delivered_twice_fix=0.1,
    teleport_fix=0.012,
    swapped_fix=0.004,
    zero_fix=0.004,
)
"""Bad reception and bad phones: one fix in ten comes twice, one walk in five late, one fix in fifty is wrong."""


def moments(walk: Walk, interval_s: float, chance: np.random.Generator, habits: Habits = USUAL) -> Floats:
    """Return the whole seconds at which the phone measures, ascending: about every interval, unless it sleeps."""
    count = int(walk.seconds[-1] // interval_s)
    seconds = np.floor(np.arange(count) * interval_s + chance.random(count) * 5)
    awake = np.ones(count, dtype=bool)
    if chance.random() < habits.asleep_walk:
        begin, length = chance.random(2) * (walk.seconds[-1], 2400)
        awake &= (seconds < begin) | (seconds > begin + 300 + length)
    if chance.random() < habits.asleep_when_still_walk:
        awake &= ~walk.is_still(seconds)
    return seconds[awake]


def errors(count: int, chance: np.random.Generator, habits: Habits = USUAL) -> tuple[Floats, Floats]:
    """Return how far off the fixes are, (n, 2) in metres, and the accuracy they claim (68 % radius; NaN: none).

    Each error is normal with the claimed accuracy as its 68 % radius, and resembles the one before it.
    """
    accuracy = np.clip(np.exp(chance.normal(np.log(8), 0.45, count)), 3, 80)
    accuracy = np.round(np.where(chance.random(count) < 0.03, accuracy * 4, accuracy), 1)
    fresh = chance.normal(size=(count, 2)) * (1 - MEMORY**2) ** 0.5
    drift = chance.normal(size=2)
    for row in fresh:
        drift = MEMORY * drift + row
        row[:] = drift
    offsets = fresh * (accuracy * SIGMA_PER_ACCURACY)[:, None]
    return offsets, np.where(chance.random(count) < habits.accuracy_missing_fix, np.nan, accuracy)


def mistaken(places: Floats, chance: np.random.Generator, habits: Habits = USUAL) -> tuple[Floats, Faults]:
    """Return what is reported for places (n, 2; degrees, longitude first), and the fault of each; None is right.

    Faults: "teleport" (some kilometres away), "swapped" (latitude first), "zero" (0, 0), "gcj02" (the whole walk in
    map vendors' coordinates, declared as WGS 84).
    """
    told, faults = places.copy(), np.full(len(places), None, dtype=object)
    if chance.random() < habits.gcj02_walk:
        shifted = [wgs_gcj((latitude, longitude)) for longitude, latitude in places.tolist()]
        told, faults[:] = np.array([(place.lon, place.lat) for place in shifted]).reshape(-1, 2), "gcj02"
    dice, away = chance.random(len(places)), (chance.random((len(places), 2)) - 0.5) * 0.08
    teleport = dice < habits.teleport_fix
    swapped = (dice < habits.teleport_fix + habits.swapped_fix) & ~teleport
    zero = dice > 1 - habits.zero_fix
    told[teleport] += away[teleport]
    told[swapped] = told[swapped, ::-1]
    told[zero] = 0.0
    for name, chosen in (("teleport", teleport), ("swapped", swapped), ("zero", zero)):
        faults[chosen] = name
    return told, faults


def deliveries(seconds: Floats, chance: np.random.Generator, habits: Habits = USUAL) -> tuple[NDArray[np.intp], Floats]:
    """Return what the server receives: which fix (its number), and when (seconds); some fixes come twice.

    Usually a fix arrives within seconds. Some phones find no network: from some fix on all come together, hours later.
    """
    number = np.arange(len(seconds))
    received = np.ceil(seconds + 1 + chance.exponential(2, len(seconds)))
    if chance.random() < habits.delivered_hours_late_walk and len(seconds):
        cut = int(chance.random() * len(seconds) * 0.7)
        received[cut:] = np.ceil(seconds[-1] + 3600 * (1.5 + 8 * chance.random()))
    again = chance.random(len(seconds)) < habits.delivered_twice_fix
    if chance.random() < habits.delivered_twice_walk:
        again[int(chance.random() * len(seconds)) :] = True
    delay = np.ceil(30 + 1800 * chance.random(len(seconds)))
    return np.concatenate((number, number[again])), np.concatenate((received, (received + delay)[again]))
