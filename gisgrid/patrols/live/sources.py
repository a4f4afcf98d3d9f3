"""What there is to be watched in patrols: who is on duty and where, what came in, what is doubtful or was missed."""

from collections import Counter
from collections.abc import Hashable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.parameters import Page
from gisgrid.patrols.alarms.calls import alarms_page
from gisgrid.patrols.doubts.review import FIX, QUARANTINE, quarantined
from gisgrid.patrols.duty.on_duty import duties_seen
from gisgrid.patrols.judge import names_of
from gisgrid.patrols.live.arrivals import arrivals
from gisgrid.patrols.live.watch import Source, State
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.present import gaps_page, open_gaps, rounds_of_day
from gisgrid.patrols.plans.schemas import GapRecord
from gisgrid.settings import Settings
from gisgrid.sight import visible

MOST_ALARMS: Final = Page(limit=50, offset=0)
MOST_GAPS: Final = Page(limit=200, offset=0)


def _counts(session: Session, settings: Settings, now: datetime) -> State:
    """Tell how many are on duty, how many of them silent, and how many are in which cell: of whom a place is known."""
    duties = duties_seen(session, settings, now).values()
    cells = [each["position"]["cell"] for each in duties if each["position"]]
    return {
        "on_duty": len(duties),
        "silent": sum(each["is_silent"] for each in duties),
        "cells": Counter(cell["code"] for cell in cells if cell),
    }


def _doubts(session: Session, _: Settings, __: datetime) -> State:
    asked = select(FIX.c.id, FIX.c.received_at, FIX.c.flags).where(visible(session, FIX), *QUARANTINE)
    newest = session.execute(asked.order_by(FIX.c.received_at.desc(), FIX.c.id.desc()).limit(1)).first()
    told = None
    if newest is not None:
        at = newest.received_at.isoformat(timespec="seconds")
        told = {"id": newest.id, "received_at": at, "flags": names_of(newest.flags)}
    return {"waiting": quarantined(session), "newest": told}


def _alarms(session: Session, _: Settings, __: datetime) -> State:
    """Tell of the calls for help that nobody has acknowledged, by their numbers."""
    rows = alarms_page(session, MOST_ALARMS, is_open=True)[1]
    return {str(row["id"]): _alarm(row) for row in rows}


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("patroller", "name", "device", "longitude", "latitude", "words")}
    return {**told, "raised_at": row["raised_at"].isoformat(timespec="seconds")}


def _rounds(session: Session, settings: Settings, now: datetime) -> State:
    """Tell how many of today's rounds stand how, and how many gaps are open."""
    today = now.astimezone(settings.zone).date()
    rounds = rounds_of_day(session, settings, today, now).rounds
    return {**Counter(each.state for each in rounds), "gaps": open_gaps(session)}


def _gaps(session: Session, settings: Settings, _: datetime) -> State:
    """Tell of the open gaps, the newest, by their numbers."""
    return {str(gap.id): _gap(gap, settings) for gap in gaps_page(session, MOST_GAPS, is_open=True)[1]}


def _gap(gap: GapRecord, settings: Settings) -> dict[str, Any]:
    told = {"kind": gap.kind, "code": gap.code, "place": gap.name, "cell": gap.cell_code, "level": gap.level}
    day = gap.start_at.astimezone(settings.zone).date()
    return {**told, "day": day.isoformat(), "opened_at": gap.opened_at.isoformat(timespec="seconds")}


def _gaps_version(session: Session) -> Hashable:
    """Return what changes whenever a gap opens, goes up or is closed."""
    figures = (func.count(), func.max(GAP.c.id), func.max(GAP.c.level_since))
    asked = select(*figures).select_from(GAP).where(visible(session, GAP), GAP.c.closed_as.is_(None))
    return tuple(session.execute(asked).one())


SOURCES: Final = (
    Source("duty", "coverage", _counts),
    Source("arrivals", "coverage", arrivals),
    Source("alarms", "tracks", _alarms, tells_persons=True),
    Source("positions", "tracks", duties_seen, tells_persons=True, is_reading=True),
    Source("doubts", "tracks", _doubts, tells_persons=True),
    Source("rounds", "tracks", _rounds, every_s=15.0),
    Source("gaps", "tracks", _gaps, every_s=60.0, version=_gaps_version),
)
"""What there is to be watched in patrols; the application adds what others tell."""
