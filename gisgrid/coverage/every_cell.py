"""The figures of every cell in a period, as they are told: made once, until something that they follow from changes."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.days.find import Progress, silent
from gisgrid.coverage.figures import KEPT_FIGURES, Basis, Measured, measured
from gisgrid.coverage.group import Group
from gisgrid.coverage.quarantine import Quarantined, quarantined_in
from gisgrid.coverage.schemas import CellFigures
from gisgrid.coverage.work.join import Stamp, stamp, with_work
from gisgrid.parameters import Period
from gisgrid.patrols.kept import Kept
from gisgrid.settings import Settings

DECIMALS: Final = {
    **dict.fromkeys(("dwell_s", "covered_area_m2", "patrollable_area_m2", "area_m2", "effort_m2"), 1),
    **dict.fromkeys(("idleness_s", "worst_idle_s", "response_s", "closing_s"), 1),
    **dict.fromkeys(("redundancy", "square_ratio", "share_in_band", "evenness", "demand_match"), 6),
}


class Made(NamedTuple):
    """What the figures of every cell follow from."""

    settings: Settings
    measured: Basis
    stamp: Stamp
    quarantined: Quarantined


class EveryCell(NamedTuple):
    """What was measured, the figures of the cells of each level by code, and how many fixes are quarantined."""

    found: Measured
    cells: dict[str, list[CellFigures]]
    quarantined: int | None


_kept: Final = Kept[Made, dict[str, list[CellFigures]]](most=KEPT_FIGURES)


def every_cell(
    session: Session,
    settings: Settings,
    period: Period,
    group: Group | None,
    now: datetime,
    *,
    raw: Path | None = None,
    progress: Progress = silent,
) -> EveryCell:
    """Return the figures of every cell at every level; the session sees everything. Raises NoGrid.

    From the files in a folder `raw`, if one is given; what is not in them is n/a.
    """
    found = measured(session, settings, period, group, raw=raw, progress=progress)
    if raw is not None:  # nobody knows when a file changes
        return EveryCell(found, _cells(session, settings, found, period, group, now, None), None)
    quarantined = quarantined_in(session, period, group)
    basis = Made(settings, found.basis, stamp(session, now), quarantined)
    cells = _kept.of(basis, partial(_cells, session, settings, found, period, group, now, quarantined))
    return EveryCell(found, cells, quarantined.total)


def _cells(
    session: Session,
    settings: Settings,
    found: Measured,
    period: Period,
    group: Group | None,
    now: datetime,
    quarantined: Quarantined | None,
) -> dict[str, list[CellFigures]]:
    frames = with_work(session, settings, found, period, group, now)
    return {level: _told(frame.reset_index(), quarantined) for level, frame in frames.items()}


def _told(frame: pd.DataFrame, quarantined: Quarantined | None) -> list[CellFigures]:
    if quarantined is not None:
        frame = frame.assign(quarantined=frame["code"].map(dict(quarantined.by_code)).fillna(0).astype("int64"))
    frame = frame.round({name: places for name, places in DECIMALS.items() if name in frame})
    told = frame.astype(object).where(frame.notna(), None)
    return [CellFigures.model_validate(row) for row in told.to_dict("records")]
