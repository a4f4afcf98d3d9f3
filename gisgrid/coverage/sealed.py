"""Sealed days: their fixes are gone, and what is known of them are the figures that each cell had on each day.

Check-ins, visits and seconds of several days add up, and each day counts for itself: a visit over midnight is two.
People, outings and areas do not add up: they are those of the days that are not sealed. Where all days are sealed
they are unknown, unless only one of them has figures; of people and outings in a cell a day keeps FEW or more.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.measure import COUNTS, Figures
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.sealed import sealed_until
from gisgrid.patrols.tables import CellDay, SealedDay

FEW: Final = 5
OUTSIDE: Final = ""
"""The code of what lies in no cell of its level."""
SUMMED: Final = ["check_ins", "visits", "dwell_s"]
DISTINCT: Final = ["patrollers", "patrols"]
KEPT: Final = [*COUNTS, "visits", "dwell_s", "covered_area_m2"]
GAPS: Final = ["idleness_s", "worst_idle_s"]
"""What nothing is known of once a day among others is sealed."""
LOST: Final = ["certain_visits", "effort_m2", "redundancy", "seen_squares", "square_ratio", "share_in_band"]
"""What is not kept of a sealed day, besides the limits of coverage; that of the other days is told."""
UNKNOWN: Final = {"visits": 0, "dwell_s": 0.0, "covered_area_m2": None, "coverage_ratio": None}
CELL_DAY = table_of(CellDay)


class Sealed(NamedTuple):
    """The sealed days of a period that have figures.

    `whole` lie in it from midnight to midnight, `cut` only in part, so that nothing can be said of that part.
    `is_all`: no day of the period is left that is not sealed. `at`: when the last of them was sealed.
    """

    whole: tuple[date, ...] = ()
    cut: tuple[date, ...] = ()
    is_all: bool = False
    at: datetime | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """All of them."""
        return (*self.whole, *self.cut)

    @property
    def is_one(self) -> bool:
        """Whether the figures of the period are those of one sealed day."""
        return self.is_all and len(self.whole) == 1 and not self.cut


def sealed_in(session: Session, period: Period, zone: ZoneInfo) -> Sealed:
    """Return the sealed days that a period touches."""
    first, last = (moment.astimezone(zone).date() for moment in (period.start, period.last_moment))
    asked = select(SealedDay.day, SealedDay.sealed_at).where(SealedDay.day.between(first, last))
    found = session.execute(asked.order_by(SealedDay.day)).all()
    newest = sealed_until(session)
    if not found or newest is None:
        return Sealed()
    whole = {day for day, _ in found if period.start <= midnight(day, zone) and midnight(day, zone, 1) <= period.end}
    return Sealed(
        tuple(day for day, _ in found if day in whole),
        tuple(day for day, _ in found if day not in whole),
        last <= newest,
        max(sealed_at for _, sealed_at in found),
    )


def midnight(day: date, zone: ZoneInfo, later: int = 0) -> datetime:
    """Return when a local day begins, or the one so many days later."""
    return datetime.combine(day + timedelta(days=later), time(), zone)


def with_sealed(session: Session, found: dict[str, Figures], sealed: Sealed) -> dict[str, Figures]:
    """Return the figures of the days that are not sealed together with those that are kept of the others."""
    if not sealed.days:
        return found
    kept = _kept(session, sealed.whole)
    return {
        level: _together(figures, level, kept[kept["level"] == level].drop(columns="level"), sealed)
        for level, figures in found.items()
    }


def _kept(session: Session, days: Sequence[date]) -> pd.DataFrame:
    columns = [CELL_DAY.c[name] for name in ("level", "code", *KEPT, "coverage_ratio")]
    rows = session.execute(select(*columns).where(CELL_DAY.c.day.in_(days))).all()
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return frame.astype(dict.fromkeys((*KEPT, "coverage_ratio"), "float64"))


def _together(figures: Figures, level: str, kept: pd.DataFrame, sealed: Sealed) -> Figures:
    sums = kept.groupby("code")[SUMMED].sum()
    last = kept.set_index("code") if sealed.is_one else None
    cells = figures.cells.set_index("code")
    strange = sums.index.drop(OUTSIDE, errors="ignore").difference(cells.index)
    cells = cells.reindex(cells.index.union(strange)).rename_axis("code")
    cells = cells.assign(name=cells["name"].fillna(pd.Series(cells.index, cells.index)), level=level)
    cells[SUMMED] = cells[SUMMED].fillna(0) + sums.reindex(cells.index, fill_value=0)
    cells[DISTINCT] = cells[DISTINCT].fillna(0)
    cells[GAPS] = np.nan
    if sealed.is_all:
        cells = cells.assign(**_of_one(cells, last))
    whole = dict.fromkeys((*COUNTS, "visits", "certain_visits"), "Int64")
    excluded = {**figures.excluded, "sealed": 0 if sealed.is_one else int(sums["check_ins"].sum())}
    return Figures(
        cells.astype(whole).reset_index(), _outside(figures.outside, sums, last, sealed), excluded, figures.late_us
    )


def _of_one(cells: pd.DataFrame, last: pd.DataFrame | None) -> dict[str, pd.Series | float]:
    """Return the figures that do not add up: those of the one day that there is, else nothing."""
    names = [*DISTINCT, *LOST, "covered_area_m2", "coverage_ratio"]
    unknown: dict[str, pd.Series | float] = dict.fromkeys([*names, "coverage_low", "coverage_high"], np.nan)
    if last is None:
        return unknown
    found = last.reindex(cells.index, fill_value=0)
    is_ground = cells["patrollable_area_m2"] > 0
    areas = {name: found[name].where(is_ground) for name in ("covered_area_m2", "coverage_ratio")}
    return {**unknown, **{name: found[name] for name in DISTINCT}, **areas}


def _outside(
    outside: dict[str, int | None], sums: pd.DataFrame, last: pd.DataFrame | None, sealed: Sealed
) -> dict[str, int | None]:
    check_ins = int(sums["check_ins"].get(OUTSIDE, 0)) + (outside["check_ins"] or 0)
    if not sealed.is_all:
        return {**outside, "check_ins": check_ins}
    found = {name: np.nan if last is None else last[name].get(OUTSIDE, 0) for name in DISTINCT}
    return {"check_ins": check_ins, **{name: None if pd.isna(value) else int(value) for name, value in found.items()}}


def cell_days(day: date, found: dict[str, Figures]) -> list[dict[str, Any]]:
    """Return what is kept of a day that was measured alone, as rows of `cell_days`: of cells with any figure at all."""
    rows: list[dict[str, Any]] = []
    for level, figures in found.items():
        cells = figures.cells[(figures.cells[KEPT].fillna(0) != 0).any(axis=1)]
        told = cells[["code", *KEPT, "coverage_ratio"]].astype(object).where(cells.notna(), None)
        named = ({str(name): value for name, value in row.items()} for row in told.to_dict("records"))
        rows += [{**UNKNOWN, "day": day, "level": level, **row} for row in named]
        if figures.outside["check_ins"]:
            rows.append({**UNKNOWN, "day": day, "level": level, "code": OUTSIDE, **figures.outside})
    return [{**row, **{name: _if_many(row[name]) for name in DISTINCT}} for row in rows]


def _if_many(count: int | None) -> int | None:
    return count if count is not None and count >= FEW else None
