"""From a session to the one report: the fixes of a period and the grids in force in it, measured at one level."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import pairwise
from threading import Lock

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.definitions import definitions
from gisgrid.coverage.ground import Ground
from gisgrid.coverage.measure import Figures, Span, measure
from gisgrid.coverage.schemas import (
    CellFigures,
    Counts,
    CoverageReport,
    Excluded,
    GridInForce,
    Interval,
    Note,
    Rules,
)
from gisgrid.errors import Refused
from gisgrid.grid.locate import Grid, NoSuchCell, grid_on, layer_set_on, patrollable_mask
from gisgrid.grid.schemas import Level
from gisgrid.grid.tables import LayerSet
from gisgrid.parameters import Period
from gisgrid.patrols.fixes import fixes_frame, fixes_version
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, sight_of

DAYS = 30
"""The period where none is asked for: so many local days, today being the last."""
DECIMALS = {"dwell_s": 1, "covered_area_m2": 1, "patrollable_area_m2": 1, "area_m2": 1}
LEVEL: Level = "community"
KEPT_FIGURES = 16
_kept: dict[tuple[object, ...], dict[str, Figures]] = {}
_measuring = Lock()


class TwoPeriods(Refused):
    """A period that is given in two ways at once."""


def coverage_report(
    session: Session,
    settings: Settings,
    *,
    level: Level = LEVEL,
    period: Period | None = None,
    parent: str | None = None,
) -> CoverageReport:
    """Measure a period (the last DAYS days, if none is given) at one level, shown for the cells below `parent`.

    All ground is measured, so that a figure is the same number for everybody; what is shown are the cells that the
    session answers for. Raises NoGrid, NoSuchCell.
    """
    sight = sight_of(session)
    period = period or recent(DAYS, settings)
    layer_sets = _in_force(session, period, settings)
    grids = [grid_on(session, layer_set.first_day) for layer_set in layer_sets]
    mask = patrollable_mask(session)
    with seeing_everything(session):
        figures = _figures(session, settings, period, layer_sets, mask)[level]
    sees_all = sight.everything or sight.answers.outside
    return CoverageReport(
        grid=GridInForce.model_validate(layer_sets[-1], from_attributes=True),
        period=Interval(start=period.start, end=period.end),
        level=level,
        parent=parent,
        cells=[cell for cell in _cells(figures, grids, parent) if sight.has_code(cell.code)],
        outside=Counts.model_validate(figures.outside) if sees_all else None,
        excluded=Excluded.model_validate(figures.excluded) if sees_all else None,
        settings=Rules.model_validate(settings, from_attributes=True),
        definitions=definitions(settings),
        notes=_notes(layer_sets, grids[-1], has_mask=mask is not None),
    )


def recent(days: int, settings: Settings) -> Period:
    """Return the last so many local days, today included."""
    return Period.last_days(days, datetime.now(settings.zone).date(), settings.zone)


def asked_period(text: str | None, days: int | None, settings: Settings) -> Period:
    """Return the period `start/end`, or the last so many days (DAYS, if neither is given).

    Raises TwoPeriods, BadPeriod.
    """
    if text is None:
        return recent(DAYS if days is None else days, settings)
    if days is not None:
        raise TwoPeriods("--period 与 --days 只能给一个", "give either --period or --days, not both")
    return Period.parse(text, settings.zone)


def last_grid(session: Session, period: Period, settings: Settings) -> Grid:
    """Return the grid whose cells a report of the period measures. Raises NoGrid."""
    return grid_on(session, _day(period.last_moment, settings))


def _day(moment: datetime, settings: Settings) -> date:
    return moment.astimezone(settings.zone).date()


def _in_force(session: Session, period: Period, settings: Settings) -> list[LayerSet]:
    """Return the layer sets in force within a period, in the order of time. Raises NoGrid."""
    first, last = _day(period.start, settings), _day(period.last_moment, settings)
    latest = layer_set_on(session, last)
    known = session.scalars(select(LayerSet).where(LayerSet.first_day <= last).order_by(LayerSet.first_day)).all()
    return [
        *(before for before, after in pairwise(known) if after.first_day > first),
        latest,
    ]


def _figures(
    session: Session, settings: Settings, period: Period, layer_sets: list[LayerSet], mask: BaseGeometry | None
) -> dict[str, Figures]:
    """Measure all levels, or return what the same measurement gave before: fixes come and go, but never change."""
    version = fixes_version(session, period)
    marked = None if mask is None else shapely.to_wkb(mask)
    sets = tuple((layer_set.id, layer_set.created_at) for layer_set in layer_sets)
    key = (settings, period, sets, marked, version)
    with _measuring:  # a viewer asks for all levels at once: the first measures, the others wait for it
        if key not in _kept:
            grids = [grid_on(session, layer_set.first_day) for layer_set in layer_sets]
            parts = _parts(fixes_frame(session, period), layer_sets, settings)
            grounds = [_ground(grid, marked, settings.metric_crs) for grid in grids]
            found = measure([Span(*pair) for pair in zip(grounds, parts, strict=True)], settings)
            if len(_kept) >= KEPT_FIGURES:
                _kept.clear()
            _kept[key] = found
        return _kept[key]


@lru_cache(maxsize=4)
def _ground(grid: Grid, mask: bytes | None, metric_crs: str) -> Ground:
    return Ground(grid, None if mask is None else shapely.from_wkb(mask), metric_crs)


def _parts(fixes: pd.DataFrame, layer_sets: list[LayerSet], settings: Settings) -> list[pd.DataFrame]:
    """Cut the fixes, which are in the order of their time, at the first days of all layer sets but the first."""
    midnights = [datetime.combine(each.first_day, time(), settings.zone).astimezone(UTC) for each in layer_sets[1:]]
    cuts = [0, *fixes["fix_at"].searchsorted(pd.DatetimeIndex(midnights, tz="UTC")), len(fixes)]
    return [fixes.iloc[start:end] for start, end in pairwise(cuts)]


def _cells(figures: Figures, grids: list[Grid], parent: str | None) -> list[CellFigures]:
    """Return the figures as they are shown: those below `parent`, rounded. Raises NoSuchCell."""
    frame = figures.cells if parent is None else figures.cells[_is_below(figures.cells["code"], grids, parent)]
    shown = frame.round(DECIMALS).astype(object).where(frame.notna(), None)
    return [CellFigures.model_validate(row) for row in shown.to_dict("records")]


def _is_below(codes: pd.Series, grids: list[Grid], parent: str) -> list[bool]:
    above = {code: up for grid in grids for code, up in zip(grid.cells["code"], grid.cells["parent_code"], strict=True)}
    if parent not in above:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")

    def is_below(code: str) -> bool:
        up = above.get(code)
        return up is not None and (up == parent or is_below(up))

    return [is_below(code) for code in codes]


def _notes(layer_sets: list[LayerSet], grid: Grid, *, has_mask: bool) -> list[Note]:
    notes = []
    if not has_mask:
        notes.append(
            Note(
                zh="尚未设置应巡范围:按整个网格面积计算到达率",
                en="no patrollable mask is loaded: coverage is of the whole cell",
            )
        )
    if grid.cells["is_illustrative"].any():
        notes.append(Note(zh="网格含示意数据,非测绘成果", en="the grid is illustrative in part, not surveyed"))
    if len(layer_sets) > 1:
        days = ", ".join(each.first_day.isoformat() for each in layer_sets[1:])
        notes.append(
            Note(
                zh=f"时段内网格于 {days} 调整:打卡按当日网格计数,面积与到达率按时段最后一天的网格计算",
                en=f"the grid changed on {days}: check-ins count in the cell of their day, areas and coverage are "
                f"those of the grid in force on the last day",
            )
        )
    return notes
