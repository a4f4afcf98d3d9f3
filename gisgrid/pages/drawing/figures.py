"""From reports to maps of figures: coverage through time, two periods compared, heat."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.heat import SeenSquares, squares_seen
from gisgrid.coverage.notes import NOTHING_BEFORE
from gisgrid.coverage.public import SMALL, for_public, squares_for_public
from gisgrid.coverage.report import coverage_report, last_grid
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.grid.locate import NoGrid, patrollable_mask
from gisgrid.grid.own.store import sea_area
from gisgrid.grid.schemas import Level
from gisgrid.maps.choropleths import draw_comparison, draw_coverage
from gisgrid.maps.heat import draw_heat
from gisgrid.maps.pages import GridMap
from gisgrid.pages.drawing.maps import place_of
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import sight_of

BY_DAY: Final = 35
"""A period of more days is led through week by week."""
MOST_PARTS: Final = 60
MOST_DAYS: Final = 3660
"""A longer period is not led through at all."""
NO_CHECK_INS: Final = Note(zh="时段内没有打卡", en="nobody checked in in the period")
WEEKDAYS: Final = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")


def coverage_map(
    session: Session, settings: Settings, period: Period, level: Level, *, is_public: bool = False
) -> GridMap:
    """Draw the coverage of a period at all levels, opening at `level`, and of each day or week of it. Raises NoGrid.

    Cells that the session does not answer for are told as such. The public sees the whole period alone.
    """
    grid = last_grid(session, period, settings)
    report = _report(session, settings, period, is_public)
    return draw_coverage(
        grid.cells,
        _frame(report.cells),
        title=f"{place_of(grid)}巡查到达率 Coverage",
        period_text=period.told(settings.zone),
        notes=_notes([*report.notes, *_nothing(report, is_public)]),
        level=level,
        parts=[] if is_public else list(_parts(session, settings, period)),
        foreign=_foreign(session, grid.cells),
        sea=sea_area(session),
    )


def comparison_map(
    session: Session,
    settings: Settings,
    period: Period,
    before: Period | None,
    level: Level,
    *,
    is_public: bool = False,
) -> GridMap:
    """Draw a period beside another one, or the one before it, each on its own grid. Raises NoGrid."""
    earlier = before or period.before(settings.zone, datetime.now(UTC))
    periods = (earlier, period)
    grids = [last_grid(session, each, settings) for each in periods]
    reports = [_report(session, settings, each, is_public) for each in periods]
    notes = {note.zh: note for report in reports for note in report.notes}
    figures = [_frame(report.cells) for report in reports]
    notes |= {note.zh: note for note in _nothing(reports[1], is_public)}
    if _nothing(reports[0], is_public):
        notes[NOTHING_BEFORE.zh] = NOTHING_BEFORE
        figures[0] = figures[0].assign(coverage_ratio=float("nan"))  # not nothing seen, but nothing known
    return draw_comparison(
        (grids[0].cells, grids[1].cells),
        (figures[0], figures[1]),
        title=f"{place_of(grids[1])}到达率对比 Coverage compared",
        period_texts=(earlier.told(settings.zone), period.told(settings.zone)),
        notes=_notes(notes.values()),
        level=level,
        foreign=[code for grid in grids for code in _foreign(session, grid.cells)],
        sea=sea_area(session),
    )


def heat_map(session: Session, settings: Settings, period: Period, *, is_public: bool = False) -> GridMap:
    """Draw on how many days each unit square was seen. Raises NoGrid, TooFewDays."""
    grid = last_grid(session, period, settings)
    seen = squares_seen(session, settings, period)
    report = _report(session, settings, period, is_public)
    seen = squares_for_public(seen) if is_public else seen
    return draw_heat(
        grid.cells,
        seen.squares,
        _frame(report.cells),
        side_m=seen.side_m,
        of_days=seen.of_days,
        title=f"{place_of(grid)}巡查热力图 Heat",
        period_text=period.told(settings.zone),
        notes=[*_sealed(seen, settings, period), *_notes([SMALL] if is_public else _nothing(report))],
        mask=patrollable_mask(session),
        foreign=_foreign(session, grid.cells),
        sea=sea_area(session),
    )


def _report(session: Session, settings: Settings, period: Period, is_public: bool = False) -> CoverageReport:
    report = coverage_report(session, settings, level="all", period=period)
    return for_public(report) if is_public else report


def _nothing(report: CoverageReport, is_public: bool = False) -> list[Note]:
    """Return the note on a period in which nobody checked in; none to the public: small counts look alike."""
    return [] if is_public or any(cell.check_ins for cell in report.cells) else [NO_CHECK_INS]


def _frame(cells: Iterable[CellFigures]) -> pd.DataFrame:
    return pd.DataFrame([cell.model_dump() for cell in cells], columns=list(CellFigures.model_fields))


def _notes(notes: Iterable[Note]) -> list[str]:
    """Write notes for a map; it says itself which cells are illustrative."""
    return [f"{note.zh} / {note.en}" for note in notes if "示意" not in note.zh]


def _sealed(seen: SeenSquares, settings: Settings, period: Period) -> list[str]:
    there = sum(1 for _ in _spans(period, settings, step=1))
    gone = there - seen.of_days
    return [f"{gone} 天已封存，不在图中 / {gone} sealed days are not in it"] if gone > 0 else []


def _foreign(session: Session, cells: gpd.GeoDataFrame) -> list[str]:
    sight = sight_of(session)
    return [code for code in cells["code"] if not sight.has_code(code)]


def _parts(session: Session, settings: Settings, period: Period) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the figures of each part of a period that has begun, under its name; none where there is only one."""
    spans = list(_spans(period, settings)) if (period.end - period.start).days <= MOST_DAYS else []
    for span in spans if len(spans) > 1 else ():
        try:
            cells = _report(session, settings, span).cells
        except NoGrid:  # before the first grid there is nothing to tell
            cells = []
        yield _name(span, settings), _frame(cells)


def _spans(period: Period, settings: Settings, step: int | None = None) -> Iterator[Period]:
    """Yield the days of a period up to today, or spans of `step` days: of weeks, if it is long, at most MOST_PARTS."""
    start, end = (each.astimezone(settings.zone) for each in (period.start, min(period.end, datetime.now(UTC))))
    days = max((end - start).days, 0)
    step = step or (1 if days <= BY_DAY else 7 * -(-days // (7 * MOST_PARTS)))
    day = start.date()
    while start < end:
        day += timedelta(days=step)
        until = min(datetime.combine(day, time(), settings.zone), period.end)
        yield Period(start, until)
        start = until


def _name(span: Period, settings: Settings) -> str:
    told, first = span.told(settings.zone), span.start.astimezone(settings.zone)
    start, _, end = told.partition(" – ")
    return f"{start} {WEEKDAYS[first.weekday()]}" if start == end else told
