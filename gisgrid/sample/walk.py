"""One person's walk: along the ways of a beat, from place to place, with stops. Pure; metres and seconds."""

from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.geometry import Floats
from gisgrid.sample.network import Network, Step

SPEED_M_S = (1.25, 0.07)
"""Mean and spread between people: 4.5 km/h, nearly all between 4 and 5."""

PROGRESS_M_S = 0.95
"""Metres of way per second of an outing, stops included."""


@dataclass(frozen=True)
class Beat:
    """Where the people of one cell walk: the crossings inside it, and the shortest ways to home and to each target."""

    home: int
    targets: list[int]
    inside: frozenset[int]
    signposts: dict[int, list[Step | None]]


@dataclass(frozen=True)
class Walk:
    """Where somebody was: `metres` walked at `seconds` (both ascending), and the line that was walked."""

    seconds: Floats
    metres: Floats
    line: Floats

    def at(self, seconds: Floats) -> Floats:
        """Return the places (n, 2) at n moments."""
        pieces = np.hypot(*np.diff(self.line, axis=0).T)
        along = np.concatenate(([0.0], np.cumsum(pieces)))
        metres = np.interp(seconds, self.seconds, self.metres)
        return np.column_stack([np.interp(metres, along, axis) for axis in self.line.T])

    def is_still(self, seconds: Floats) -> NDArray[np.bool_]:
        """Tell for n moments whether the person has stood in one place for the last twenty seconds."""
        now, before = (np.interp(moment, self.seconds, self.metres) for moment in (seconds, seconds - 20))
        return np.asarray(now == before)


def beats(net: Network, cells: NDArray[np.object_], grounds: NDArray[np.object_], checkpoints: Floats) -> list[Beat]:
    """Return one beat per cell, in the order of the cells.

    `cells` and `grounds` (the patrollable part of each) are shapes in metres, `checkpoints` points (n, 2).
    Where a cell has no checkpoint, its people start from the middle of its ground.
    """
    seats = shapely.get_coordinates(shapely.point_on_surface(grounds))
    return [_beat(net, cell, seat, checkpoints) for cell, seat in zip(cells, seats, strict=True)]


def _beat(net: Network, cell: shapely.Geometry, seat: Floats, checkpoints: Floats) -> Beat:
    own = checkpoints[shapely.intersects_xy(cell, checkpoints)] if len(checkpoints) else checkpoints
    home, *others = net.nearest(own if len(own) else seat[None, :]).tolist()
    inside = np.flatnonzero(shapely.intersects_xy(cell, net.crossings)).tolist()
    signposts = {target: net.towards(target) for target in (home, *others)}
    targets = [home, *(target for target in others if signposts[target][home] is not None)]
    return Beat(home, targets, frozenset(inside), signposts)


def walk(net: Network, beat: Beat, lasts_s: float, routine: float, chance: np.random.Generator) -> Walk:
    """Return a walk of about `lasts_s` seconds from the beat's home: to its targets, through its lanes, and home.

    `routine` is the share of legs that lead straight to a target; on the others the lanes are explored.
    It ends at the latest when it has lasted 1.3 times as long: then a car takes people home.
    """
    length_m = lasts_s * PROGRESS_M_S
    legs: list[tuple[list[Step], float]] = []
    trodden: Counter[int] = Counter()
    here, walked = beat.home, 0.0
    while walked < length_m:
        if chance.random() < routine:
            steps = _follow(beat, here, beat.targets[int(chance.random() * len(beat.targets))])
            rest_s = _rest(chance)
        else:
            steps, rest_s = _wander(net, beat, here, trodden, chance), 0.0
        trodden.update(step.way for step in steps)
        here = steps[-1].end if steps else here
        walked += sum(step.length_m for step in steps) + 1.0
        legs.append((steps, rest_s))
    legs.append((_follow(beat, here, beat.home), 60.0))
    return _until(1.3 * lasts_s, _timed(net.crossings[beat.home], legs, chance))


def _follow(beat: Beat, here: int, target: int) -> list[Step]:
    steps = []
    while (step := beat.signposts[target][here]) is not None:
        steps.append(step)
        here = step.end
    return steps


def _wander(net: Network, beat: Beat, here: int, trodden: Counter[int], chance: np.random.Generator) -> list[Step]:
    """Walk some hundred metres without a goal, rather on new ways than on old, rather inside the own cell."""
    steps: list[Step] = []
    left_m = 300 + 900 * chance.random()
    while left_m > 0:
        weights = [
            (1.0 if step.end in beat.inside else 0.05) / (1 + 4 * trodden[step.way]) / step.length_m**0.5
            for step in net.steps[here]
        ]
        sums = list(accumulate(weights))
        step = net.steps[here][min(bisect(sums, chance.random() * sums[-1]), len(sums) - 1)]
        trodden[step.way] += 1
        left_m -= step.length_m
        steps.append(step)
        here = step.end
    return steps


def _rest(chance: np.random.Generator) -> float:
    """Seconds spent at a target: mostly some minutes, sometimes a talk of ten to sixteen, sometimes none."""
    kind, share = chance.random(2)
    if kind < 0.25:
        return 0.0
    return float(600 + 360 * share) if kind > 0.88 else float(60 + 240 * share)


def _timed(start: Floats, legs: list[tuple[list[Step], float]], chance: np.random.Generator) -> Walk:
    pace = max(1.05, min(1.42, chance.normal(*SPEED_M_S)))
    seconds, metres, line = [0.0], [0.0], [start[None, :]]
    for steps, rest_s in legs:
        length = sum(step.length_m for step in steps)
        if length:
            metres.append(metres[-1] + length)
            seconds.append(seconds[-1] + length / (pace * (0.95 + 0.1 * chance.random())))
            line += [step.points[1:] for step in steps]
        if rest_s:
            metres.append(metres[-1])
            seconds.append(seconds[-1] + rest_s)
    return Walk(np.array(seconds), np.array(metres), np.concatenate(line))


def _until(end_s: float, walked: Walk) -> Walk:
    if walked.seconds[-1] <= end_s:
        return walked
    before = walked.seconds < end_s
    metres = np.append(walked.metres[before], np.interp(end_s, walked.seconds, walked.metres))
    return Walk(np.append(walked.seconds[before], end_s), metres, walked.line)
