"""The figures of a coverage report, from frames. Pure: no database, no web. The definitions are `definitions.py`'s."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.coverage.ground import Ground, LevelGround
from gisgrid.coverage.reach import Reached, ratios, reached, strokes
from gisgrid.grid.tables import LEVELS
from gisgrid.patrols.judge import NOT_REACHED, names_of
from gisgrid.patrols.visits import NO_BEATS, Beats, find_visits
from gisgrid.settings import Settings

REASONS = ("coarse", *names_of(NOT_REACHED))
"""Why fixes are left out of areas; they count everywhere else."""
COUNTS = ["check_ins", "patrollers", "patrols"]
WHOLE = [*COUNTS, "visits"]
EVENT_ORDER = ["patroller_id", "fix_at", "longitude", "latitude", "accuracy_m"]
"""Whatever order the fixes arrived in: two that agree in all of this are interchangeable."""


class Span(NamedTuple):
    """The fixes of the days on which one grid was in force, and its ground."""

    ground: Ground
    fixes: pd.DataFrame


class Figures(NamedTuple):
    """`cells`: a row a cell, by code; `outside`: what lies in none; `excluded`: fixes left out of areas, by reason.

    Areas and ratios are NaN where there is nothing to measure or to divide by; people and outings are <NA>, or None,
    where they are not known any more.
    """

    cells: pd.DataFrame
    outside: dict[str, int | None]
    excluded: dict[str, int]


def measure(spans: Sequence[Span], settings: Settings, beats: Beats = NO_BEATS) -> dict[str, Figures]:
    """Measure each level over a period, given as spans in the order of time; areas are those of the last ground.

    Fixes are frames as in `patrols`, `beats` the heartbeats that bridge their silences. A cell of an earlier ground
    that is gone keeps its counts and has no area.
    """
    spans = [Span(ground, fixes.sort_values(EVENT_ORDER, ignore_index=True)) for ground, fixes in spans]
    fixes = pd.concat([span.fixes for span in spans], ignore_index=True)
    reason = _reason(fixes, settings.reach_m)
    ground = spans[-1].ground
    reach = reached(ground.fine, ground.coarse, strokes(fixes[reason == ""], settings), settings.reach_m)
    excluded = {name: int((reason == name).sum()) for name in REASONS}
    found = {}
    for level in LEVELS:
        counts = _counts(fixes, f"{level}_code")
        stays = _stays(spans, level, settings.visit_gap_s, beats)
        cells = _all_cells(spans, counts.index.dropna(), level).join([counts, stays])
        cells[WHOLE] = cells[WHOLE].fillna(0).astype("int64")
        cells["dwell_s"] = cells["dwell_s"].fillna(0.0)
        outside = counts.loc[counts.index.isna()].sum()
        figures = cells.join(_areas(reach, ground.levels[level])).reset_index()
        found[level] = Figures(figures, {name: int(outside[name]) for name in COUNTS}, excluded)
    return found


def _reason(fixes: pd.DataFrame, reach_m: float) -> NDArray[np.object_]:
    """Return why each fix is left out of areas, the first of REASONS that holds; "" for none."""
    flags = fixes["flags"].to_numpy(dtype=np.int64)
    holds = [(fixes["accuracy_m"] > reach_m).to_numpy(), *(flags & int(flag) != 0 for flag in NOT_REACHED)]
    return np.select(holds, list(map(np.array, REASONS)), default="").astype(object)


def _counts(fixes: pd.DataFrame, code: str) -> pd.DataFrame:
    """Count check-ins, people and outings by cell; distinct within each cell. The row without a code is outside."""
    by_cell = fixes.groupby(code, dropna=False)
    counts = by_cell[["patroller_id", "patrol_id"]].nunique()
    counts.columns = pd.Index(["patrollers", "patrols"])
    return counts.assign(check_ins=by_cell.size())


def _all_cells(spans: Sequence[Span], found: pd.Index, level: str) -> pd.DataFrame:
    """Return the cells of the last ground and, without areas, those of earlier ones that it no longer has, by code.

    Codes `found` on fixes that no ground has (a grid loaded later for days gone by) are cells without a name.
    """
    latest, *earlier = [span.ground.levels[level].cells for span in reversed(spans)]
    without_areas = [cells.assign(area_m2=np.nan, patrollable_area_m2=np.nan) for cells in earlier]
    cells = pd.concat([latest, *without_areas]).drop_duplicates("code").set_index("code")
    strange = found.difference(cells.index)
    named = pd.DataFrame({"name": strange, "level": level, "parent_code": None}, index=strange)
    return pd.concat([cells, named]).rename_axis("code").sort_index()


def _stays(spans: Sequence[Span], level: str, gap_s: float, beats: Beats) -> pd.DataFrame:
    """Count the visits and add up their seconds, by cell. A change of the grid ends a visit."""
    visits = pd.concat(
        [_visits(span.ground.levels[level], span.fixes, f"{level}_code", gap_s, beats) for span in spans]
    )
    by_cell = visits.groupby("code")["dwell_us"]
    return pd.DataFrame({"visits": by_cell.size(), "dwell_s": (by_cell.sum() / 1e6).round(1)})


def _visits(ground: LevelGround, fixes: pd.DataFrame, code: str, gap_s: float, beats: Beats) -> pd.DataFrame:
    visits = find_visits(fixes, ground.numbers(fixes[code].to_numpy(dtype=object)), ground, gap_s, beats)
    lasted = (visits["ended_at"] - visits["started_at"]).dt.as_unit("us").astype("int64")
    return pd.DataFrame({"code": ground.cells["code"].to_numpy()[visits["cell"]], "dwell_us": lasted})


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
