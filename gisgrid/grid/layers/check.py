"""Everything that is wrong with a set of cells, at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas
import numpy as np

from gisgrid.grid.layers.codes import NOTHING_KNOWN, Background, code_faults, count_faults
from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.nest import nest_faults
from gisgrid.grid.layers.parents import identified
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.rings import ring_faults


@dataclass(frozen=True)
class Rules:
    """What a set must fulfil: cells by level, the widest gap or overlap let pass (a note), the form of codes."""

    counts: Mapping[str, int]
    tolerance_m: float
    metric_crs: str
    any_code: bool = False


def check_cells(cells: geopandas.GeoDataFrame, rules: Rules, background: Background = NOTHING_KNOWN) -> list[Fault]:
    """Return all faults and notes of a set: counts, codes, rings, nesting.

    `cells` as everywhere (level, code, name, parent_code, geometry; EPSG:4326), all levels in one frame; columns `file`
    and `row` say where each comes from, if it is known, and `identifier` and `parent_identifier` what to call
    them while codes are missing.
    """
    parents = cells["parent_code"]
    told = cells.assign(
        parent_code=parents.astype(object).where(parents.notna(), ""),
        file=cells.get("file", ""),
        row=cells.get("row", np.arange(1, len(cells) + 1)),
    ).reset_index(drop=True)
    limits = Limits(rules.tolerance_m, rules.metric_crs)
    return [
        *count_faults(told, rules.counts, background),
        *code_faults(told, any_code=rules.any_code, background=background),
        *ring_faults(told, limits),
        *nest_faults(identified(told), limits),
    ]
