"""The figures of a coverage report, from frames. Pure: no database, no web. The definitions are `definitions.py`'s."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from gisgrid.coverage.ground import Ground
from gisgrid.coverage.reach import reached, strokes
from gisgrid.patrols.visits import find_visits
from gisgrid.settings import Settings

COUNTS = ["check_ins", "patrollers", "patrols"]
EVENT_ORDER = ["patroller_id", "fix_at", "longitude", "latitude", "accuracy_m"]
"""Whatever order the fixes arrived in: two that agree in all of this are interchangeable."""


class Span(NamedTuple):
    """The fixes of the days on which one grid was in force, and its ground at the level that is measured."""

    ground: Ground
    fixes: pd.DataFrame


class Figures(NamedTuple):
    """`cells`: a row a cell, by code; `outside`: what lies in none; `excluded`: fixes left out of areas, by reason.

    Areas and ratios are NaN where there is nothing to measure or to divide by.
    """

    cells: pd.DataFrame
    outside: dict[str, int]
    excluded: dict[str, int]


def measure(spans: Sequence[Span], level: str, settings: Settings) -> Figures:
    """Measure one level over a period, given as spans in the order of time; areas are those of the last ground.

    Fixes are frames as in `patrols`. A cell of an earlier ground that is gone keeps its counts and has no area.
    """
    spans = [Span(ground, fixes.sort_values(EVENT_ORDER, ignore_index=True)) for ground, fixes in spans]
    fixes = pd.concat([span.fixes for span in spans], ignore_index=True)
    code = f"{level}_code"
    counted = _counts(fixes, code)
    cells = _all_cells(spans, counted.index.dropna(), level)
    cells = cells.join(counted).join(_stays(spans, code, settings.visit_gap_s))
    whole = [*COUNTS, "visits"]
    cells[whole] = cells[whole].fillna(0).astype("int64")
    cells["dwell_s"] = cells["dwell_s"].fillna(0.0)
    is_coarse = fixes["accuracy_m"] > settings.reach_m
    areas = _areas(fixes[~is_coarse], spans[-1].ground, settings)
    outside = counted.loc[counted.index.isna()]
    return Figures(
        cells.join(areas).reset_index(),
        {name: int(outside[name].sum()) for name in COUNTS},
        {"coarse": int(is_coarse.sum())},
    )


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
    earlier = [span.ground.cells.assign(area_m2=np.nan, patrollable_area_m2=np.nan) for span in spans[-2::-1]]
    cells = pd.concat([spans[-1].ground.cells, *earlier]).drop_duplicates("code").set_index("code")
    strange = found.difference(cells.index)
    named = pd.DataFrame({"name": strange, "level": level, "parent_code": None}, index=strange)
    return pd.concat([cells, named]).rename_axis("code").sort_index()


def _stays(spans: Sequence[Span], code: str, gap_s: float) -> pd.DataFrame:
    """Count the visits and add up their seconds, by cell. A change of the grid ends a visit."""
    visits = pd.concat([_visits(span, code, gap_s) for span in spans])
    by_cell = visits.groupby("code")["dwell_us"]
    return pd.DataFrame({"visits": by_cell.size(), "dwell_s": (by_cell.sum() / 1e6).round(1)})


def _visits(span: Span, code: str, gap_s: float) -> pd.DataFrame:
    ground, fixes = span
    visits = find_visits(fixes, ground.numbers(fixes[code].to_numpy(dtype=object)), ground, gap_s)
    lasted = (visits["ended_at"] - visits["started_at"]).dt.as_unit("us").astype("int64")
    return pd.DataFrame({"code": ground.cells["code"].to_numpy()[visits["cell"]], "dwell_us": lasted})


def _areas(fixes: pd.DataFrame, ground: Ground, settings: Settings) -> pd.DataFrame:
    """Measure what the fixes reach of each cell's patrollable ground, wherever the fixes lie."""
    ratio, low, high = reached(ground.fine, ground.coarse, strokes(fixes, settings), settings.reach_m)
    return pd.DataFrame(
        {
            "covered_area_m2": np.nan_to_num(ratio) * ground.cells["patrollable_area_m2"].to_numpy(),
            "coverage_ratio": ratio,
            "coverage_low": low,
            "coverage_high": high,
        },
        index=pd.Index(ground.cells["code"]),
    )
