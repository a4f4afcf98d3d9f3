"""How evenly time was spread over the parts of a cell, and how well it matched where incidents were. Pure."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from gisgrid.geometry import Floats
from gisgrid.grid.tables import LEVELS

NAMES = ("evenness", "demand_match")


def gini(values: Floats) -> float:
    """Return the Gini coefficient of n shares, none negative, times n ⁄ (n − 1): 0 is even, 1 all in one place.

    NaN for fewer than two, for nothing to share, and where one is unknown.
    """
    n, total = len(values), float(np.sum(values))
    if n < 2 or not total > 0:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float(np.sum((2 * ranks - n - 1) * np.sort(values)) / (n * total) * n / (n - 1))


def match(effort: Floats, demand: Floats) -> float:
    """Return 1 − ½ Σ|eᵢ − qᵢ| of the shares of effort and demand: 1 is alike, 0 nowhere the same.

    NaN where there is none of either, or one is unknown.
    """
    spent, asked = float(np.sum(effort)), float(np.sum(demand))
    if not (spent > 0 and asked > 0):
        return float("nan")
    return float(1 - np.sum(np.abs(effort / spent - demand / asked)) / 2)


def spread_over(children: pd.DataFrame) -> pd.DataFrame:
    """Return evenness and demand_match of the cells above some cells, by code.

    Columns: parent_code, dwell_s, patrollable_area_m2, reported. Where nothing is to be patrolled, nothing is shared:
    such a cell is left out of the evenness.
    """
    rows = {parent: _spread(its) for parent, its in children.groupby("parent_code")}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(NAMES), dtype=float).rename_axis("code")


def spread(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return evenness and demand_match of communities over their substations, and of the street over its communities.

    `frames`: the figures of the cells of each level, see `spread_over`. Substations have no parts.
    """
    return {above: spread_over(frames[below]) for above, below in pairwise(LEVELS)}


def _spread(children: pd.DataFrame) -> tuple[float, float]:
    dwell, area, reported = (
        children[name].to_numpy(dtype=float, na_value=np.nan) for name in ("dwell_s", "patrollable_area_m2", "reported")
    )
    is_ground = ~(area <= 0)
    return gini(dwell[is_ground] / area[is_ground]), match(dwell, reported)
