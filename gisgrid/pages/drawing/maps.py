"""From the database to maps of what is there: the domains give frames, `maps` draws them and queries nothing."""

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.report import last_grid
from gisgrid.errors import NotFound
from gisgrid.grid.locate import Grid, grid_on, patrollable_mask
from gisgrid.grid.own.store import sea_area
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.reports import incidents_frame
from gisgrid.maps.drawings import draw_grid, draw_incidents
from gisgrid.maps.pages import GridMap
from gisgrid.maps.tracks import draw_track
from gisgrid.parameters import Period
from gisgrid.patrols.checkpoints import checkpoints_frame
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.settings import Settings

GONE = "其他"
"""The class of a kind that the edition of its day has not."""


class NothingToDraw(NotFound):
    """A track without a fix."""


def grid_map(session: Session) -> GridMap:
    """Draw the latest grid with its checkpoints and its patrollable mask. Raises NoGrid."""
    grid = grid_on(session)
    title = f"{place_of(grid)}网格图 Grid"
    return draw_grid(
        grid.cells, checkpoints_frame(session), patrollable_mask(session), title=title, sea=sea_area(session)
    )


def incidents_map(session: Session, settings: Settings, period: Period, *, confidential: bool = False) -> GridMap:
    """Draw the incidents of a period; confidential ones and complaints only where asked for. Raises NoGrid."""
    grid, editions = last_grid(session, period, settings), Editions(session)
    frame = incidents_frame(session, period, confidential=confidential)
    days = zip(frame["kind"], frame["reported_at"], strict=True)
    kinds = [editions.kind_at(code, moment, settings.zone) for code, moment in days]
    named = frame.assign(
        kind_name=[kind.name_zh if kind else code for code, kind in zip(frame["kind"], kinds, strict=True)],
        class_name=[kind.class_zh if kind else GONE for kind in kinds],
    )
    title, text = f"{place_of(grid)}事件分布 Incidents", period.told(settings.zone)
    sea = sea_area(session)
    return draw_incidents(grid.cells, named, title=title, subtitle=text, zone=settings.zone, sea=sea)


def track_map(session: Session, settings: Settings, period: Period, patroller: str) -> GridMap:
    """Draw the tracks of one person (their ref) in a period. Raises NoGrid, NothingToDraw."""
    grid = last_grid(session, period, settings)
    return draw_track(
        grid.cells,
        walked(session, settings, period, patroller),
        title=f"巡查轨迹 Tracks · {patroller}",
        subtitle=period.told(settings.zone),
        zone=settings.zone,
        gap_s=settings.band_gap_s,
        length_m=settings.band_length_m,
        sea=sea_area(session),
    )


def walked(session: Session, settings: Settings, period: Period, patroller: str) -> pd.DataFrame:
    """Return the fixes of one person (their ref) in a period. Raises NothingToDraw."""
    fixes, text = fixes_frame(session, period, patroller=patroller), period.told(settings.zone)
    if fixes.empty:
        raise NothingToDraw(
            f"该巡查员在 {text} 没有打卡;请核对编号,或换一个时段",
            f"that patroller has no check-in in {text}; check the name, or choose another period",
        )
    return fixes


def place_of(grid: Grid) -> str:
    """Return the names of the streets of a grid."""
    streets = grid.cells.loc[grid.cells["level"] == "street", "name"]
    return "、".join(streets)
