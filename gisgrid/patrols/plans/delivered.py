"""Until when patrollers' devices have delivered what they measured: before that, a round is not missed for sure."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gisgrid.once import AT_A_TIME, table_of
from gisgrid.patrols.duty.heartbeats import last_beats
from gisgrid.patrols.tables import Fix
from gisgrid.sight import visible

FIX = table_of(Fix)
MEASURED_AT = case((FIX.c.received_at < FIX.c.fix_at, FIX.c.received_at), else_=FIX.c.fix_at)


def delivered_until(session: Session, patrollers: Collection[int], since: datetime) -> dict[int | None, datetime]:
    """Return the time of the last fix or heartbeat of each patroller, if it is of a time or later."""
    found: dict[int | None, datetime] = {}
    wanted = sorted(patrollers)
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        for last in (_last_fixes(session, some, since), last_beats(session, some, since)):
            found |= {who: max(moment, found.get(who, moment)) for who, moment in last.items()}
    return found


def _last_fixes(session: Session, patrollers: Sequence[int], since: datetime) -> dict[int, datetime]:
    counted = (visible(session, FIX), FIX.c.standing == "counted", FIX.c.fix_at >= since)
    asked = select(FIX.c.patroller_id, func.max(MEASURED_AT)).where(*counted, FIX.c.patroller_id.in_(patrollers))
    return dict(session.execute(asked.group_by(FIX.c.patroller_id)).all())
