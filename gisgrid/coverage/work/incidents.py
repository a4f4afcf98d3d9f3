"""How many incidents were reported, filed and closed, how soon somebody came and how soon it was over, by cell."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import Final

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.work.cells import Codes, tables
from gisgrid.grid.tables import LEVELS
from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.figures.measure import Tally, share, tally
from gisgrid.incidents.figures.read import records_of
from gisgrid.incidents.figures.responses import responses
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything

COUNTED: Final = (
    *("reported", "filed", "closed", "in_time", "overdue", "suspended", "extended", "returned"),
    "responses",
)
SHARES: Final = {"closing_ratio": "closing", "in_time_ratio": "closed_in_time"}
"""The shares of `incidents.figures.measure` that are told, by the names that they have here."""


def incident_figures_of(session: Session, settings: Settings, period: Period, now: datetime) -> dict[str, pd.DataFrame]:
    """Count the incidents of a period at all levels, by the codes of the cells in which they lie, as known at a moment.

    Columns: those of COUNTED and SHARES, which are the same numbers as those of `incident_figures`; response_s and
    closing_s, medians in seconds. NaN is n/a. What is confidential, and complaints, are in none. It looks at
    everything: whoever shows x. Raises NoGrid.
    """
    with seeing_everything(session):
        records = [each for each in records_of(session, settings, period, now) if not each.is_kept]
        tallies = {each.id: tally(each, period, now) for each in records}
        reported = [each for each in records if tallies[each.id]["reported"]]
        came = responses(session, settings, reported, now)
        counts: dict[Codes, Tally] = defaultdict(Counter)
        for each in records:
            counts[each.cells].update({**tallies[each.id], "responses": int(each.id in came)})
        found = tables(session, settings, period, counts, COUNTED)
    closed = {each.id: each.course.closed_at for each in records if tallies[each.id]["closed"]}
    for place, level in enumerate(LEVELS):
        frame = found[level]
        rows = frame[list(COUNTED)].to_numpy().tolist()
        for name, of in SHARES.items():
            frame[name] = [_ratio(Counter(dict(zip(COUNTED, its, strict=True))), of) for its in rows]
        for name, ends in (("response_s", came), ("closing_s", closed)):
            frame[name] = _medians(records, ends, place).reindex(frame.index)
    return found


def _ratio(counted: Tally, name: str) -> float:
    found = share(counted, name).ratio
    return float("nan") if found is None else found


def _medians(records: Iterable[Record], ends: Mapping[int, datetime | None], place: int) -> pd.Series:
    """Return the median of the seconds from report to end, of the records that have one, by cell."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for each in records:
        code, end = each.cells[place], ends.get(each.id)
        if code is not None and end is not None:
            seconds[code].append((end - each.reported_at).total_seconds())
    return pd.Series({code: median(its) for code, its in seconds.items()}, dtype=float)
