"""Areas as unions of buffers, and squares of 100 m counted one by one."""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from tests.coverage.brute.visits import Visit
from tests.coverage.brute.world import Rules, World, accuracy_of, counts_for_areas

SEGMENTS = 64
"""Of a quarter circle: a disc of 50 m is short of 0.8 m² of its 7,854."""
SQUARE_M = 100


def covered_areas(world: World, level: str) -> dict[str, tuple[float, float, float]]:
    """Return of each cell the square metres reached: as measured, with the reach less and plus the accuracy."""
    tracks = list(_tracks(world.placed().to_dict("records"), world.rules))
    reached = [_union(tracks, world.rules, sign) for sign in (0, -1, +1)]
    return {code: tuple((ground & union).area for union in reached) for code, ground in world.ground(level).items()}


def effort(visits: Iterable[Visit], world: World, level: str) -> dict[str, float]:
    """Return of each cell the sum over its visits of what each reached by itself."""
    ground = world.ground(level)
    found = dict.fromkeys(ground, 0.0)
    for visit in visits:
        own = _union(list(_tracks(visit.fixes, world.rules)), world.rules, 0)
        found[visit.code] += (ground[visit.code] & own).area
    return found


def _tracks(fixes: list[dict], rules: Rules) -> Iterator[list[dict]]:
    """Yield the fixes that count for areas, by person, day and outing, each in event order."""
    kept = [fix for fix in fixes if counts_for_areas(fix, rules)]

    def outing(fix: dict) -> tuple[int, int, int]:
        return fix["patroller_id"], fix["day"], -1 if pd.isna(fix["patrol_id"]) else int(fix["patrol_id"])

    for _, track in groupby(sorted(kept, key=outing), key=outing):
        yield list(track)


def _union(tracks: list[list[dict]], rules: Rules, sign: int) -> BaseGeometry:
    """Return discs and bands together, of the reach and `sign` times the accuracy (a band's: the coarser end's)."""
    drawn = []
    for track in tracks:
        drawn += [_wide(shapely.Point(fix["x"], fix["y"]), rules.reach_m + sign * accuracy_of(fix)) for fix in track]
        for a, b in pairwise(track):
            line = shapely.LineString([(a["x"], a["y"]), (b["x"], b["y"])])
            if (b["fix_at"] - a["fix_at"]).total_seconds() <= rules.band_gap_s and line.length <= rules.band_length_m:
                drawn.append(_wide(line, rules.reach_m + sign * max(accuracy_of(a), accuracy_of(b))))
    return shapely.union_all(drawn)


def _wide(shape: BaseGeometry, radius: float) -> BaseGeometry:
    return shape.buffer(radius, SEGMENTS) if radius > 0 else shapely.Polygon()


def squares(world: World, level: str) -> dict[str, tuple[int, int]]:
    """Return of each cell how many of its patrollable squares were seen, and how many it has."""
    seen = {
        (math.floor(fix["x"] / SQUARE_M), math.floor(fix["y"] / SQUARE_M))
        for fix in world.placed().to_dict("records")
        if counts_for_areas(fix, world.rules)
    }
    shapes = dict(sorted(world.whole(level).items()))
    shapely.prepare([*shapes.values(), *([] if world.mask is None else [world.mask])])
    own: dict[str, set[tuple[int, int]]] = {code: set() for code in shapes}
    west, south, east, north = shapely.union_all(list(shapes.values())).bounds
    for column in range(math.floor(west / SQUARE_M), math.ceil(east / SQUARE_M)):
        for row in range(math.floor(south / SQUARE_M), math.ceil(north / SQUARE_M)):
            centre = shapely.Point((column + 0.5) * SQUARE_M, (row + 0.5) * SQUARE_M)
            holder = next((code for code, shape in shapes.items() if shape.covers(centre)), None)
            if holder is not None and (world.mask is None or world.mask.covers(centre)):
                own[holder].add((column, row))
    return {code: (len(mine & seen), len(mine)) for code, mine in own.items()}
