"""Visits, by walking through each person's day fix by fix."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import NormalDist

import shapely
from shapely.geometry.base import BaseGeometry

from tests.coverage.brute.world import World, accuracy_of

NORMAL = NormalDist()


@dataclass
class Visit:
    """A person's unbroken stay in a cell: its own fixes, and from when to when."""

    code: str
    patroller_id: int
    fixes: list[dict]
    started_at: datetime
    ended_at: datetime
    is_certain: bool = False

    @property
    def dwell_s(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.started_at).total_seconds()


def visits_of(world: World, level: str) -> list[Visit]:
    """Return all visits at a level; each day and person is looked at alone."""
    shapes = world.whole(level)
    outside = shapely.union_all(list(shapes.values()))
    found = []
    for (patroller, _), day in world.placed().groupby(["patroller_id", "day"]):
        track = day.to_dict("records")
        beats = [moment for whose, moment in world.beats if whose == patroller]
        found += _of_a_day(track, f"{level}_code", beats, shapes, outside, world.rules.visit_gap_s)
    return found


def _of_a_day(
    track: list[dict],
    level: str,
    beats: list[datetime],
    shapes: dict[str, BaseGeometry],
    outside: BaseGeometry,
    gap: float,
) -> list[Visit]:
    """Follow one person through one day."""
    code_of = [_known(fix[level]) for fix in track]
    certain = [is_certain(fix, shapes.get(code, outside)) for fix, code in zip(track, code_of, strict=True)]
    stays: list[tuple[str | None, list[int]]] = []  # where, and the numbers of the fixes there
    doubted: int | None = None  # a fix elsewhere that may be a mistake, if it was the last one
    for number, code in enumerate(code_of):
        if number == 0 or is_silent(track[number - 1]["fix_at"], track[number]["fix_at"], beats, gap):
            stays.append((code, [number]))
            doubted = None
        elif code == stays[-1][0]:
            stays[-1][1].append(number)
            doubted = None
        elif doubted is not None and code_of[doubted] == code:
            stays.append((code, [doubted, number]))
            doubted = None
        elif certain[number]:
            stays.append((code, [number]))
            doubted = None
        else:
            doubted = number
    found = []
    for code, numbers in stays:
        if code is not None:
            started_at = _edge(track, numbers[0], -1, shapes[code], gap)
            ended_at = _edge(track, numbers[-1], +1, shapes[code], gap)
            own = [track[number] for number in numbers]
            found.append(
                Visit(code, own[0]["patroller_id"], own, started_at, ended_at, any(certain[n] for n in numbers))
            )
    return found


def _known(code: object) -> str | None:
    return code if isinstance(code, str) else None


def is_certain(fix: dict, cell: BaseGeometry) -> bool:
    """Tell whether p = Φ(b / (a / 1.51)) > 0.95, b being the distance to the cell's edge, a the accuracy."""
    b, a = cell.boundary.distance(shapely.Point(fix["x"], fix["y"])), accuracy_of(fix)
    return b > 0 if a == 0 else NORMAL.cdf(b / (a / 1.51)) > 0.95


def is_silent(before: datetime, after: datetime, beats: list[datetime], gap: float) -> bool:
    """Tell whether more than `gap` seconds pass somewhere between two fixes without a sign of life."""
    signs = sorted([before, *(beat for beat in beats if before < beat < after), after])
    return any((b - a).total_seconds() > gap for a, b in pairwise(signs))


def _edge(track: list[dict], inside: int, step: int, cell: BaseGeometry, gap: float) -> datetime:
    """Return when the border was crossed between a fix of the visit and its neighbour, if that is near in time."""
    other = inside + step
    if not 0 <= other < len(track):
        return track[inside]["fix_at"]
    lasted = (track[other]["fix_at"] - track[inside]["fix_at"]).total_seconds()
    if abs(lasted) > gap:
        return track[inside]["fix_at"]
    return track[inside]["fix_at"] + timedelta(seconds=lasted * _part_inside(track[inside], track[other], cell))


def _part_inside(a: dict, b: dict, cell: BaseGeometry) -> float:
    """Return which part of the straight line from a, inside the cell, to b is walked until the cell is left."""
    line = shapely.LineString([(a["x"], a["y"]), (b["x"], b["y"])])
    if line.length == 0:
        return 0.0
    begin = shapely.Point(a["x"], a["y"])
    pieces = [piece for piece in shapely.get_parts(line & cell) if piece.distance(begin) < 1e-6]
    return max((piece.length / line.length for piece in pieces), default=0.0)
