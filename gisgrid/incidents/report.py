"""The report: what happened is located, stored once and answered. Many at a time, as with check-ins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.geometry import WGS84
from gisgrid.incidents.tables import Incident
from gisgrid.intake.arrivals import Draft, Outcome, counted, plain, store_located
from gisgrid.once import table_of

KEY = ("client_id",)
CONTENT = ("kind", "description", "reported_at", "raw_longitude", "raw_latitude", "crs")


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as it was sent: raw coordinates in `crs`, times with zone, `kind` a code of the table of kinds."""

    kind: str
    reported_at: datetime
    received_at: datetime
    longitude: float
    latitude: float
    description: str = ""
    crs: str = WGS84
    client_id: str | None = None


def report(session: Session, sent: Sequence[Report], zone: ZoneInfo) -> list[Outcome]:
    """Store each incident once; return the outcomes in order. `zone` says where a day begins.

    The same client_id is one row; without one, the same kind, words, time and position.
    """
    drafts = [_draft(incident) for incident in sent]
    return store_located(session, table_of(Incident), drafts, moment="reported_at", zone=zone, key=KEY, content=CONTENT)


def _draft(incident: Report) -> Draft:
    return {
        "client_id": incident.client_id or _derived_id(incident),
        "kind": incident.kind,
        "description": incident.description,
        "reported_at": incident.reported_at,
        "received_at": incident.received_at,
        "crs": incident.crs,
        "raw_longitude": incident.longitude,
        "raw_latitude": incident.latitude,
    }


def _derived_id(incident: Report) -> str:
    place = (repr(incident.longitude), repr(incident.latitude), incident.crs)
    told = (incident.kind, incident.reported_at.astimezone(UTC).isoformat(), *place, incident.description)
    return f"incident-{sha256('|'.join(told).encode()).hexdigest()[:32]}"


def store_incidents(session: Session, frame: pd.DataFrame, zone: ZoneInfo) -> dict[str, int]:
    """Report a whole frame; return how many were stored, repeated, in conflict, refused, and outside every cell.

    Columns: kind, reported_at and received_at (datetime64 with zone), longitude and latitude (raw, in `crs`); and,
    where they are there, description, client_id, crs. None and NaN mean missing.
    """
    return counted(report(session, list(_reports(frame)), zone))


def _reports(frame: pd.DataFrame) -> Iterator[Report]:
    given = {field: plain(frame[field]) for field in Report.__slots__ if field in frame}
    for values in zip(*given.values(), strict=True):
        yield Report(**{field: value for field, value in zip(given, values, strict=True) if value is not None})
