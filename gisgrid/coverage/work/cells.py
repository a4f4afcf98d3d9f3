"""The cells that figures of work are told of: those of the grid of the period's last day, and what else was counted."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.grid.locate import grid_on
from gisgrid.grid.tables import LEVELS
from gisgrid.parameters import Period
from gisgrid.settings import Settings

Codes = tuple[str | None, ...]
"""The codes of a street, a community and a substation: None where something lies in none."""
Counts = Mapping[Codes, Counter[str]]


def tables(
    session: Session, settings: Settings, period: Period, counts: Counts, names: Iterable[str]
) -> dict[str, pd.DataFrame]:
    """Return what was counted under some names as a frame for each level, by the codes of all cells. Raises NoGrid.

    What lies in no cell of a level is in none of its rows.
    """
    cells = grid_on(session, period.last_moment.astimezone(settings.zone).date()).cells
    columns = list(names)
    return {
        level: _table(cells.loc[cells["level"] == level, "code"], _at(counts, place), columns)
        for place, level in enumerate(LEVELS)
    }


def _at(counts: Counts, place: int) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for codes, its in counts.items():
        code = codes[place]
        if code is not None:
            found.setdefault(code, Counter()).update(its)
    return found


def _table(codes: Iterable[str], found: Mapping[str, Counter[str]], names: list[str]) -> pd.DataFrame:
    index = pd.Index(sorted({*codes, *found}), name="code")
    nothing: Counter[str] = Counter()
    rows = [[found.get(code, nothing)[name] for name in names] for code in index]
    return pd.DataFrame(rows, index=index, columns=names, dtype="int64")
