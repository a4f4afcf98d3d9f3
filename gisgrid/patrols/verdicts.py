"""Judging fixes as they arrive: each alone before it is stored, then it and those around it in event time.

What a late fix changes for its neighbours is changed in the transaction that stores it, so that flags never depend on
the order of arrival.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, bindparam, func, select, type_coerce, update
from sqlalchemy.orm import Session

from gisgrid.database import UtcDateTime
from gisgrid.geometry import WGS84
from gisgrid.grid.near import Candidates, candidates_on
from gisgrid.grid.place import Place, places
from gisgrid.intake.finding import readable
from gisgrid.once import Row, table_of
from gisgrid.patrols.judge import (
    ACCURACY_M,
    AMONG,
    NEAR_S,
    PLACELESS,
    Booleans,
    Facts,
    Floats,
    Track,
    in_event_order,
    judge_alone,
    judge_among,
)
from gisgrid.patrols.senders import CheckIn
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything

FIX = table_of(Fix)
NEAR: Final = timedelta(seconds=NEAR_S)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
GCJ02: Final = "gcj02"


class Judged(NamedTuple):
    """The flags of a fix by itself, and the cells in which it may lie where one alone is not certain."""

    flags: int
    candidates: Candidates


# --- each alone ------------------------------------------------------------------------------------


def judge_arrivals(
    session: Session,
    sent: Sequence[CheckIn],
    found: Sequence[Place | None],
    is_sealed: Sequence[bool],
    settings: Settings,
) -> list[Judged]:
    """Judge fixes that arrive by themselves; `found` is where they lie, None for what is no place on earth."""
    outside = np.array([place is None or place.cells[0] is None for place in found], dtype=bool)
    accuracy = _floats(fix.accuracy_m for fix in sent)
    longitude = _floats(place.longitude if place else None for place in found)
    latitude = _floats(place.latitude if place else None for place in found)
    possible = _possible(session, sent, longitude, latitude, accuracy, settings.zone)
    facts = Facts(
        fix_us=_microseconds(fix.fix_at for fix in sent),
        received_us=_microseconds(fix.received_at for fix in sent),
        x=_floats(fix.longitude for fix in sent),
        y=_floats(fix.latitude for fix in sent),
        longitude=longitude,
        latitude=latitude,
        accuracy_m=accuracy,
        is_mock=_booleans(bool(fix.attributes.get("is_mock")) for fix in sent),
        is_untimed=_booleans(fix.is_untimed for fix in sent),
        is_sealed=_booleans(is_sealed),
        is_outside=outside,
        is_inside_swapped=_inside_otherwise(session, sent, outside, settings.zone, swapped=True),
        is_inside_unshifted=_inside_otherwise(session, sent, outside, settings.zone, crs=GCJ02),
        is_near_edge=_booleans(bool(its) for its in possible),
    )
    return [Judged(*pair) for pair in zip(judge_alone(facts, settings).tolist(), possible, strict=True)]


def _possible(
    session: Session, sent: Sequence[CheckIn], longitude: Floats, latitude: Floats, accuracy: Floats, zone: ZoneInfo
) -> list[Candidates]:
    found: list[Candidates] = [[] for _ in sent]
    placed = np.flatnonzero(~np.isnan(longitude)).tolist()
    days = [sent[point].fix_at.astimezone(zone).date() for point in placed]
    certain_to_m = np.where(np.isnan(accuracy), ACCURACY_M, accuracy)[placed]
    its = candidates_on(session, longitude[placed], latitude[placed], certain_to_m, days)
    for point, cells in zip(placed, its, strict=True):
        found[point] = cells
    return found


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

Span = tuple[int, datetime, datetime]
"""A sender, and from when to when something new was stored."""


def judge_around(session: Session, stored: Sequence[Row], settings: Settings) -> dict[int, int]:
    """Judge the fixes around some that were just stored; write down and return the flags of those that change."""
    spans = _spans(stored)
    if not spans:
        return {}
    with seeing_everything(session):
        ids, flags, track = _read_around(session, spans)
        found = flags & ~int(AMONG) | judge_among(track, settings)
        is_other = (found != flags) & _may_change(track, spans)
        changed = {int(ids[row]): int(found[row]) for row in np.flatnonzero(is_other)}
        for identifier, its in changed.items():
            session.execute(update(FIX).where(FIX.c.id == identifier).values(flags=its))
    return changed


def _spans(stored: Sequence[Row]) -> list[Span]:
    """Return the spans of new fixes, each sender's apart where nothing new of one can touch the other."""
    keys = sorted((row["sender_id"], row["fix_at"]) for row in stored if not row["flags"] & PLACELESS)
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


def _read_around(session: Session, spans: Sequence[Span]) -> tuple[NDArray[np.int64], NDArray[np.int64], Track]:
    """Return ids, flags and track of all fixes whose flags may change, and of all on which that depends, in order."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    reach = [(sender, start - 2 * NEAR, end + 2 * NEAR) for sender, start, end in spans]
    source, sender, low, high = _table_of(reach, is_sqlite=is_sqlite)
    moment: ColumnElement[Any] = type_coerce(FIX.c.fix_at, String) if is_sqlite else FIX.c.fix_at
    columns = (FIX.c.id, FIX.c.flags, FIX.c.sender_id, readable(FIX.c.fix_at, is_sqlite))
    asked = select(*columns, FIX.c.longitude, FIX.c.latitude, FIX.c.accuracy_m).distinct().select_from(source)
    asked = asked.join(FIX, (FIX.c.sender_id == sender) & moment.between(low, high))
    rows = session.execute(asked.where(FIX.c.flags.bitwise_and(int(PLACELESS)) == 0)).all()
    ids, flags, senders, moments, longitude, latitude, accuracy = zip(*rows, strict=True)
    fix_us = np.array(moments, dtype="datetime64[us]").astype(np.int64)
    track = Track(np.array(senders), fix_us, _floats(longitude), _floats(latitude), _floats(accuracy))
    order = in_event_order(track)
    ordered = Track(*(column[order] for column in track))  # type: ignore[arg-type]
    return np.array(ids)[order], np.array(flags)[order], ordered


def _table_of(spans: Sequence[Span], *, is_sqlite: bool) -> tuple[Any, ...]:
    """Return spans as a source of rows, and its three columns: one parameter, so that the statement stays the same."""
    if is_sqlite:
        words = json.dumps([(sender, _stored(low), _stored(high)) for sender, low, high in spans])
        each = func.json_each(words).table_valued("value")
        sender, low, high = (func.json_extract(each.c.value, f"$[{number}]") for number in range(3))
        return each, sender, low, high
    columns = zip(*spans, strict=True)
    kinds: tuple[Any, ...] = (BigInteger, UtcDateTime, UtcDateTime)
    arrays = [bindparam(None, list(column), type_=ARRAY(kind)) for column, kind in zip(columns, kinds, strict=True)]
    each = func.unnest(*arrays).table_valued("sender", "low", "high").render_derived()
    return each, each.c.sender, each.c.low, each.c.high


def _stored(moment: datetime) -> str:
    """Return a time as SQLite keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
