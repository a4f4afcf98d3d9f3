"""The figures of a coverage report, from days. Pure: no database, no web. The definitions are `definitions.py`'s."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gisgrid.coverage.days.idle import Idle, idle
from gisgrid.coverage.days.reduce import CODES, NOBODY, NOWHERE, REASONS, Day
from gisgrid.coverage.ground.levels import Ground, LevelGround
from gisgrid.coverage.ground.reach import Reached, ratios, reached_in_all
from gisgrid.coverage.ground.strips import Integers
from gisgrid.grid.tables import LEVELS

COUNTS: Final = ["check_ins", "patrollers", "patrols"]
WHOLE: Final = [*COUNTS, "visits", "certain_visits"]
BAND_S: Final = (600, 960)
"""Visits as long as this deter longest: 10 to 16 minutes (Koper 1995)."""


class Figures(NamedTuple):
    """`cells`: a row a cell, by code; `outside`: what lies in none; `excluded`: fixes left out of areas, by reason.

    Areas and ratios are NaN where there is nothing to measure or to divide by; people and outings are <NA>, or None,
    where they are not known any more. `late_us`: when those arrived that came after their day, in µs since 1970.
    """

    cells: pd.DataFrame
    outside: dict[str, int | None]
    excluded: dict[str, int]
    late_us: Integers


def measure(days: Sequence[Day], grounds: Sequence[Ground], start_us: int, end_us: int) -> dict[str, Figures]:
    """Measure each level over days in the order of time, on their grounds; areas are those of the last ground.

    A cell of an earlier ground that is gone keeps its counts and has no area. Idleness is that from `start_us` to
    `end_us`: days on which nothing was sent need not be among the days.
    """
    ground = grounds[-1]
    presence = pd.concat([day.presence for day in days], ignore_index=True)
    visits = pd.concat([day.visits for day in days], ignore_index=True)
    seen = np.unique(np.concatenate([day.squares for day in days]))
    reach = reached_in_all(ground.fine, ground.coarse, [(day.fine, day.coarse, day.reached) for day in days])
    excluded = dict(zip(REASONS, np.sum([day.left_out for day in days], axis=0).tolist(), strict=True))
    late_us = np.sort(np.concatenate([day.late_us for day in days]))
    found = {}
    for level, code in zip(LEVELS, CODES, strict=True):
        counts = _counts(presence, code)
        stays = _stays(visits[visits["level"] == level], start_us, end_us)
        cells = _all_cells(grounds, counts.index.drop(NOWHERE, errors="ignore"), level).join([counts, stays])
        cells[WHOLE] = cells[WHOLE].fillna(0).astype("int64")
        cells["dwell_s"] = cells["dwell_s"].fillna(0.0)
        areas = _areas(reach, ground.levels[level]).join(_squares(ground, level, seen))
        cells = cells.join(areas)
        cells["effort_m2"] = cells["effort_m2"].fillna(0.0).where(cells["patrollable_area_m2"] > 0)
        cells["redundancy"] = cells["effort_m2"] / cells["covered_area_m2"].where(cells["covered_area_m2"] > 0)
        outside = counts.reindex([NOWHERE], fill_value=0)
        told: dict[str, int | None] = {name: int(outside[name].sum()) for name in COUNTS}
        found[level] = Figures(cells.reset_index(), told, excluded, late_us)
    return found


def _counts(presence: pd.DataFrame, code: str) -> pd.DataFrame:
    """Count check-ins, people and outings by cell; distinct within each cell. The row of NOWHERE is outside."""
    by_cell = presence.groupby(code)
    counts = pd.DataFrame({"patrollers": by_cell["patroller_id"].nunique(), "check_ins": by_cell["check_ins"].sum()})
    named = presence[presence["patrol_id"] != NOBODY]
    return counts.assign(patrols=named.groupby(code)["patrol_id"].nunique().reindex(counts.index, fill_value=0))


def _all_cells(grounds: Sequence[Ground], found: pd.Index, level: str) -> pd.DataFrame:
    """Return the cells of the last ground and, without areas, those of earlier ones that it no longer has, by code.

    Codes `found` on fixes that no ground has (a grid loaded later for days gone by) are cells without a name.
    """
    latest, *earlier = [ground.levels[level].cells for ground in reversed(grounds)]
    without_areas = [cells.assign(area_m2=np.nan, patrollable_area_m2=np.nan) for cells in earlier]
    cells = pd.concat([latest, *without_areas]).drop_duplicates("code").set_index("code")
    strange = found.difference(cells.index)
    named = pd.DataFrame({"name": strange, "level": level, "parent_code": None}, index=strange)
    return pd.concat([cells, named]).rename_axis("code").sort_index()


def _stays(visits: pd.DataFrame, start_us: int, end_us: int) -> pd.DataFrame:
    """Return what the visits of each cell come to: how many, how long, what ground, and what waits between them."""
    lasted = visits["end_us"] - visits["start_us"]
    is_in_band = lasted.between(BAND_S[0] * 1_000_000, BAND_S[1] * 1_000_000)
    by_cell = visits.assign(lasted=lasted, in_band=is_in_band).groupby("code")
    waits = {code: idle(its["start_us"], its["end_us"], start_us, end_us) for code, its in by_cell}
    sums = by_cell[["lasted", "in_band", "is_certain", "effort_m2"]].sum()
    stays = pd.DataFrame(
        {
            "visits": by_cell.size(),
            "certain_visits": sums["is_certain"],
            "dwell_s": (sums["lasted"] / 1e6).round(1),
            "effort_m2": sums["effort_m2"].round(1),
            "share_in_band": sums["in_band"] / by_cell.size(),
            "seen_last_at": pd.to_datetime(by_cell["end_us"].max(), unit="us", utc=True),
        }
    )
    return stays.join(pd.DataFrame.from_dict(waits, orient="index", columns=list(Idle._fields), dtype="float64"))


def _areas(reach: Reached, ground: LevelGround) -> pd.DataFrame:
    """Measure what is reached of each cell's patrollable ground, wherever the fixes lie."""
    ratio, low, high = ratios(reach, ground.fine, ground.coarse)
    return pd.DataFrame(
        {
            "covered_area_m2": np.nan_to_num(ratio) * ground.cells["patrollable_area_m2"].to_numpy(),
            "coverage_ratio": ratio,
            "coverage_low": low,
            "coverage_high": high,
        },
        index=pd.Index(ground.cells["code"]),
    )


def _squares(ground: Ground, level: str, seen: Integers) -> pd.DataFrame:
    """Count the patrollable squares of each cell of the ground, and those that were seen."""
    codes = pd.Index(ground.levels[level].cells["code"])
    every, those_seen = (pd.Series(each, dtype="Int64") for each in ground.squares.count(level, seen))
    counts = pd.DataFrame({"patrollable_squares": every, "seen_squares": those_seen}).reindex(codes).fillna(0)
    ratio = counts["seen_squares"] / counts["patrollable_squares"].where(counts["patrollable_squares"] > 0)
    return counts.assign(square_ratio=ratio.astype("float64"))
