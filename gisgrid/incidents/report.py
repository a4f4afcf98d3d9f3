"""The report: what happened is located, stored once and answered. Many at a time, as with check-ins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Refused
from gisgrid.geometry import WGS84
from gisgrid.incidents.complaints import Named, Unit, units
from gisgrid.incidents.kinds import require_kind
from gisgrid.incidents.tables import Incident
from gisgrid.intake.arrivals import Draft, Outcome, counted, plain, store_located
from gisgrid.once import table_of
from gisgrid.settings import Settings

KEY = ("client_id",)
COMPLAINED = ("complained_cell_id", "complained_department_id")
CONTENT = ("kind", "description", "reported_at", "raw_longitude", "raw_latitude", "crs", *COMPLAINED)


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as it was sent: raw coordinates in `crs`, times with zone, `kind` a code of the table of kinds.

    `complained_*` are the codes of the unit that it is a complaint about, `reported_by` the row of whoever sent it.
    """

    kind: str
    reported_at: datetime
    received_at: datetime
    longitude: float
    latitude: float
    description: str = ""
    crs: str = WGS84
    client_id: str | None = None
    complained_cell: str | None = None
    complained_department: str | None = None
    reported_by: int | None = None


def report(session: Session, sent: Sequence[Report], zone: ZoneInfo, actor: Actor | None = None) -> list[Outcome]:
    """Store each incident once; return the outcomes in order. `zone` says where a day begins.

    The same client_id is one row; without one, the same kind, words, time, position and unit complained of. What is
    stored is recorded as done by `actor`; without one, as where incidents are made up, nothing is.
    """
    about = units(session, [_named(incident, zone) for incident in sent])
    drafts = [_draft(incident, unit) for incident, unit in zip(sent, about, strict=True) if isinstance(unit, Unit)]
    stored = iter(
        store_located(session, table_of(Incident), drafts, moment="reported_at", zone=zone, key=KEY, content=CONTENT)
    )
    outcomes = [Outcome("refused", None, unit) if isinstance(unit, Refused) else next(stored) for unit in about]
    if actor is not None:
        for number in [outcome.row["id"] for outcome in outcomes if outcome.status == "stored" and outcome.row]:
            record(session, actor, "incident.reported", ("incident", number))
    return outcomes


def _named(incident: Report, zone: ZoneInfo) -> Named:
    day = incident.reported_at.astimezone(zone).date()
    return Named(require_kind(incident.kind), day, incident.complained_cell, incident.complained_department)


def _draft(incident: Report, about: Unit) -> Draft:
    return {
        "client_id": incident.client_id or _derived_id(incident),
        "kind": incident.kind,
        "description": incident.description,
        "reported_at": incident.reported_at,
        "received_at": incident.received_at,
        "crs": incident.crs,
        "raw_longitude": incident.longitude,
        "raw_latitude": incident.latitude,
        "is_confidential": require_kind(incident.kind).is_confidential,
        "reported_by": incident.reported_by,
        **dict(zip(COMPLAINED, about, strict=True)),
    }


def _derived_id(incident: Report) -> str:
    place = (repr(incident.longitude), repr(incident.latitude), incident.crs)
    told = (incident.kind, incident.reported_at.astimezone(UTC).isoformat(), *place, incident.description)
    about = [f"\0{code}" for code in (incident.complained_cell, incident.complained_department) if code is not None]
    return f"incident-{sha256(''.join(['|'.join(told), *about]).encode()).hexdigest()[:32]}"


def store_incidents(session: Session, frame: pd.DataFrame, settings: Settings) -> dict[str, int]:
    """Report a whole frame; return how many were stored, repeated, in conflict, refused, and outside every cell.

    Columns: kind, reported_at and received_at (datetime64 with zone), longitude and latitude (raw, in `crs`); and,
    where they are there, description, client_id, crs. None and NaN mean missing.
    """
    return counted(report(session, list(_reports(frame)), settings.zone))


def _reports(frame: pd.DataFrame) -> Iterator[Report]:
    given = {field: plain(frame[field]) for field in Report.__slots__ if field in frame}
    for values in zip(*given.values(), strict=True):
        yield Report(**{field: value for field, value in zip(given, values, strict=True) if value is not None})
