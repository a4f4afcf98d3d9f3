"""How often what a day's figures are made of has changed: its fixes, its heartbeats, and the shifts that go into it.

Triggers of the database count, so that nothing that writes can forget to. Equal counts mean equal rows.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gisgrid.database import Base, RowId
from gisgrid.once import table_of
from gisgrid.parameters import Period

HOUR: Final = "%Y-%m-%d %H"
LONGEST: Final = timedelta(days=2)
"""A shift that began so long before a day may still go into it."""
NONE: Final = timedelta()
LAST: Final = timedelta(minutes=59)


class ChangedHour(Base):
    """How many rows of a table were stored, changed or deleted, by the hour (UTC) of their time.

    `shard` keeps those apart who write at the same time.
    """

    __tablename__ = "changed_hours"

    what: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[str] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    changes: Mapped[int] = mapped_column(RowId)


CHANGED: Final = table_of(ChangedHour)


def version_of(session: Session, days: Sequence[date], zone: ZoneInfo) -> dict[date, int]:
    """Return for each of some local days a number that has grown once anything has changed; 0: there was nothing."""
    if not days:
        return {}
    first, last = datetime.combine(min(days), time(), zone), datetime.combine(max(days), time.max, zone)
    is_shift = CHANGED.c.what == "shifts"
    since = or_(CHANGED.c.hour >= _hour(first), and_(is_shift, CHANGED.c.hour >= _hour(first - LONGEST)))
    asked = select(CHANGED.c.what, CHANGED.c.hour, func.sum(CHANGED.c.changes))
    asked = asked.where(CHANGED.c.hour <= _hour(last), since).group_by(CHANGED.c.what, CHANGED.c.hour)
    found = dict.fromkeys(days, 0)
    for what, hour, changes in session.execute(asked):
        for day in _days(datetime.fromisoformat(f"{hour}:00+00:00"), zone, LONGEST if what == "shifts" else NONE):
            if day in found:
                found[day] += int(changes)
    return found


def fixes_changed(session: Session, period: Period) -> int:
    """Return a number that has grown by one for each fix of a period that was stored, changed or deleted.

    Where the period begins or ends within an hour, for each of that hour.
    """
    hours = CHANGED.c.hour.between(_hour(period.start), _hour(period.last_moment))
    return session.scalar(select(func.sum(CHANGED.c.changes)).where(CHANGED.c.what == "fixes", hours)) or 0


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(HOUR)


def _days(hour: datetime, zone: ZoneInfo, more: timedelta) -> Iterator[date]:
    """Yield the local days that an hour lies in, and those that follow within a time."""
    day, last = hour.astimezone(zone).date(), (hour + LAST + more).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
