"""From the database to generated maps: asks the domains for frames and hands them to `maps`, which queries nothing."""

from typing import get_args

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.report import coverage_report, last_grid
from gisgrid.errors import NotFound
from gisgrid.grid.locate import Grid, grid_on, patrollable_mask
from gisgrid.grid.schemas import Level
from gisgrid.incidents.kinds import kinds
from gisgrid.incidents.reports import incidents_frame
from gisgrid.maps.drawings import draw_coverage, draw_grid, draw_incidents, draw_track
from gisgrid.maps.pages import GridMap
from gisgrid.parameters import Period
from gisgrid.patrols.checkpoints import checkpoints_frame
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.settings import Settings


class NothingToDraw(NotFound):
    """A track without a fix."""


def grid_map(session: Session) -> GridMap:
    """Draw the latest grid with its checkpoints and its patrollable mask. Raises NoGrid."""
    grid = grid_on(session)
    title = f"{_place(grid)}网格图 Grid"
    return draw_grid(grid.cells, checkpoints_frame(session), patrollable_mask(session), title=title)


def coverage_map(session: Session, settings: Settings, period: Period, level: Level) -> GridMap:
    """Draw the coverage of a period at all levels, opening at `level`. Raises NoGrid."""
    grid = last_grid(session, period, settings)
    reports = [coverage_report(session, settings, level=each, period=period) for each in get_args(Level)]
    figures = pd.DataFrame([cell.model_dump() for report in reports for cell in report.cells])
    # the map itself says which cells are illustrative
    notes = [f"{note.zh} / {note.en}" for note in reports[0].notes if "示意" not in note.zh]
    title = f"{_place(grid)}巡查到达率 Coverage"
    text = period.told(settings.zone)
    return draw_coverage(grid.cells, figures, title=title, period_text=text, notes=notes, level=level)


def incidents_map(session: Session, settings: Settings, period: Period, *, confidential: bool = False) -> GridMap:
    """Draw the incidents of a period; confidential ones and complaints only where asked for. Raises NoGrid."""
    grid, table = last_grid(session, period, settings), kinds()
    frame = incidents_frame(session, period, confidential=confidential)
    named = frame.assign(
        kind_name=[table[code].name_zh for code in frame["kind"]],
        class_name=[table[code].class_zh for code in frame["kind"]],
    )
    title, text = f"{_place(grid)}事件分布 Incidents", period.told(settings.zone)
    return draw_incidents(grid.cells, named, title=title, subtitle=text, zone=settings.zone)


def track_map(session: Session, settings: Settings, period: Period, patroller: str) -> GridMap:
    """Draw the tracks of one person (their ref) in a period. Raises NoGrid, NothingToDraw."""
    grid = last_grid(session, period, settings)
    fixes, text = fixes_frame(session, period, patroller=patroller), period.told(settings.zone)
    if fixes.empty:
        raise NothingToDraw(
            f"巡查员 {patroller!r} 在 {text} 没有打卡;请核对编号,或用 --period、--days 换一个时段",
            f"{patroller!r} has no check-in in {text}; check the name, or choose another --period or --days",
        )
    title = f"巡查轨迹 Tracks · {patroller}"
    return draw_track(
        grid.cells,
        fixes,
        title=title,
        subtitle=text,
        zone=settings.zone,
        gap_s=settings.band_gap_s,
        length_m=settings.band_length_m,
    )


def _place(grid: Grid) -> str:
    streets = grid.cells.loc[grid.cells["level"] == "street", "name"]
    return "、".join(streets)
