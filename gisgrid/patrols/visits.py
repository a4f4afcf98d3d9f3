"""Which unbroken stays a patroller's fixes make: in which cell, from when to when. Pure."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

OUTSIDE = -1
HALVINGS = 18
"""Halvings of a stretch of track until the border is found: half an hour to 7 ms."""


class Ground(Protocol):
    """The cells of one level, numbered; OUTSIDE is in none."""

    def cells_at(self, longitude: Floats, latitude: Floats) -> Integers:
        """Return the number of the cell that covers each point."""

    def is_certain(self, cell: Integers, longitude: Floats, latitude: Floats, accuracy_m: Floats) -> Booleans:
        """Tell whether each fix lies in its cell (or outside all) with p > 0.95."""


class _Runs(NamedTuple):
    """Fixes in a row in one cell without a silence: first and last row, cell, and whether a silence lies before."""

    first: Integers
    last: Integers
    cell: Integers
    opens: Booleans


class Beats(NamedTuple):
    """Signs of life without a position: whose each is, and when, in microseconds; in any order."""

    patroller: Integers
    moment: Integers


NO_BEATS = Beats(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def find_visits(
    fixes: pd.DataFrame, cell: Integers, ground: Ground, gap_s: float, beats: Beats = NO_BEATS
) -> pd.DataFrame:
    """Return the visits as `patroller_id, cell, started_at, ended_at, first, last`, by patroller and start.

    `fixes` has `patroller_id, fix_at, longitude, latitude, accuracy_m`, ordered by patroller and time; `cell` is the
    number of the cell of each. A visit's fixes are the rows from `first` to `last`. It ends at a fix in another cell
    that is certain, at the second fix in a row there, or at a silence over `gap_s` seconds that no heartbeats bridge.
    It reaches to where the straight line to the neighbouring fix crosses the border, unless that is more than `gap_s`
    away. Being outside interrupts a visit and is none.
    """
    moment = fixes["fix_at"].dt.as_unit("us").astype("int64").to_numpy()
    patroller, gap_us = fixes["patroller_id"].to_numpy(), round(gap_s * 1e6)
    far = _silent(patroller, moment, gap_us, NO_BEATS)
    silent = _silent(patroller, moment, gap_us, beats) if len(beats.moment) else far
    runs = _runs(cell, silent)
    visits = _merged(runs, _stays(runs, fixes, ground))
    visits = _Runs(*(column[visits.cell != OUTSIDE] for column in visits))
    crossing = _crossing(fixes, moment, ground)
    start = crossing(visits.first, visits.first - 1, visits.cell, ~far[visits.first])
    end = crossing(visits.last, visits.last + 1, visits.cell, ~far[visits.last + 1])
    return pd.DataFrame(
        {
            "patroller_id": fixes["patroller_id"].to_numpy()[visits.first],
            "cell": visits.cell,
            "started_at": pd.to_datetime(start, unit="us", utc=True),
            "ended_at": pd.to_datetime(end, unit="us", utc=True),
            "first": visits.first,
            "last": visits.last,
        }
    )


def _silent(patroller: Integers, moment: Integers, gap_us: int, beats: Beats) -> Booleans:
    """Tell whether a silence, or another person, lies before each row; one entry more, for the end."""
    who = np.concatenate((patroller, beats.patroller))
    when = np.concatenate((moment, beats.moment))
    order = np.lexsort((when, who))
    who, when = who[order], when[order]
    stretch = np.zeros(len(order), dtype=np.int64)
    stretch[order[1:]] = np.cumsum((who[1:] != who[:-1]) | (when[1:] - when[:-1] > gap_us))
    silent = np.ones(len(moment) + 1, dtype=bool)
    silent[1:-1] = np.diff(stretch[: len(moment)]) != 0
    return silent


def _runs(cell: Integers, silent: Booleans) -> _Runs:
    begins = silent[:-1].copy()
    begins[1:] |= cell[1:] != cell[:-1]
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(cell))[: len(first)] - 1
    return _Runs(first, last, cell[first], silent[first])


def _stays(runs: _Runs, fixes: pd.DataFrame, ground: Ground) -> Booleans:
    """Tell which runs put the patroller in their cell: two fixes, a certain one, or the first after a silence."""
    stays = runs.opens | (runs.last > runs.first)
    lone = np.flatnonzero(~stays)
    at = fixes.iloc[runs.first[lone]]
    longitude, latitude = at["longitude"].to_numpy(), at["latitude"].to_numpy()
    stays[lone] = ground.is_certain(runs.cell[lone], longitude, latitude, at["accuracy_m"].to_numpy())
    return stays


def _merged(runs: _Runs, stays: Booleans) -> _Runs:
    """Drop the runs that decide nothing, and join what they parted."""
    current = runs.cell[np.maximum.accumulate(np.where(stays, np.arange(len(stays)), 0))]
    kept = _Runs(*(column[stays | (runs.cell == current)] for column in runs))
    begins = kept.opens.copy()
    begins[1:] |= kept.cell[1:] != kept.cell[:-1]
    ends = np.append(begins[1:], True)[: len(begins)]
    return _Runs(kept.first[begins], kept.last[ends], kept.cell[begins], kept.opens[begins])


def _crossing(fixes: pd.DataFrame, moment: Integers, ground: Ground) -> Callable[..., Integers]:
    """Return the function that says when the border was crossed between a row inside a cell and one outside it."""
    longitude, latitude = fixes["longitude"].to_numpy(), fixes["latitude"].to_numpy()

    def crossing(inside: Integers, outside: Integers, cell: Integers, is_near: Booleans) -> Integers:
        """Return microseconds; the time of the fix inside where the other `is_near` not."""
        found = moment[inside]
        a, b, wanted = inside[is_near], outside[is_near], cell[is_near]
        within, beyond = np.zeros(len(a)), np.ones(len(a))
        for _ in range(HALVINGS):
            part = (within + beyond) / 2
            x = longitude[a] + part * (longitude[b] - longitude[a])
            y = latitude[a] + part * (latitude[b] - latitude[a])
            is_inside = ground.cells_at(x, y) == wanted
            within, beyond = np.where(is_inside, part, within), np.where(is_inside, beyond, part)
        found[is_near] += np.rint(within * (moment[b] - moment[a])).astype(np.int64)
        return found

    return crossing
