"""One person's outing on a day, and what the server receives of it."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np

from gisgrid.sample.happen import Columns, instants
from gisgrid.sample.phone import USUAL, Habits, deliveries, errors, mistaken, moments
from gisgrid.sample.scene import Scene
from gisgrid.sample.walk import walk

INTERVALS_S: Final = (30.0, 40.0, 60.0)
WEEKEND_SHARE: Final = 0.7
SATURDAY: Final = 5
KEENNESS: Final = (0.35, 1.15)
"""Some people come every day, some seldom: so that maps of a simulation have something to show."""
ROUTINE: Final = (0.3, 1.0)
"""At some stations people explore every lane, at others they go from checkpoint to checkpoint."""


class Shift(NamedTuple):
    """When outings begin (hours of the local day), how long they last, how many people come on a working day."""

    name: str
    begins_h: tuple[float, float]
    lasts_s: tuple[float, float]
    attendance: float


SHIFTS: Final = (
    Shift("day", (8.5, 15.0), (3600, 6600), 1.0),
    Shift("evening", (19.0, 20.5), (3000, 6000), 0.85),
)


class Person(NamedTuple):
    """Who walks: a number in place of a name, because a simulation names nobody."""

    ref: str
    name: str


def person(number: int) -> Person:
    """Return person `number`, from 0."""
    return Person(f"sim-{number + 1:02}", f"巡逻员{number + 1:02}")


def outing(scene: Scene, day: date, number: int, habits: Habits = USUAL) -> tuple[Columns, Columns] | None:
    """Return the outing of person `number` (from 0) and the fixes received from it; None when the person stays away.

    The columns are those of `Simulation.patrols` and `Simulation.fixes`.
    """
    chance = np.random.default_rng([scene.seed, day.toordinal(), number + 1])
    shift = SHIFTS[number // len(scene.beats) % len(SHIFTS)]
    if chance.random() > shift.attendance * _keenness(scene.seed, number) * (WEEKEND_SHARE if _is_weekend(day) else 1):
        return None
    begin = np.floor(3600 * chance.uniform(*shift.begins_h))
    beat = number % len(scene.beats)
    walked = walk(scene.net, scene.beats[beat], chance.uniform(*shift.lasts_s), _routine(scene.seed, beat), chance)
    seconds = moments(walked, INTERVALS_S[number % len(INTERVALS_S)], chance, habits)
    offsets, accuracy = errors(len(seconds), chance, habits)
    told, faults = mistaken(scene.degrees(walked.at(seconds) + offsets), chance, habits)
    which, received = deliveries(seconds, chance, habits)
    ref = f"{day:%Y%m%d}-{shift.name}"
    begin_end = instants(day, begin + np.array([0.0, np.ceil(walked.seconds[-1])]), scene.zone)
    who = person(number)
    patrol: Columns = {
        "patroller_ref": np.array([who.ref], dtype=object),
        "ref": np.array([ref], dtype=object),
        "started_at": begin_end[:1],
        "ended_at": begin_end[1:],
    }
    fixes: Columns = {
        "client_id": np.array([f"{ref}-{place + 1:04}" for place in which.tolist()], dtype=object),
        "patroller_ref": np.full(len(which), who.ref, dtype=object),
        "patroller_name": np.full(len(which), who.name, dtype=object),
        "patrol_ref": np.full(len(which), ref, dtype=object),
        "fix_at": instants(day, begin + seconds[which], scene.zone),
        "received_at": instants(day, begin + received, scene.zone),
        "longitude": told[which, 0],
        "latitude": told[which, 1],
        "accuracy_m": accuracy[which],
        "fault": faults[which],
    }
    return patrol, fixes


def _keenness(seed: int, number: int) -> float:
    return float(np.random.default_rng([seed, number]).uniform(*KEENNESS))


def _routine(seed: int, beat: int) -> float:
    return float(np.random.default_rng([seed, beat, 1]).uniform(*ROUTINE))


def _is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY
