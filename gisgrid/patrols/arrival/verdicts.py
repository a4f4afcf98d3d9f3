"""Judging fixes as they arrive: each alone before it is stored, then it and those around it in event time.

What a late fix changes for its neighbours is changed in the transaction that stores it, so that flags never depend on
the order of arrival.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.geometry import WGS84
from gisgrid.grid.place import Place, places
from gisgrid.grid.relocate import AT_A_TIME, RELOCATED
from gisgrid.once import Row, table_of
from gisgrid.patrols.arrival.around import NEAR, Span, read_around
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.judge import (
    ACCURACY_M,
    AMONG,
    IN_A_GRID,
    PLACELESS,
    QUARANTINED,
    Booleans,
    Facts,
    Flag,
    Floats,
    Track,
    judge_alone,
    judge_among,
)
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything

FIX = table_of(Fix)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
GCJ02: Final = "gcj02"
NOWHERE: Final = int(PLACELESS)


# --- each alone ------------------------------------------------------------------------------------


def judge_arrivals(
    session: Session,
    sent: Sequence[CheckIn],
    found: Sequence[Place | None],
    is_sealed: Sequence[bool],
    settings: Settings,
) -> list[int]:
    """Return the flags of fixes that arrive; `found` is where they lie, None for what is no place on earth."""
    outside = np.array([place is None or place.cells[0] is None for place in found], dtype=bool)
    facts = Facts(
        fix_us=_microseconds(fix.fix_at for fix in sent),
        received_us=_microseconds(fix.received_at for fix in sent),
        x=_floats(fix.longitude for fix in sent),
        y=_floats(fix.latitude for fix in sent),
        longitude=_floats(place.longitude if place else None for place in found),
        latitude=_floats(place.latitude if place else None for place in found),
        accuracy_m=_floats(fix.accuracy_m for fix in sent),
        is_mock=_booleans(bool(fix.attributes.get("is_mock")) for fix in sent),
        is_untimed=_booleans(fix.is_untimed for fix in sent),
        is_sealed=_booleans(is_sealed),
        is_outside=outside,
        is_inside_swapped=_inside_otherwise(session, sent, outside, settings.zone, swapped=True),
        is_inside_unshifted=_inside_otherwise(session, sent, outside, settings.zone, crs=GCJ02),
        is_near_edge=_booleans(place is not None and bool(place.candidates) for place in found),
    )
    flags: list[int] = judge_alone(facts, settings).tolist()
    return flags


def _inside_otherwise(
    session: Session,
    sent: Sequence[CheckIn],
    outside: Booleans,
    zone: ZoneInfo,
    *,
    swapped: bool = False,
    crs: str | None = None,
) -> Booleans:
    """Tell which fixes outside lie in a cell if their axes are swapped, or if WGS 84 is not what they are in."""
    inside = np.zeros(len(sent), dtype=bool)
    doubtful = [number for number in np.flatnonzero(outside).tolist() if sent[number].crs == WGS84]
    if doubtful:
        fixes = [sent[number] for number in doubtful]
        pairs = [(fix.latitude, fix.longitude) if swapped else (fix.longitude, fix.latitude) for fix in fixes]
        x, y = (_floats(values).tolist() for values in zip(*pairs, strict=True))
        moments = [fix.fix_at for fix in fixes]
        found = places(session, x, y, [crs or WGS84] * len(fixes), moments, zone)
        inside[doubtful] = [place is not None and place.cells[0] is not None for place in found]
    return inside


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _booleans(values: Iterable[bool]) -> Booleans:
    return np.array(list(values), dtype=bool)


def _microseconds(moments: Iterable[datetime]) -> NDArray[np.int64]:
    return np.array([(moment - EPOCH) // MICROSECOND for moment in moments], dtype=np.int64)


# --- among the others of their senders -------------------------------------------------------------


def judge_around(session: Session, stored: Sequence[Row], settings: Settings) -> dict[int, int]:
    """Judge the fixes around some that were just stored; write down and return the flags of those that change."""
    spans = _spans(stored)
    if not spans:
        return {}
    with seeing_everything(session):
        around = read_around(session, spans)
        found = around.flags & ~int(AMONG) | judge_among(around.track, settings)
        is_other = (found != around.flags) & _may_change(around.track, spans)
        changed = {int(around.ids[row]): int(found[row]) for row in np.flatnonzero(is_other)}
        for identifier, its in changed.items():
            session.execute(update(FIX).where(FIX.c.id == identifier).values(flags=its))
    return changed


def _spans(stored: Sequence[Row]) -> list[Span]:
    """Return the spans of new fixes, each sender's apart where nothing new of one can touch the other."""
    keys = sorted((row["sender_id"], row["fix_at"]) for row in stored if not row["flags"] & NOWHERE)
    found = []
    for sender, group in groupby(keys, key=lambda key: key[0]):
        moments = [moment for _, moment in group]
        begins = [number for number, moment in enumerate(moments) if not number or moment - moments[number - 1] > NEAR]
        ends = [*begins[1:], len(moments)]
        found += [(sender, moments[begin], moments[end - 1]) for begin, end in zip(begins, ends, strict=True)]
    return found


