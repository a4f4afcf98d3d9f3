"""Up to when things are kept."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from gisgrid.coverage.sealed import midnight
from gisgrid.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """What is from before goes. `first_day` is the first local day whose fixes stay; times are in UTC."""

    now: datetime
    today: date
    first_day: date
    fixes_since: datetime
    withheld_since: datetime
    audit_since: datetime

    @classmethod
    def at(cls, now: datetime, settings: Settings) -> Self:
        """Return the limits at a time: of `fix_days` local days, today being the last, the fixes stay."""
        zone = settings.zone
        today = now.astimezone(zone).date()
        first_day = today - timedelta(days=settings.fix_days - 1)
        audit_day = today - timedelta(days=settings.audit_days)
        return cls(
            now,
            today,
            first_day,
            midnight(first_day, zone).astimezone(UTC),
            now - timedelta(hours=settings.withheld_hours),
            midnight(audit_day, zone).astimezone(UTC),
        )
