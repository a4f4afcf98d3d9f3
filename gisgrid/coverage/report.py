"""From a session to the one report: the figures of a period at one level, for whoever asks."""

from datetime import datetime

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.definitions import definitions
from gisgrid.coverage.figures import local_day, measured
from gisgrid.coverage.measure import Figures
from gisgrid.coverage.notes import notes_on
from gisgrid.coverage.schemas import CellFigures, Counts, CoverageReport, Excluded, GridInForce, Interval, Rules
from gisgrid.errors import Refused
from gisgrid.grid.locate import Grid, NoSuchCell, grid_on
from gisgrid.grid.schemas import Level
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, sight_of

DAYS = 30
"""The period where none is asked for: so many local days, today being the last."""
DECIMALS = {"dwell_s": 1, "covered_area_m2": 1, "patrollable_area_m2": 1, "area_m2": 1}
LEVEL: Level = "community"


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
    with seeing_everything(session):
        found = measured(session, settings, period)
    figures = found.figures[level]
    sees_all = sight.everything or sight.answers.outside
    return CoverageReport(
        grid=GridInForce.model_validate(found.layer_sets[-1], from_attributes=True),
        period=Interval(start=period.start, end=period.end),
        level=level,
        parent=parent,
        cells=[cell for cell in _cells(figures, found.grids, parent) if sight.has_code(cell.code)],
        outside=Counts.model_validate(figures.outside) if sees_all else None,
        excluded=Excluded.model_validate(figures.excluded) if sees_all else None,
        settings=Rules.model_validate(settings, from_attributes=True),
        definitions=definitions(settings),
        notes=notes_on(found),
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
    return grid_on(session, local_day(period.last_moment, settings))


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
