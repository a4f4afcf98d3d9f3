"""The check-in: a fix is located, stored once and answered. Many at a time, because phones and files send many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.geometry import WGS84
from gisgrid.intake.arrivals import Draft, Outcome, counted, plain, store_located
from gisgrid.once import table_of
from gisgrid.patrols.people import patrol_ids, patroller_ids
from gisgrid.patrols.tables import Fix

KEY = ("patroller_id", "client_id")
CONTENT = ("fix_at", "raw_longitude", "raw_latitude", "crs", "accuracy_m", "patrol_id")


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A fix as it was sent: raw coordinates in `crs`, times with zone, persons and outings by the sender's names."""

    patroller: str
    fix_at: datetime
    received_at: datetime
    longitude: float
    latitude: float
    crs: str = WGS84
    accuracy_m: float | None = None
    patrol: str | None = None
    client_id: str | None = None
    patroller_name: str = ""


def check_in(session: Session, sent: Sequence[CheckIn], zone: ZoneInfo) -> list[Outcome]:
    """Store each fix once; return the outcomes in order. `zone` says where a day begins.

    The same patroller and client_id is one row. Without a client_id, the same patroller, fix time and position is one
    row, whatever else is said of it.
    """
    people = patroller_ids(session, {fix.patroller: fix.patroller_name for fix in sent})
    outings = patrol_ids(session, [(people[fix.patroller], fix.patrol) for fix in sent if fix.patrol])
    drafts = [_draft(fix, people[fix.patroller], outings) for fix in sent]
    outcomes = store_located(session, table_of(Fix), drafts, moment="fix_at", zone=zone, key=KEY, content=CONTENT)
    return [
        Outcome("repeated", outcome.row, None) if outcome.status == "conflict" and fix.client_id is None else outcome
        for fix, outcome in zip(sent, outcomes, strict=True)
    ]


def _draft(fix: CheckIn, person: int, outings: dict[tuple[int, str], int]) -> Draft:
    return {
        "client_id": fix.client_id or _derived_id(fix),
        "patroller_id": person,
        "patrol_id": outings[person, fix.patrol] if fix.patrol else None,
        "fix_at": fix.fix_at,
        "received_at": fix.received_at,
        "accuracy_m": fix.accuracy_m,
        "crs": fix.crs,
        "raw_longitude": fix.longitude,
        "raw_latitude": fix.latitude,
    }


def _derived_id(fix: CheckIn) -> str:
    told = (fix.patroller, fix.fix_at.astimezone(UTC).isoformat(), repr(fix.longitude), repr(fix.latitude), fix.crs)
    return f"fix-{sha256('|'.join(told).encode()).hexdigest()[:32]}"


def store_fixes(session: Session, frame: pd.DataFrame, zone: ZoneInfo) -> dict[str, int]:
    """Check in a whole frame; return how many were stored, repeated, in conflict, refused, and outside every cell.

    Columns: patroller_ref, fix_at and received_at (datetime64 with zone), longitude and latitude (raw, in `crs`); and,
    where they are there, patroller_name, patrol_ref, client_id, crs, accuracy_m. None and NaN mean missing.
    """
    return counted(check_in(session, list(_check_ins(frame)), zone))


def _check_ins(frame: pd.DataFrame) -> Iterator[CheckIn]:
    fields = {
        name: {"patroller": "patroller_ref", "patrol": "patrol_ref"}.get(name, name) for name in CheckIn.__slots__
    }
    given = {field: plain(frame[column]) for field, column in fields.items() if column in frame}
    for values in zip(*given.values(), strict=True):
        yield CheckIn(**{field: value for field, value in zip(given, values, strict=True) if value is not None})
