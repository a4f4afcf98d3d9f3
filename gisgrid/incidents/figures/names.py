"""What the groups of figures are called, and which are shown though nothing happened in them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.locate import NoGrid, grid_on
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.incidents.calendar.stored import known_years
from gisgrid.incidents.figures.definitions import LEVELS as LEVEL_NAMES
from gisgrid.incidents.figures.measure import Dimension, largest
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import Sight
from gisgrid.staff.offices import departments

NONE: Final[dict[Dimension, tuple[str, str]]] = {
    "cell": ("不在任何下级网格", "in none of these cells"),
    "level": ("未定", "none"),
    "department": ("未派遣到部门", "no department"),
    "kind": ("未定", "none"),
}


class Names:
    """The names of cells, departments and kinds as of the last day of a period, asked for once."""

    def __init__(self, session: Session, settings: Settings, period: Period) -> None:
        self._days = [each.astimezone(settings.zone).date() for each in (period.start, period.last_moment)]
        rows = session.execute(select(Cell.code, Cell.level, Cell.name).order_by(Cell.layer_set_id)).all()
        self.levels: Mapping[str | None, str] = {row.code: row.level for row in rows}
        self.kinds: Mapping[str, Kind] = Editions(session).on(self._days[-1]).kinds
        self._names: dict[Dimension, dict[str, tuple[str, str]]] = {
            "cell": {row.code: (row.name, row.name) for row in rows},
            "level": LEVEL_NAMES,
            "department": {each.code: (each.zh, each.en) for each in departments(session)},
            "kind": {code: (kind.name_zh, kind.name_en) for code, kind in self.kinds.items()},
        }
        self._lineages = _lineages(session, self._days[-1])

    def of(self, dimension: Dimension, key: str | None) -> tuple[str, str]:
        """Name a group in Chinese and English; one that is not known any more keeps its code."""
        return NONE[dimension] if key is None else self._names[dimension].get(key, (key, key))

    def expected(self, dimension: Dimension, below: str | None, sight: Sight) -> set[str]:
        """Return the groups that are shown even if nothing happened in them: cells of one's ground, and levels."""
        if dimension == "level":
            return set(LEVEL_NAMES)
        if dimension != "cell":
            return set()
        found = (largest(cells, sight.has_code, below) for cells in self._lineages if below is None or below in cells)
        return {code for code in found if code is not None}

    def warnings(self, session: Session, now: datetime) -> list[tuple[str, str]]:
        """Say what limits what the figures tell: years without a table of holidays, a period that is not over."""
        first, last = self._days
        missing = sorted(set(range(first.year, last.year + 1)) - known_years(session))
        told = [] if not missing else [_missing(", ".join(map(str, missing)))]
        return [*told, *([UNFINISHED] if last >= now.date() else [])]


UNFINISHED: Final = ("时段尚未结束,数字截至统计时", "the period is not over: figures are as of now")


def _missing(years: str) -> tuple[str, str]:
    return (
        f"没有 {years} 年的节假日表,时限按周一至周五计算",
        f"there is no table of holidays for {years}: limits run on every Monday to Friday",
    )


def _lineages(session: Session, day: date) -> list[tuple[str | None, str | None, str | None]]:
    """Return street, community and substation of every substation of the grid of a day."""
    try:
        cells = grid_on(session, day).cells
    except NoGrid:
        return []
    above = dict(zip(cells["code"], cells["parent_code"], strict=True))
    finest = cells.loc[cells["level"] == LEVELS[-1], "code"]
    return [(above.get(above.get(code)), above.get(code), code) for code in finest]
