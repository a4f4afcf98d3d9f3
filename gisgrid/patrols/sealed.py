"""Which days are over: sealed, so that a fix of one comes too late, is quarantined and changes no figure.

A sealed day has a row in `sealed_days`. Days are sealed from the oldest on, so those before the newest of them are
sealed as well: nothing was measured on them.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.locks import be_alone, share
from gisgrid.patrols.tables import SealedDay

LOCK: Final = 0x6769_7365_616C
"""The number under which PostgreSQL keeps those who store fixes and whoever seals days apart."""
NEWEST: Final = select(func.max(SealedDay.day))


def sealed_until(session: Session) -> date | None:
    """Return the newest sealed day, None where no day is sealed: a fix of that day or an earlier one is late."""
    return session.scalar(NEWEST)


def hold_off_sealing(session: Session) -> date | None:
    """Return the newest sealed day; until the transaction ends no other is sealed.

    Whoever stores or changes fixes asks this first of all. On SQLite a transaction that writes is alone anyway.
    """
    share(session, LOCK)
    return sealed_until(session)


def begin_sealing(session: Session) -> None:
    """Wait for those who are storing fixes; until the transaction ends nobody else stores any."""
    be_alone(session, LOCK)


def is_late(moment: datetime, newest: date | None, zone: ZoneInfo) -> bool:
    """Tell whether a fix of that time is of a sealed day; `newest` is what `sealed_until` says."""
    return newest is not None and moment.astimezone(zone).date() <= newest
