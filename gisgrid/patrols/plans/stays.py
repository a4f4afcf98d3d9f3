"""Who stayed at a place, and when that makes a round done. Pure.

A stay is an unbroken run of a patroller's fixes within the place. A fix that could lie inside as well as outside, by
its accuracy, neither makes nor breaks one.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.geometry import Floats, points_to_metric
from gisgrid.patrols.plans.spots import Spot

Integers = NDArray[np.int64]

INSIDE, UNCLEAR, OUTSIDE = 1, 0, -1
ACCURACY_M: Final = 30.0
"""What is taken for the accuracy of a fix that tells none."""
SECOND_US: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Stay(NamedTuple):
    """A patroller's fixes of one stay, ascending in microseconds, and those with which the place's code was shown."""

    patroller: int
    moments: Integers
    proved: Integers


class Fixes(NamedTuple):
    """Fixes by patroller and time: moments in microseconds, places in metres, the codes of their three cells."""

    patroller: Integers
    moment: Integers
    x: Floats
    y: Floats
    accuracy_m: Floats
    cells: NDArray[np.object_]
    proved: Integers


def fixes_of(frame: pd.DataFrame, metric_crs: str) -> Fixes:
    """Return fixes in an order that does not depend on the one in which they came.

    Columns: patroller_id, fix_at and received_at (datetime64 with zone), longitude, latitude, accuracy_m,
    proved_checkpoint_id (missing where no code was shown), street_code, community_code, substation_code. Nothing is
    measured after it has arrived: a clock that runs ahead does no rounds beforehand.
    """
    longitude, latitude = frame["longitude"].to_numpy(float), frame["latitude"].to_numpy(float)
    measured = frame[["fix_at", "received_at"]].min(axis="columns")
    moment = measured.dt.as_unit("us").astype("int64").to_numpy()
    patroller = frame["patroller_id"].to_numpy(dtype=np.int64)
    order = np.lexsort((latitude, longitude, moment, patroller))
    x, y = points_to_metric(longitude[order], latitude[order], metric_crs)
    return Fixes(
        patroller[order],
        moment[order],
        x,
        y,
        frame["accuracy_m"].fillna(ACCURACY_M).to_numpy(float)[order],
        frame[["street_code", "community_code", "substation_code"]].to_numpy(dtype=object)[order],
        np.asarray(frame["proved_checkpoint_id"].astype("Int64").fillna(-1), dtype=np.int64)[order],
    )


def stays_at(spot: Spot, fixes: Fixes, gap_s: float) -> list[Stay]:
    """Return the stays at a place; a silence over `gap_s` seconds ends one."""
    lies = lies_at(spot, fixes)
    rows = np.flatnonzero(lies != UNCLEAR)
    is_in, patroller, moment = lies[rows] == INSIDE, fixes.patroller[rows], fixes.moment[rows]
    begins = np.ones(len(rows), dtype=bool)
    is_silent = moment[1:] - moment[:-1] > gap_s * SECOND_US
    begins[1:] = ~is_in[:-1] | (patroller[1:] != patroller[:-1]) | is_silent
    number = np.cumsum(begins)[is_in]
    inside = rows[is_in]
    return [_stay(spot, fixes, run) for run in np.split(inside, np.flatnonzero(np.diff(number)) + 1) if len(run)]


def _stay(spot: Spot, fixes: Fixes, run: Integers) -> Stay:
    moments = fixes.moment[run]
    return Stay(int(fixes.patroller[run[0]]), moments, moments[fixes.proved[run] == spot.row])


def lies_at(spot: Spot, fixes: Fixes) -> NDArray[np.int8]:
    """Tell of each fix whether it lies INSIDE a place, OUTSIDE, or is UNCLEAR."""
    if spot.radius_m is None:
        return np.where((fixes.cells == spot.place.code).any(axis=1), INSIDE, OUTSIDE).astype(np.int8)
    away = np.hypot(fixes.x - spot.x, fixes.y - spot.y)
    edge = np.where(away <= spot.radius_m + fixes.accuracy_m, UNCLEAR, OUTSIDE)
    return np.where(away <= spot.radius_m, INSIDE, edge).astype(np.int8)


def done_at(
    spot: Spot, stays: Iterable[Stay], who: Collection[int] | None, start_at: datetime, last_at: datetime
) -> datetime | None:
    """Return when somebody had first been at a place long enough, and shown its code where one is asked for.

    Only what lies within `[start_at, last_at]` counts. `who` are the patrollers whose visit it has to be, None anybody.
    """
    start, last = us(start_at), us(last_at)
    found = [
        moment
        for stay in stays
        if who is None or stay.patroller in who
        if (moment := _enough(spot, stay, start, last)) is not None
    ]
    return EPOCH + timedelta(microseconds=min(found)) if found else None


def _enough(spot: Spot, stay: Stay, start: int, last: int) -> int | None:
    """Return when the part of a stay within a span is long enough, and the code is shown."""
    if stay.moments[-1] < start or stay.moments[0] > last:
        return None  # which is so of most
    within = _within(stay.moments, start, last)
    if not len(within):
        return None
    long_enough = within[within - within[0] >= spot.dwell_s * SECOND_US]
    if not len(long_enough):
        return None
    if not spot.needs_code:
        return int(long_enough[0])
    proved = _within(stay.proved, start, last)
    return int(max(long_enough[0], proved[0])) if len(proved) else None


def _within(moments: Integers, start: int, last: int) -> Integers:
    return moments[np.searchsorted(moments, start) : np.searchsorted(moments, last, side="right")]


def us(moment: datetime) -> int:
    """Return a time in microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
