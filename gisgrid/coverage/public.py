"""What anybody may see of a report: aggregates over one settled period, without small counts. Pure."""

from datetime import datetime, timedelta
from typing import Final

from gisgrid.coverage.heat import SeenSquares
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Note
from gisgrid.errors import Forbidden
from gisgrid.parameters import Period
from gisgrid.settings import Settings

DAYS: Final = 30
FEWEST: Final = 5
"""Counts below are left out, others told as the nearest multiple: what one cell hides, no sum or difference tells."""
HOUR_S: Final = 3600
HIDDEN: Final = ("outside", "excluded", "quarantined", "delivered_late", "revision", "fingerprint", "received")
COUNTS: Final = ("check_ins", "patrollers", "patrols", "visits")
UNTOLD: Final = (
    *("certain_visits", "quarantined", "effort_m2", "redundancy", "seen_squares", "square_ratio"),
    *("idleness_s", "worst_idle_s", "seen_last_at", "share_in_band", "evenness", "demand_match"),
    *("rounds_done", "rounds_done_late", "rounds_missed", "rounds_unconfirmed", "rounds_ratio", "open_gaps"),
    *("reported", "filed", "closed", "in_time", "overdue", "suspended", "extended", "returned"),
    *("closing_ratio", "in_time_ratio", "responses", "response_s", "closing_s"),
)
"""What the public is not told: small counts, or when somebody is where."""
SMALL: Final = Note(
    zh=f"公开数据:小于 {FEWEST} 的计数不显示,其余取 {FEWEST} 的整数倍;时段固定为昨天为止的 {DAYS} 天",
    en=f"for the public: counts below {FEWEST} are left out, others are multiples of {FEWEST}; the period is the "
    f"{DAYS} days up to yesterday",
)


class PublicPeriod(Forbidden):
    """The public asks for a period of its own: of short ones, or two that differ by a day, one could tell persons."""


def public_period(asked: Period | None, settings: Settings) -> Period:
    """Return the one period that the public sees: the 30 local days up to yesterday. Raises PublicPeriod."""
    today = datetime.now(settings.zone).date()
    only = Period.last_days(DAYS, today - timedelta(days=1), settings.zone)
    if asked not in (None, only):
        raise PublicPeriod(
            f"公开地图只提供昨天为止的 {DAYS} 天;登录后可选其他时段",
            f"the public map has the {DAYS} days up to yesterday only; sign in for others",
        )
    return only


def for_public(report: CoverageReport) -> CoverageReport:
    """Return the report without small counts, and without what lies in no cell or was left out."""
    cells = [_coarse(cell) for cell in report.cells]
    notes = [*report.notes, SMALL]
    return report.model_copy(update={**dict.fromkeys(HIDDEN), "cells": cells, "cells_before": [], "notes": notes})


def squares_for_public(seen: SeenSquares) -> SeenSquares:
    """Return the squares that were seen on FEWEST days or more, with multiples of that."""
    told = seen.squares[seen.squares["days"] >= FEWEST]
    return seen._replace(squares=told.assign(days=(told["days"] + FEWEST // 2) // FEWEST * FEWEST))


def _coarse(cell: CellFigures) -> CellFigures:
    counts = {name: _multiple(getattr(cell, name)) for name in COUNTS}
    is_told = counts["patrollers"] is not None and cell.dwell_s is not None
    dwell_s = round((cell.dwell_s or 0) / HOUR_S) * HOUR_S if is_told else None
    return cell.model_copy(update={**dict.fromkeys(UNTOLD), **counts, "dwell_s": dwell_s})


def _multiple(count: int | None) -> int | None:
    if count is None or 0 < count < FEWEST:
        return None
    return (count + FEWEST // 2) // FEWEST * FEWEST
