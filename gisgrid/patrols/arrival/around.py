"""The fixes around others in event time: on what it depends whether they are out of reach, or frozen."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from gisgrid.patrols.judge import NEAR_S, NEIGHBOURS, PLACELESS, Booleans, Track, in_event_order

NEAR: Final = timedelta(seconds=NEAR_S)
Span = tuple[int, datetime, datetime]
"""A sender, and from when to when something new was stored."""


class Around(NamedTuple):
    """Fixes in event order, with their rows and flags."""

    ids: NDArray[np.int64]
    flags: NDArray[np.int64]
    track: Track


def read_around(session: Session, spans: Sequence[Span]) -> Around:
    """Return the fixes whose flags may change, and those on which that depends.

    The next few on both sides tell who was out of reach. What is further off matters only to senders who were twice at
    the very same place: it may be frozen.
    """
    few = _read(session, NEXT_FEW, spans)
    still = _senders_at_rest(few.track)
    if not still:
        return few
    wide = [(sender, start - 2 * NEAR, end + 2 * NEAR) for sender, start, end in spans if sender in still]
    moving = ~np.isin(few.track.sender, list(still))
    return _ordered(_part(few, moving), _read(session, WITHIN, wide))


def _senders_at_rest(track: Track) -> set[int]:
    places = np.column_stack((track.sender, track.longitude, track.latitude))
    each, count = np.unique(places, axis=0, return_counts=True)
    return {int(sender) for sender in each[count > 1, 0]}


def _part(around: Around, chosen: Booleans | NDArray[np.intp]) -> Around:
    track = Track(*(column[chosen] for column in around.track))  # type: ignore[arg-type]
    return Around(around.ids[chosen], around.flags[chosen], track)


def _ordered(*parts: Around) -> Around:
    ids, flags = (np.concatenate([part[number] for part in parts]) for number in range(2))
    columns = zip(*(part.track for part in parts), strict=True)
    track = Track(*(np.concatenate(column) for column in columns))
    order = in_event_order(track)
    return _part(Around(ids, flags, track), order)


def _read(session: Session, words: dict[str, TextClause], spans: Sequence[Span]) -> Around:
    """Return the fixes that words find around spans, in order."""
    dialect = session.get_bind().dialect.name
    rows = session.execute(words[dialect], _given(spans, dialect)).all()
    ids, flags, senders, moments, longitude, latitude, accuracy = zip(*rows, strict=True) if rows else [()] * 7
    fix_us = np.array(moments, dtype="datetime64[us]").astype(np.int64)
    places = (np.array(values, dtype=np.float64) for values in (longitude, latitude, accuracy))
    track = Track(np.array(senders, dtype=np.int64), fix_us, *places)
    return _ordered(Around(np.array(ids, dtype=np.int64), np.array(flags, dtype=np.int64), track))


def _given(spans: Sequence[Span], dialect: str) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"spans": json.dumps([(sender, _stored(low), _stored(high)) for sender, low, high in spans])}
    senders, lows, highs = (list(column) for column in zip(*spans, strict=True))
    return {"senders": senders, "lows": lows, "highs": highs}


def _stored(moment: datetime) -> str:
    """Return a time as SQLite keeps it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


# words, for the two databases have no common way to ask for a few rows beside each of many

_BESIDE = f"sender_id = s.sender AND flags & {int(PLACELESS)} = 0 AND fix_at"
_LATEST = f"{_BESIDE} < s.low ORDER BY fix_at DESC, longitude DESC, latitude DESC LIMIT {2 * NEIGHBOURS}"
_NEXT = f"{_BESIDE} > s.high ORDER BY fix_at, longitude, latitude LIMIT {2 * NEIGHBOURS}"
_BETWEEN = f"{_BESIDE} BETWEEN s.low AND s.high"


# {ids}: the rows that stand beside a span `s`
SQLITE: Final = """
WITH s AS (SELECT value ->> 0 AS sender, value ->> 1 AS low, value ->> 2 AS high FROM json_each(:spans))
SELECT DISTINCT f.id, f.flags, f.sender_id, f.fix_at, f.longitude, f.latitude, f.accuracy_m
FROM s JOIN fixes f ON f.id IN ({ids})
"""
POSTGRESQL: Final = """
SELECT DISTINCT f.id, f.flags, f.sender_id, (extract(epoch FROM f.fix_at) * 1000000)::bigint,
    f.longitude, f.latitude, f.accuracy_m
FROM unnest(CAST(:senders AS bigint[]), CAST(:lows AS timestamptz[]), CAST(:highs AS timestamptz[]))
    AS s(sender, low, high)
CROSS JOIN LATERAL ({ids}) AS beside JOIN fixes f ON f.id = beside.id
"""
PART: Final = "SELECT id FROM (SELECT id FROM fixes WHERE {condition}) AS part"


def _asked(*conditions: str) -> dict[str, TextClause]:
    ids = " UNION ALL ".join(PART.replace("{condition}", condition) for condition in conditions)
    return {"sqlite": text(SQLITE.replace("{ids}", ids)), "postgresql": text(POSTGRESQL.replace("{ids}", ids))}


WITHIN: Final = _asked(_BETWEEN)
NEXT_FEW: Final = _asked(_LATEST, _BETWEEN, _NEXT)
