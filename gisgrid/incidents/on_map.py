"""The incidents of a map, as little of each as a mark needs; of too many only how many lie in each square."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric, to_wgs84
from gisgrid.incidents.clock import State as Light
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import OPEN, RUNNING, State
from gisgrid.incidents.loop.lights import readings
from gisgrid.incidents.reports import INCIDENT
from gisgrid.incidents.schemas import MappedIncidents, MapSquares
from gisgrid.incidents.search import is_overdue
from gisgrid.intake.finding import conditions
from gisgrid.parameters import Period
from gisgrid.settings import Settings

MOST_MARKS: Final = 10_000
"""More incidents than these are told by squares."""
SQUARE_M: Final = 500
DIGITS: Final = 6
"""Of a degree: a tenth of a metre."""
MARKED: Final = ("id", "longitude", "latitude", "kind", "state", "reported_at", "condition", "due_at")


def on_map(
    session: Session,
    settings: Settings,
    now: datetime,
    *,
    period: Period | None = None,
    cell: str | None = None,
    only_open: bool = False,
) -> MappedIncidents | MapSquares:
    """Return the incidents that are open, whatever their day, and those reported in a period; by squares if too many.

    Without a period they are all of any day, unless `only_open`. Raises NoSuchCell.
    """
    where = [*conditions(session, INCIDENT, "reported_at", cell=cell), *_of_days(period, only_open=only_open)]
    matched = session.scalar(select(func.count()).select_from(INCIDENT).where(*where)) or 0
    if matched > MOST_MARKS:
        return MapSquares(square_m=SQUARE_M, rows=_squares(session, settings, where, now), numberMatched=matched)
    asked = select(*(INCIDENT.c[name] for name in MARKED)).where(*where).order_by(INCIDENT.c.id)
    rows = session.execute(asked).mappings().all()
    return MappedIncidents(
        rows=_marks(session, settings, rows, now), kinds=_kinds(session, settings, rows), numberMatched=matched
    )


def _of_days(period: Period | None, *, only_open: bool) -> list[ColumnElement[bool]]:
    is_open = INCIDENT.c.state.in_(sorted(OPEN))
    if only_open:
        return [is_open]
    if period is None:
        return []
    moment = INCIDENT.c.reported_at
    return [or_(is_open, (moment >= period.start) & (moment < period.end))]


# --- one by one ------------------------------------------------------------------------------------


def _marks(
    session: Session, settings: Settings, rows: Sequence[Any], now: datetime
) -> list[tuple[int, float, float, str, State, Light, bool]]:
    in_time = [row for row in rows if row["state"] in RUNNING and row["due_at"] is not None and row["due_at"] >= now]
    clocks = readings(session, settings, in_time, now)
    lights: list[Light] = [clocks[row["id"]].state if row["id"] in clocks else _light(row) for row in rows]
    return [
        (
            row["id"],
            round(row["longitude"], DIGITS),
            round(row["latitude"], DIGITS),
            row["kind"],
            row["state"],
            light,
            light == "red",
        )
        for row, light in zip(rows, lights, strict=True)
    ]


def _light(row: Any) -> Light:
    """Return what the clock shows where no look at the steps is needed: it does not run, or all is used."""
    if row["condition"] is None:  # it was never filed
        return "none"
    if row["state"] in RUNNING:
        return "none" if row["due_at"] is None else "red"
    return "paused" if row["state"] in ("handled", "suspended") else "stopped"


def _kinds(session: Session, settings: Settings, rows: Sequence[Any]) -> dict[str, dict[str, str]]:
    """Name the kinds, as they were called when each was last reported; by its code what its edition has not."""
    editions, latest = Editions(session), dict[str, datetime]()
    for row in rows:
        latest[row["kind"]] = max(row["reported_at"], latest.get(row["kind"], row["reported_at"]))
    found = {}
    for code, moment in sorted(latest.items()):
        kind = editions.kind_at(code, moment, settings.zone)
        found[code] = {"zh": kind.name_zh, "en": kind.name_en} if kind else {"zh": code, "en": code}
    return found


# --- by squares ------------------------------------------------------------------------------------


def _squares(
    session: Session, settings: Settings, where: Sequence[ColumnElement[bool]], now: datetime
) -> list[tuple[float, float, int, int]]:
    """Return the middle of each square that holds incidents, in degrees, how many it holds, how many are overdue."""
    late = case((is_overdue(now), 1), else_=0)
    rows = session.execute(select(INCIDENT.c.longitude, INCIDENT.c.latitude, late).where(*where)).all()
    given = np.array(rows, dtype=np.float64)
    x, y = points_to_metric(given[:, 0], given[:, 1], settings.metric_crs)
    corners = np.floor(np.column_stack([x, y]) / SQUARE_M)
    squares, which = np.unique(corners, axis=0, return_inverse=True)
    counts = np.bincount(which, minlength=len(squares))
    overdue = np.bincount(which, weights=given[:, 2], minlength=len(squares))
    middles = (squares + 0.5) * SQUARE_M
    longitude, latitude = to_wgs84(middles[:, 0], middles[:, 1], settings.metric_crs)
    return [
        (round(float(east), DIGITS), round(float(north), DIGITS), int(count), int(late))
        for east, north, count, late in zip(longitude, latitude, counts, overdue, strict=True)
    ]