def _may_change(track: Track, spans: Sequence[Span]) -> Booleans:
    """Tell which fixes lie within NEAR of something new; the others are only looked at, without all that they need."""
    near = np.zeros(len(track.sender), dtype=bool)
    for sender, start, end in spans:
        low, high = _microseconds((start - NEAR, end + NEAR))
        near |= (track.sender == sender) & (track.fix_us >= low) & (track.fix_us <= high)
    return near


# --- in another grid -------------------------------------------------------------------------------


def judge_anew(session: Session, begin: datetime, settings: Settings) -> None:
    """Judge the fixes since a time by the grid that is now in force; each stands by it, but for what is evidence."""
    with seeing_everything(session):
        asked, last = select(FIX).where(FIX.c.fix_at >= begin).order_by(FIX.c.id).limit(AT_A_TIME), 0
        while rows := [dict(row) for row in session.execute(asked.where(FIX.c.id > last)).mappings()]:
            _judge_anew(session, rows, settings)
            last = rows[-1]["id"]


def _judge_anew(session: Session, rows: Sequence[Row], settings: Settings) -> None:
    sent = [_as_sent(row) for row in rows]
    accuracy = np.array([ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m for fix in sent])
    x, y = (_floats(getattr(fix, name) for fix in sent) for name in ("longitude", "latitude"))
    moments, systems = [fix.fix_at for fix in sent], [fix.crs for fix in sent]
    found = places(session, x.tolist(), y.tolist(), systems, moments, settings.zone, accuracy)
    fresh = judge_arrivals(session, sent, found, [bool(row["flags"] & Flag.SEALED) for row in rows], settings)
    changed = []
    for row, place, flags in zip(rows, found, fresh, strict=True):
        its = row["flags"] & ~int(IN_A_GRID) | flags & int(IN_A_GRID)
        its &= ~int(AMONG) if its & NOWHERE else ~0
        told = {"flags": its, "candidates": place and place.candidates_kept, "standing": _stands(row, its)}
        if any(row[name] != value for name, value in told.items()):
            session.execute(update(FIX).where(FIX.c.id == row["id"]).values(told))
            changed.append({**row, "flags": row["flags"] & its})  # of what was or is placeless the others are asked
    judge_around(session, changed, settings)


def _as_sent(row: Row) -> CheckIn:
    names = ("fix_at", "received_at", "crs", "accuracy_m")
    return CheckIn(
        None,
        longitude=row["raw_longitude"],
        latitude=row["raw_latitude"],
        is_untimed=bool(row["flags"] & Flag.UNTIMED),
        attributes=json.loads(row["attributes"] or "{}"),
        **{name: row[name] for name in names},
    )


def _stands(row: Row, flags: int) -> str:
    """Return how a fix stands that is judged anew: what is withheld or evidence stays so."""
    if row["standing"] not in ("counted", "quarantined"):
        return str(row["standing"])
    return "quarantined" if flags & QUARANTINED and not row["is_released"] else "counted"


FIX.info[RELOCATED] = judge_anew
