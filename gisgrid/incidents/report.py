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
from gisgrid.incidents.kinds.edition import Kind, UnknownKind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.numbers import begin
from gisgrid.incidents.sources import Source
from gisgrid.incidents.tables import Incident
from gisgrid.intake.arrivals import Draft, Outcome, counted, plain, store_located
from gisgrid.once import table_of
from gisgrid.patrols.judge import NULL_DEGREES
from gisgrid.settings import Settings

KEY = ("key",)
COMPLAINED = ("complained_cell_id", "complained_department_id")
CONTENT = ("kind", "description", "reported_at", "raw_longitude", "raw_latitude", "crs", *COMPLAINED)


class NoFix(Refused):
    """A report from 0, 0, which is what a phone sends that does not know where it is."""


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as it was sent: raw coordinates in `crs`, times with zone, `kind` a code of the edition of its day.

    `complained_*` are the codes of the unit that it is a complaint about, `reported_by` the row of whoever reports
    it. A `client_id` is that of its `sender` alone, which is "" at the command line. `contact` is how to reach whoever
    told of it.
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
    sender: str = ""
    source: Source = "patrol"
    outside_number: str | None = None
    contact: str = ""


def report(session: Session, sent: Sequence[Report], zone: ZoneInfo, actor: Actor | None = None) -> list[Outcome]:
    """Store each incident once; return the outcomes in order. `zone` says where a day begins.

    A kind that the edition of its local day has not is refused, and so is a report from 0, 0. The same client_id of
    the same sender is one row; without one, the same kind, words, time, position and unit complained of. What is stored
    gets its number and its first step, and is recorded as done by `actor`; without one, as where incidents are made up,
    nothing is.
    """
    editions = Editions(session)
    named = [_named(editions, incident, zone) for incident in sent]
    found = iter(units(session, [each for each in named if isinstance(each, Named)]))
    about = [next(found) if isinstance(each, Named) else each for each in named]
    drafts = [
        _draft(incident, its.kind, unit)
        for incident, its, unit in zip(sent, named, about, strict=True)
        if isinstance(its, Named) and isinstance(unit, Unit)
    ]
    stored = iter(
        store_located(session, table_of(Incident), drafts, moment="reported_at", zone=zone, key=KEY, content=CONTENT)
    )
    outcomes = [Outcome("refused", None, unit) if isinstance(unit, Refused) else next(stored) for unit in about]
    numbers = begin(session, [dict(each.row) for each in outcomes if each.status == "stored" and each.row], zone)
    if actor is not None:
        for identifier in numbers:
            record(session, actor, "incident.reported", ("incident", identifier))
    return [_numbered(outcome, numbers) for outcome in outcomes]


def _numbered(outcome: Outcome, numbers: dict[int, str]) -> Outcome:
    """Return the outcome with the number that its incident was given now."""
    if outcome.row is None or outcome.row["id"] not in numbers:
        return outcome
    return outcome._replace(row={**outcome.row, "number": numbers[outcome.row["id"]]})


def _named(editions: Editions, incident: Report, zone: ZoneInfo) -> Named | NoFix | UnknownKind:
    if max(abs(incident.longitude), abs(incident.latitude)) < NULL_DEGREES:
        return NoFix(
            "坐标为 0,0,是手机尚未定位时发出的;请等定位后再报,或在地图上选定位置",
            "it says 0, 0, as a phone does before it knows where it is: wait for a fix, or choose the place on a map",
        )
    day = incident.reported_at.astimezone(zone).date()
    try:
        kind = editions.on(day).require(incident.kind)
    except UnknownKind as error:
        return error
    return Named(kind, day, incident.complained_cell, incident.complained_department)


def _draft(incident: Report, kind: Kind, about: Unit) -> Draft:
    client_id = incident.client_id or _derived_id(incident)
    return {
        "key": f"{incident.sender}\t{client_id}",
        "client_id": client_id,
        "kind": incident.kind,
        "description": incident.description,
        "reported_at": incident.reported_at,
        "received_at": incident.received_at,
        "crs": incident.crs,
        "raw_longitude": incident.longitude,
        "raw_latitude": incident.latitude,
        "is_confidential": kind.is_confidential,
        "reported_by": incident.reported_by,
        "source": incident.source,
        "outside_number": incident.outside_number,
        "contact": incident.contact,
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
