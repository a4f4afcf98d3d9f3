"""The fixes that say whether rounds were done: those that count, near their places, within their time."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from math import cos, radians
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.intake.finding import located_frame
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import Fixes, fixes_of
from gisgrid.patrols.tables import Fix
from gisgrid.sight import visible

FIX: Final = table_of(Fix)
COLUMNS: Final = (
    "id", "patroller_id", "fix_at", "received_at", "longitude", "latitude", "accuracy_m", "proved_checkpoint_id",
)  # fmt: skip
AT_A_TIME: Final = 200
"""Places in one query: SQLite reads no deeper condition than a thousand."""
AHEAD: Final = timedelta(days=1)
"""How far a clock may run ahead for its fixes to be looked at."""
DEGREE_M: Final = 110_000.0
"""Metres in a degree of latitude, at least."""


def fixes_near(session: Session, spots: Collection[Spot], span: Period, metric_crs: str) -> Fixes:
    """Return the fixes of a span, both ends included, that lie near any of some places.

    Where one has to stay for a while, all fixes of whoever came near are there: they say when somebody left.
    """
    ordered = sorted(spots, key=lambda spot: spot.place)
    parts = [ordered[start : start + AT_A_TIME] for start in range(0, len(ordered), AT_A_TIME)] or [[]]
    frames = [located_frame(session, FIX, COLUMNS, "fix_at", _where(session, part, span)) for part in parts]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True).drop_duplicates("id")
    return fixes_of(frame, metric_crs)


def counted_in(session: Session, span: Period) -> list[ColumnElement[bool]]:
    """Return what fixes of a span must meet to be looked at; one dated ahead lies in it by its arrival."""
    dated = (FIX.c.fix_at >= span.start, FIX.c.fix_at <= span.end + AHEAD)
    measured = or_(FIX.c.fix_at <= span.end, FIX.c.received_at <= span.end)
    return [visible(session, FIX), FIX.c.standing == "counted", *dated, measured]


def _where(session: Session, spots: Sequence[Spot], span: Period) -> list[ColumnElement[bool]]:
    base = counted_in(session, span)
    cells = _in_cells(session, [spot.place.code for spot in spots if spot.radius_m is None])
    near = [spot for spot in spots if spot.radius_m is not None]
    long = [spot for spot in near if spot.dwell_s]
    came = select(FIX.c.patroller_id).where(*base, _are_near(long))
    return [*base, or_(_are_near(near), *cells, *([FIX.c.patroller_id.in_(came)] if long else []))]


def _are_near(spots: Sequence[Spot]) -> ColumnElement[bool]:
    return or_(false(), *(and_(*_box(spot)) for spot in spots))


def _box(spot: Spot) -> Iterator[ColumnElement[bool]]:
    high = (spot.radius_m or 0) / DEGREE_M
    wide = high / max(cos(radians(spot.latitude)), 0.01)
    yield FIX.c.longitude.between(spot.longitude - wide, spot.longitude + wide)
    yield FIX.c.latitude.between(spot.latitude - high, spot.latitude + high)


def _in_cells(session: Session, codes: Collection[str]) -> list[ColumnElement[bool]]:
    rows = session.execute(select(Cell.level, Cell.id).where(Cell.code.in_(codes))).all() if codes else []
    return [
        FIX.c[f"{level}_id"].in_([number for its_level, number in rows if its_level == level])
        for level in LEVELS
        if any(its_level == level for its_level, _ in rows)
    ]
