"""Purging: the oldest entries go, the anchor says up to where and with which hash the chain goes on."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import ANCHORS, ENTRIES, OPERATOR, Actor, now, record
from gisgrid.errors import Refused

KEPT = timedelta(days=183)
"""The law asks for six months at least."""
PURGED = "audit.purged"


class TooYoung(Refused):
    """Entries that must still be kept."""


def purge(session: Session, before: datetime, actor: Actor = OPERATOR) -> int:
    """Delete the entries from before a time and return how many; the anchor and an entry of its own tell it.

    Only the beginning of the chain goes, up to an entry that is younger: where a clock was wrong, rather too little.
    Raises TooYoung.
    """
    moment = now()
    if before > moment - KEPT:
        raise TooYoung(
            f"审计记录至少保存 {KEPT.days} 天,不能清除此后的记录",
            f"the audit is kept for at least {KEPT.days} days; younger entries cannot be purged",
        )
    last = _last_of(session, before, moment)
    if last is None:
        return 0
    where = ENTRIES.c.number <= last
    entries = session.scalar(select(func.count()).where(where)) or 0
    ending = session.scalar(select(ENTRIES.c.hash).where(ENTRIES.c.number == last)) or ""
    session.execute(insert(ANCHORS).values(number=last, hash=ending, entries=entries, purged_at=moment))
    session.execute(delete(ENTRIES).where(where))
    record(session, actor, PURGED, **told(last, ending, entries))
    return entries


def told(number: int, ending: str, entries: int) -> dict[str, Any]:
    """Return what the entry of a purge says of its anchor."""
    return {"number": number, "hash": ending, "entries": entries}


def _last_of(session: Session, before: datetime, moment: datetime) -> int | None:
    """Return the last entry from before a time that has none before it from since then.

    A time in the future was written by a clock that was ahead, and says nothing.
    """
    younger = ENTRIES.c.at.between(before, moment)
    first_kept = select(func.min(ENTRIES.c.number)).where(younger).scalar_subquery()
    is_old: ColumnElement[bool] = ENTRIES.c.at < before
    is_first = ENTRIES.c.number < func.coalesce(first_kept, select(func.max(ENTRIES.c.number) + 1).scalar_subquery())
    found: int | None = session.scalar(select(func.max(ENTRIES.c.number)).where(is_old, is_first))
    return found
