"""The check-in: a fix is judged, located, stored once and answered. Many at a time, as phones and files send."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError
from gisgrid.grid.place import CELL_COLUMNS, Place, places
from gisgrid.intake.arrivals import Outcome, counted, outcome, plain
from gisgrid.once import Arrival, store_once, table_of
from gisgrid.patrols.arrival.senders import CheckIn, Owner, Parcel, owners_of
from gisgrid.patrols.arrival.verdicts import judge_around, judge_arrivals
from gisgrid.patrols.judge import ACCURACY_M, QUARANTINED
from gisgrid.patrols.people import patrol_ids
from gisgrid.patrols.plans.at_checkpoints import AtCheckpoint, Here, checkpoint_verdicts
from gisgrid.patrols.sealed import hold_off_sealing, is_late
from gisgrid.patrols.tables import Fix, Standing
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller

FIX = table_of(Fix)
KEY = ("sender_id", "client_id")
CONTENT = ("fix_at", "raw_longitude", "raw_latitude", "crs", "accuracy_m")
DOUBTED = int(QUARANTINED)  # a flag is slow to reckon with
NOWHERE = dict.fromkeys(("longitude", "latitude", *CELL_COLUMNS))

Draft = dict[str, Any]


def check_in(
    session: Session, sent: Sequence[CheckIn], settings: Settings, caller: Caller | None = None
) -> list[Outcome]:
    """Store each fix that a caller sends, once; return the outcomes in order.

    Without a caller they are brought in by an operator. The same sender and client_id is one row: a device is one
    sender, whoever carries it. Without a client_id, the same sender, fix time and position is one row, whatever else is
    said of it.
    """
    return check_in_parcels(session, [Parcel(caller, sent)], settings)[0]


def check_in_parcels(session: Session, parcels: Sequence[Parcel], settings: Settings) -> list[list[Outcome]]:
    """Store what several callers send, as `check_in` does for one; return the outcomes of each."""
    newest = hold_off_sealing(session)
    owners = owners_of(session, parcels)
    sent = [fix for parcel in parcels for fix in parcel.sent]
    stored = iter(_store(session, sent, owners, [is_late(fix.fix_at, newest, settings.zone) for fix in sent], settings))
    every = (
        Outcome("refused", None, owner) if isinstance(owner, GisgridError) else _outcome(fix, next(stored))
        for fix, owner in zip(sent, owners, strict=True)
    )
    return [[next(every) for _ in parcel.sent] for parcel in parcels]


def _store(
    session: Session,
    sent: Sequence[CheckIn],
    owners: Sequence[Owner | GisgridError],
    is_sealed: Sequence[bool],
    settings: Settings,
) -> list[Arrival]:
    """Store the fixes that have an owner; return their arrivals, with the flags they have once all are stored."""
    sound = [
        (fix, owner, late) for fix, owner, late in zip(sent, owners, is_sealed, strict=True) if isinstance(owner, Owner)
    ]
    if not sound:
        return []
    fixes, whose, late = zip(*sound, strict=True)
    found = _places(session, fixes, settings)
    flags = judge_arrivals(session, fixes, found, late, settings)
    outings = patrol_ids(session, [(owner.patroller_id, fix.patrol) for fix, owner, _ in sound if fix.patrol])
    rows = [_row(*parts, outings) for parts in zip(fixes, whose, found, flags, strict=True)]
    at = _at_checkpoints(session, fixes, rows, settings)
    for number, verdict in at.items():
        rows[number]["proved_checkpoint_id"] = verdict.proved
    arrivals = store_once(session, FIX, rows, KEY, CONTENT)
    changed = judge_around(session, [row for status, row in arrivals if status == "stored"], settings)
    return [
        Arrival(status, {**row, "flags": changed.get(row["id"], row["flags"]), "at": at.get(number)})
        for number, (status, row) in enumerate(arrivals)
    ]


def _at_checkpoints(
    session: Session, fixes: Sequence[CheckIn], rows: Sequence[Draft], settings: Settings
) -> dict[int, AtCheckpoint]:
    """Return what is said of those fixes, by their numbers, that ask whether they count at a checkpoint."""
    asking = [
        number
        for number, fix in enumerate(fixes)
        if (fix.asks_whether or fix.code) and not fix.is_track and rows[number]["longitude"] is not None
    ]
    verdicts = checkpoint_verdicts(session, settings, [_here(fixes[number], rows[number]) for number in asking])
    return {number: verdict for number, verdict in zip(asking, verdicts, strict=True) if verdict is not None}


def _here(fix: CheckIn, row: Draft) -> Here:
    whose, where = row["patroller_id"], (row["longitude"], row["latitude"])
    return Here(whose, fix.fix_at, fix.received_at, *where, fix.accuracy_m, fix.checkpoint, fix.code)


def _places(session: Session, fixes: Sequence[CheckIn], settings: Settings) -> list[Place | None]:
    return places(
        session,
        [math.nan if fix.longitude is None else fix.longitude for fix in fixes],
        [math.nan if fix.latitude is None else fix.latitude for fix in fixes],
        [fix.crs for fix in fixes],
        [fix.fix_at for fix in fixes],
        settings.zone,
        np.array([ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m for fix in fixes]),
    )


def _outcome(fix: CheckIn, arrival: Arrival) -> Outcome:
    if arrival.status == "conflict" and fix.client_id is None:
        return Outcome("repeated", arrival.row, None)
    return outcome(arrival)


def _row(fix: CheckIn, owner: Owner, place: Place | None, flags: int, outings: dict[tuple[int, str], int]) -> Draft:
    return {
        "client_id": fix.client_id or _derived_id(fix, owner),
        "sender_id": owner.sender_id,
        "patroller_id": owner.patroller_id,
        "patrol_id": outings[owner.patroller_id, fix.patrol] if fix.patrol else None,
        "fix_at": fix.fix_at,
        "received_at": fix.received_at,
        "accuracy_m": fix.accuracy_m,
        "crs": fix.crs,
        "raw_longitude": _finite(fix.longitude),
        "raw_latitude": _finite(fix.latitude),
        **(place.columns if place else NOWHERE),
        "standing": _standing(owner, flags),
        "is_track": fix.is_track,
        "is_by_shift": owner.is_by_shift,
        "token_id": owner.token_id,
        "flags": flags,
        "candidates": place and place.candidates_kept,
        "attributes": json.dumps(fix.attributes, ensure_ascii=False) if fix.attributes else None,
        "proved_checkpoint_id": None,
    }


def _standing(owner: Owner, flags: int) -> Standing:
    """Return how a fix stands: outside a shift it is withheld, whatever the judge says."""
    return "quarantined" if owner.standing == "counted" and flags & DOUBTED else owner.standing


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _derived_id(fix: CheckIn, owner: Owner) -> str:
    who = "" if owner.is_by_shift else fix.patroller  # a device or a person may name themselves or not
    told = (who, fix.fix_at.astimezone(UTC).isoformat(), repr(fix.longitude), repr(fix.latitude), fix.crs)
    return f"fix-{sha256('|'.join(map(str, told)).encode()).hexdigest()[:32]}"


def store_fixes(session: Session, frame: pd.DataFrame, settings: Settings) -> dict[str, int]:
    """Check in a whole frame; return how many were stored, repeated, in conflict, refused, and outside every cell.

    Columns: patroller_ref, fix_at and received_at (datetime64 with zone), longitude and latitude (raw, in `crs`); and,
    where they are there, patroller_name, patrol_ref, client_id, crs, accuracy_m. None and NaN mean missing.
    """
    return counted(check_in(session, list(_check_ins(frame)), settings))


def _check_ins(frame: pd.DataFrame) -> Iterator[CheckIn]:
    fields = {
        name: {"patroller": "patroller_ref", "patrol": "patrol_ref"}.get(name, name) for name in CheckIn.__slots__
    }
    given = {field: plain(frame[column]) for field, column in fields.items() if column in frame}
    for values in zip(*given.values(), strict=True):
        yield CheckIn(**{field: value for field, value in zip(given, values, strict=True) if value is not None})
