"""A month as the system of 2007 reported it: 31 cases, 16 disputes, 13 petitions, and satisfaction up 5.2 points.

The totals are those on record of 2007; the single records are made up.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.geometry import WGS84
from gisgrid.grid.tables import Cell
from gisgrid.incidents.records.bring import bring_records
from gisgrid.incidents.records.schemas import RecordCreate
from gisgrid.incidents.surveys.enter import Found, answers_of, enter
from gisgrid.incidents.surveys.satisfaction import month_before
from gisgrid.incidents.tables import Incident
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import EVERYTHING, visible

SETTLED: Final = {"L0103": 31, "L0201": 16, "L0301": 13}
"""Kinds that count as a case, a dispute and a petition, and how many of each."""
ASKED: Final = 500
SATISFIED: Final = 431
UP: Final = 26
"""Of so many asked, so many more were satisfied than the month before: 5.2 percentage points."""
INCIDENT = table_of(Incident)
HOUR: Final = timedelta(hours=1)


def bring_month(engine: Engine, settings: Settings, today: date) -> date:
    """Bring the records and surveys of the latest whole month in which nothing is on record; return its first day."""
    with session_scope(engine, write=True) as session:
        month = month_before(today.replace(day=1))
        while _has_any(session, settings, month):
            month = month_before(month)
        stations = session.scalars(select(Cell.code).where(Cell.level == "substation").order_by(Cell.code)).all()
        outcomes = bring_records(session, settings, list(_records(settings, month, stations)), WGS84)
        error = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
        if error is not None:
            raise error
        _survey(session, settings, month)
    return month


def _key(month: date, number: int) -> str:
    return f"story-{month:%Y%m}-{number:03}"


def _has_any(session: Session, settings: Settings, month: date) -> bool:
    """Tell whether anything was reported in a month or ended in it: its figures would not be those of the story."""
    start = datetime.combine(month, time(), settings.zone)
    end = datetime.combine((month + timedelta(days=31)).replace(day=1), time(), settings.zone)
    its = (visible(session, INCIDENT), INCIDENT.c.reported_at >= start, INCIDENT.c.reported_at < end)
    return session.scalar(select(INCIDENT.c.id).where(*its).limit(1)) is not None


def _records(settings: Settings, month: date, stations: Sequence[str]) -> Iterator[RecordCreate]:
    """Yield the records: some every day of the month, one in eight of them late, all closed within the month."""
    kinds = [kind for kind, count in SETTLED.items() for _ in range(count)]
    begun = datetime.combine(month, time(9), settings.zone).astimezone(UTC)
    for number, kind in enumerate(kinds):
        reported = begun + timedelta(hours=(number * 37) % 600)
        work = 30 * HOUR if number % 8 == 7 else HOUR
        yield RecordCreate(
            kind=kind,
            reported_at=reported.isoformat(),
            filed_at=(reported + HOUR / 4).isoformat(),
            handled_at=(reported + work).isoformat(),
            closed_at=(reported + work + HOUR).isoformat(),
            cell=stations[number % len(stations)],
            source="patrol" if number % 3 else "staff",
            client_id=_key(month, number),
        )


def _survey(session: Session, settings: Settings, month: date) -> None:
    """Enter the surveys of the month and the one before, where there is none yet."""
    before = month_before(month)
    for street in session.scalars(select(Cell.code).where(Cell.level == "street").distinct()).all():
        known = answers_of(session, [street])[street]
        now = known[month].satisfied if month in known else SATISFIED
        for day, satisfied in ((month, now), (before, now - UP)):
            if day not in known:
                enter(session, OPERATOR, EVERYTHING, Found(street, day, ASKED, satisfied), settings.zone)
