"""From a session to the one report: the figures of a period at one level, for whoever asks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from gisgrid.coverage.days.find import Progress, silent
from gisgrid.coverage.definitions import definitions
from gisgrid.coverage.every_cell import EveryCell, every_cell
from gisgrid.coverage.figures import local_day
from gisgrid.coverage.group import Group
from gisgrid.coverage.issue import fingerprint, revision_of
from gisgrid.coverage.measure import Figures
from gisgrid.coverage.notes import NOTHING_BEFORE, note_on_days, note_on_levels, notes_on
from gisgrid.coverage.received import received_in
from gisgrid.coverage.schemas import (
    CellFigures,
    Counts,
    CoverageReport,
    Excluded,
    GridInForce,
    GroupShown,
    Interval,
    Note,
    Rules,
)
from gisgrid.coverage.work.rounds import round_notes
from gisgrid.errors import Refused
from gisgrid.grid.locate import Grid, NoGrid, NoSuchCell, grid_on
from gisgrid.grid.schemas import Level
from gisgrid.grid.tables import LEVELS
from gisgrid.incidents.figures.figures import NotYourGround
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing_everything, sight_of

DAYS = 30
"""The period where none is asked for: so many local days, today being the last."""
LEVEL: Level = "community"
Asked = Level | Literal["all"]


class TwoPeriods(Refused):
    """A period that is given in two ways at once."""


def coverage_report(
    session: Session,
    settings: Settings,
    *,
    level: Asked = LEVEL,
    period: Period | None = None,
    parent: str | None = None,
    group: Group | None = None,
    is_compared: bool = False,
    raw: Path | None = None,
    progress: Progress = silent,
) -> CoverageReport:
    """Measure a period (the last DAYS days, if none is given) at one level or all, shown for the cells below `parent`.

    All ground is measured, so that a figure is the same number for everybody; what is shown are the cells that the
    session answers for. `is_compared`: with the period before. `raw`: a folder of raw days, from which what was seen is
    told instead of from the database. Raises NoGrid, NoSuchCell, NotYourGround, and with `raw` what `raw_days` raises.
    """
    sight, now = sight_of(session), datetime.now(UTC)
    period = period or recent(DAYS, settings)
    before = period.before(settings.zone, now) if is_compared else None
    with seeing_everything(session):
        every = every_cell(session, settings, period, group, now, raw=raw, progress=progress)
        earlier = _earlier(session, settings, before, group, now, raw)
        issued = revision_of(session, period, group)
        received = received_in(session, every.found, settings.zone, now)
        of_rounds = [] if raw is not None else round_notes(session, settings, period, now)
    found, cells = every.found, _shown(every, level, parent, sight)
    _require_theirs(sight, parent)
    finest = LEVELS[-1] if level == "all" else level
    figures = found.figures[finest]
    sees_all = sight.everything or sight.answers.outside
    figures_seen = fingerprint((cell for each in LEVELS for cell in every.cells[each]), figures.outside)
    return CoverageReport(
        grid=GridInForce.model_validate(found.layer_sets[-1], from_attributes=True),
        period=Interval(start=period.start, end=period.end),
        level=level,
        parent=parent,
        group=None if group is None else GroupShown(kind=group.kind, name=group.name),
        cells=cells,
        before=None if before is None or earlier is None else Interval(start=before.start, end=before.end),
        cells_before=[] if earlier is None else _shown(earlier, level, parent, sight),
        outside=_outside(every, figures, finest) if sees_all else None,
        excluded=Excluded.model_validate(figures.excluded) if sees_all else None,
        quarantined=every.quarantined if sees_all else None,
        delivered_late=issued.late(figures.late_us) if issued and sees_all else None,
        revision=issued and issued.shown(figures_seen),
        fingerprint=figures_seen if sees_all else None,
        received=received,
        settings=Rules.model_validate(settings, from_attributes=True),
        definitions=definitions(settings),
        notes=[
            *note_on_days(received, settings.zone),
            *notes_on(found),
            *of_rounds,
            *([NOTHING_BEFORE] if before is not None and earlier is None else []),
            *([] if cells or sight.everything else [_where(sight, every)]),
        ],
    )


def _shown(told: EveryCell, level: Asked, parent: str | None, sight: Sight) -> list[CellFigures]:
    """Return the cells of a level or of all, below `parent`, that a sight holds. Raises NoSuchCell."""
    levels = LEVELS if level == "all" else (level,)
    cells = _below([cell for each in levels for cell in told.cells[each]], told.found.grids, parent)
    return [cell for cell in cells if sight.has_code(cell.code)]


def _require_theirs(sight: Sight, parent: str | None) -> None:
    """Refuse a parent that whoever asks does not answer for."""
    if parent is not None and not sight.has_code(parent):
        raise NotYourGround(
            "您负责的网格中没有这个编码", "there is no cell with that code among those that you answer for"
        )


def _outside(every: EveryCell, figures: Figures, level: str) -> Counts:
    """Count what lies in no cell of a level: with the cells it is all that there is."""
    counts = Counts.model_validate(figures.outside)
    if every.quarantined is None:
        return counts
    inside = sum(cell.quarantined or 0 for cell in every.cells[level])
    return counts.model_copy(update={"quarantined": every.quarantined - inside})


def _where(sight: Sight, every: EveryCell) -> Note:
    return note_on_levels({level for level in LEVELS if any(sight.has_code(cell.code) for cell in every.cells[level])})


def _earlier(
    session: Session,
    settings: Settings,
    before: Period | None,
    group: Group | None,
    now: datetime,
    raw: Path | None,
) -> EveryCell | None:
    """Return the figures of the period before; None where nobody checked in, or there was no grid yet."""
    if before is None:
        return None
    try:
        told = every_cell(session, settings, before, group, now, raw=raw)
    except NoGrid:
        return None
    return told if _anybody_was_there(told) else None


def _anybody_was_there(told: EveryCell) -> bool:
    is_outside = any(figures.outside["check_ins"] for figures in told.found.figures.values())
    return is_outside or any(cell.check_ins for cells in told.cells.values() for cell in cells)


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


def _below(cells: list[CellFigures], grids: list[Grid], parent: str | None) -> list[CellFigures]:
    """Return the cells below `parent`, at any height. Raises NoSuchCell."""
    if parent is None:
        return cells
    above = {code: up for grid in grids for code, up in zip(grid.cells["code"], grid.cells["parent_code"], strict=True)}
    if parent not in above:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")

    def is_below(code: str) -> bool:
        up = above.get(code)
        return up is not None and (up == parent or is_below(up))

    return [cell for cell in cells if is_below(cell.code)]
