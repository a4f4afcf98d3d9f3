"""Where the ground was seen, and how often: unit squares by the number of days on which anybody was in them.

A day at a time that would be somebody's track, so it is told of a week or more only.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.coverage.days.find import days_of
from gisgrid.coverage.figures import local_day, parts_between
from gisgrid.coverage.ground.squares import SIDE_M, Integers, Squares, block_of, boxes
from gisgrid.coverage.schemas import SquaresSeen
from gisgrid.errors import Refused
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing_everything, sight_of

MOST: Final = 10_000
"""More squares than this are told as blocks."""
BLOCK: Final = 5
"""Squares along each side of a block."""
SHORTEST: Final = 7
"""Days."""
DECIMALS: Final = 6


class TooFewDays(Refused):
    """Squares of so few days would show the way of whoever walked on them."""


class SeenSquares(NamedTuple):
    """Squares with sides of `side_m`, on how many `days` each was seen `of_days`.

    `squares`: number, west, south, east, north (degrees, to a metre), days; by number. Sealed days are in neither.
    """

    side_m: int
    of_days: int
    squares: pd.DataFrame


def squares_seen(session: Session, settings: Settings, period: Period, most: int = MOST) -> SeenSquares:
    """Return the patrollable squares that were seen in a period, those in the cells that the session answers for.

    The days that the period touches are taken whole, up to today. Raises NoGrid, TooFewDays.
    """
    sight, today = sight_of(session), local_day(datetime.now(UTC), settings)
    first, last = local_day(period.start, settings), min(local_day(period.last_moment, settings), today)
    if (last - first).days + 1 < SHORTEST:
        raise TooFewDays(
            f"热力图至少要 {SHORTEST} 天:天数太少等于看到某人的轨迹;请选更长的时段",
            f"heat needs {SHORTEST} days: that of fewer would be somebody's track; choose a longer period",
        )
    with seeing_everything(session):
        parts = parts_between(session, settings, first, last)
        days = days_of(session, settings, parts)
    if not parts:
        return SeenSquares(SIDE_M, 0, _frame(np.empty(0, np.int64), np.empty(0, np.int64), SIDE_M, settings))
    own = _own(parts[-1].on.ground.squares, sight)
    seen = [np.intersect1d(day.squares, own, assume_unique=True) for day in days]
    side = 1
    if len(np.unique(np.concatenate([*seen, own[:0]]))) > most:
        side, seen = BLOCK, [np.unique(block_of(each, BLOCK)) for each in seen]
    numbers, counts = np.unique(np.concatenate([*seen, own[:0]]), return_counts=True)
    return SeenSquares(side * SIDE_M, len(parts), _frame(numbers, counts, side * SIDE_M, settings))


def as_squares(seen: SeenSquares) -> SquaresSeen:
    """Return squares as they go over the wire, to a tenth of a metre."""
    edges = seen.squares[["west", "south", "east", "north"]].round(DECIMALS)
    rows = edges.assign(days=seen.squares["days"]).itertuples(index=False, name=None)
    most = int(seen.squares["days"].max()) if len(seen.squares) else 0
    return SquaresSeen(side_m=seen.side_m, squares=list(rows), of_days=seen.of_days, most=most)


def _own(squares: Squares, sight: Sight) -> Integers:
    """Return the numbers of the squares in cells that are answered for."""
    if sight.everything:
        return squares.numbers
    return squares.numbers[np.isin(squares.codes.astype(str), sorted(sight.codes)).any(axis=1)]


def _frame(numbers: Integers, days: Integers, side_m: int, settings: Settings) -> pd.DataFrame:
    edges = boxes(numbers, side_m, settings.metric_crs)
    return pd.DataFrame({"number": numbers, **edges._asdict(), "days": days.astype(np.int64)})
