"""Heartbeats of whoever was on duty: a phone at rest sends nothing else, and its patroller is still there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import CompoundSelect, String, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from gisgrid.intake.finding import readable
from gisgrid.once import table_of
from gisgrid.parameters import Period
from gisgrid.patrols.tables import DEVICE, Heartbeat, Patroller, Shift
from gisgrid.patrols.visits import Beats
from gisgrid.sight import visible

BEAT, SHIFT, SENDER = table_of(Heartbeat), table_of(Shift), table_of(Patroller)


def beats_in(session: Session, period: Period) -> Beats:
    """Return the heartbeats of a period, each as that of whoever was on duty with its sender then."""
    found = _carried(session, period).subquery()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = session.execute(select(found.c.patroller_id, readable(found.c.beat_at, is_sqlite))).all()
    who, when = zip(*rows, strict=True) if rows else ((), ())
    moment = np.array(when, dtype="datetime64[us]").astype(np.int64)
    return Beats(np.array(who, dtype=np.int64), moment)


def beats_version(session: Session, period: Period) -> tuple[int, ...]:
    """Return numbers that are others once other heartbeats of a period bridge a silence, or another's."""
    found = _carried(session, period).subquery()
    whose = func.sum(found.c.patroller_id * (found.c.id % 8191))
    row = session.execute(select(func.count(), func.coalesce(func.sum(found.c.id), 0), func.coalesce(whose, 0))).one()
    return tuple(map(int, row))


def last_beats(session: Session, patrollers: Sequence[int], since: datetime) -> dict[int, datetime]:
    """Return the last heartbeat of each of some patrollers, if it is of a time or later."""
    found = _carried(session, Period(since, datetime.max.replace(tzinfo=UTC))).subquery()
    asked = select(found.c.patroller_id, func.max(found.c.beat_at)).where(found.c.patroller_id.in_(patrollers))
    return dict(session.execute(asked.group_by(found.c.patroller_id)).all())


def _carried(session: Session, period: Period) -> CompoundSelect[Any]:
    device = SENDER.c.ref == literal(DEVICE).concat(cast(SHIFT.c.token_id, String))
    own = SHIFT.c.patroller_id == SENDER.c.id
    within = [
        *(visible(session, BEAT), visible(session, SHIFT)),
        *(BEAT.c.beat_at >= SHIFT.c.started_at, BEAT.c.beat_at < SHIFT.c.ended_at),
        *(BEAT.c.beat_at >= period.start, BEAT.c.beat_at < period.end),
    ]
    asked = select(BEAT.c.id, SHIFT.c.patroller_id, BEAT.c.beat_at).select_from(BEAT)
    asked = asked.join(SENDER, SENDER.c.id == BEAT.c.sender_id)
    return union_all(*(asked.join(SHIFT, way).where(*within) for way in (device, own)))
