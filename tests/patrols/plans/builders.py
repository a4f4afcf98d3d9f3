"""Plans, places and fixes with defaults, for mental arithmetic: metres and minutes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gisgrid.patrols.plans.rounds import Planned, Round
from gisgrid.patrols.plans.spots import Spot
from gisgrid.patrols.plans.stays import Fixes
from gisgrid.patrols.plans.terms import Place, Terms, Window

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 26)
"""A Thursday."""
EVE = datetime(2026, 10, 1, tzinfo=UTC)
QUAY = Place("checkpoint", "C1")
NINE = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shenzhen."""


def clock(text: str) -> time:
    return time.fromisoformat(text)


def a_window(text: str) -> Window:
    """Return the window of "08:00-12:00"."""
    return Window(*map(clock, text.split("-")))


def terms(**changes: Any) -> Terms:
    """Return terms: C1 at nine for an hour, with a quarter of an hour's grace, by anybody."""
    windows = tuple(map(a_window, changes.pop("windows", ())))
    at = tuple(map(clock, changes.pop("at", () if windows else ("09:00",))))
    given = {"since": date(2026, 11, 1), "places": (QUAY,), "by_anyone": True, "duration_min": 60, "grace_min": 15}
    return Terms(**{**given, "at": at, "windows": windows, **changes})


def a_plan(*its: Terms, **changes: Any) -> Planned:
    given = {"id": 3, "seed": b"secret", "first_day": date(2026, 11, 1), "last_day": None}
    return Planned(**{**given, "made_at": EVE, "ended_at": None, "terms": its or (terms(),), **changes})


def a_round(start_at: datetime = NINE, minutes: int = 60, grace: int = 15) -> Round:
    end = start_at + timedelta(minutes=minutes)
    return Round(3, DAY, 1, QUAY, start_at, end, end + timedelta(minutes=grace))


def a_spot(**changes: Any) -> Spot:
    """Return a checkpoint of 50 m at (0, 0)."""
    given = {"place": QUAY, "row": 7, "name": "码头", "longitude": 114.4, "latitude": 22.6, "x": 0.0, "y": 0.0}
    return Spot(**{**given, "radius_m": 50.0, **changes})


def fixes(rows: Sequence[tuple[Any, ...]], **columns: Any) -> Fixes:
    """Return fixes of (patroller, minutes after nine, metres east); further columns as they are given."""
    n = len(rows)
    patroller, minutes, x = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    start = int(NINE.timestamp()) * 1_000_000
    moment = start + np.asarray(np.round(np.asarray(minutes, dtype=float) * 60e6), dtype=np.int64)
    given = {
        "patroller": np.asarray(patroller, dtype=np.int64),
        "moment": moment,
        "x": np.asarray(x, dtype=np.float64),
        "y": np.zeros(n),
        "accuracy_m": np.full(n, 5.0),
        "cells": np.full((n, 3), None, dtype=object),
        "proved": np.full(n, -1, dtype=np.int64),
    }
    return Fixes(**{**given, **{name: np.asarray(value) for name, value in columns.items()}})


def after_nine(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)
