"""All figures of all cells of one level, one row a cell."""

import math
from itertools import pairwise

import pandas as pd

from tests.coverage.brute.areas import covered_areas, effort, squares
from tests.coverage.brute.shares import demand_match, evenness, idleness, ratio, share_in_band
from tests.coverage.brute.visits import visits_of
from tests.coverage.brute.world import LEVELS, World

COUNTED = ("check_ins", "patrollers", "patrols")


def figures(world: World, level: str) -> pd.DataFrame:
    """Return the figures of a level's cells by code; NaN is n/a. `share_most` and `share_least` enclose the share in
    band if all visits were a second longer or shorter: a crossing time is not known better.
    """
    visits = visits_of(world, level)
    reached, squared, worked = covered_areas(world, level), squares(world, level), effort(visits, world, level)
    start, end = world.period[0], min(world.period[1], world.now)
    rows = {}
    for code, ground in world.ground(level).items():
        own = [visit for visit in visits if visit.code == code]
        (covered, low, high), (seen, patrollable) = reached[code], squared[code]
        idle, worst = idleness(own, start, end)
        rows[code] = {
            **counts(world, level, code),
            "visits": len(own),
            "certain_visits": sum(visit.is_certain for visit in own),
            "dwell_s": sum(visit.dwell_s for visit in own),
            "covered_area_m2": covered,
            "patrollable_area_m2": ground.area,
            "coverage_ratio": ratio(covered, ground.area),
            "coverage_low": ratio(low, ground.area),
            "coverage_high": ratio(high, ground.area),
            "effort_m2": worked[code],
            "redundancy": ratio(worked[code], covered),
            "seen_squares": seen,
            "patrollable_squares": patrollable,
            "square_ratio": ratio(seen, patrollable),
            "idleness_s": idle,
            "worst_idle_s": worst,
            "share_in_band": share_in_band(own),
            "share_least": share_in_band(own, -1.0),
            "share_most": share_in_band(own, +1.0),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code").sort_index()


def counts(world: World, level: str, code: str | None) -> dict[str, int]:
    """Count fixes, people and outings in a cell; None is outside all."""
    fixes = world.placed()
    held = fixes[f"{level}_code"].isna() if code is None else fixes[f"{level}_code"] == code
    here = fixes[held]
    outings = {patrol for patrol in here["patrol_id"] if not pd.isna(patrol)}
    return dict(zip(COUNTED, (len(here), len(set(here["patroller_id"])), len(outings)), strict=True))


def all_figures(world: World) -> dict[str, pd.DataFrame]:
    """Return the figures of all levels, with evenness and demand match, which the cells just below decide."""
    found = {level: figures(world, level) for level in LEVELS}
    nothing = pd.DataFrame({"evenness": math.nan, "demand_match": math.nan}, index=found[LEVELS[-1]].index)
    shares = {
        LEVELS[-1]: nothing,
        **{level: of_children(world, level, found[below]) for level, below in pairwise(LEVELS)},
    }
    return {level: cells.join(shares[level]) for level, cells in found.items()}


def of_children(world: World, level: str, below: pd.DataFrame) -> pd.DataFrame:
    """Return evenness and demand match of a level's cells by code, from the figures of the level below."""
    parents = pd.concat([world.cells[each].set_index("code")["parent_code"] for each in LEVELS])
    found = below.join(parents)
    rows = {}
    for code in world.cells[level]["code"]:
        children = found[found["parent_code"] == code]
        there = children[children["patrollable_area_m2"] > 0]
        rows[code] = {
            "evenness": evenness((there["dwell_s"] / there["patrollable_area_m2"]).tolist()),
            "demand_match": demand_match(
                children["dwell_s"].tolist(), [world.incidents.get(child, 0) for child in children.index]
            ),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
