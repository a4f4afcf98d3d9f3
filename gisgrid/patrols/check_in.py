"""The check-in: a fix is located, stored once and answered. Many at a time, because phones and files send many."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from hashlib import sha256
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError
from gisgrid.intake.arrivals import Draft, Outcome, counted, plain, store_located
from gisgrid.once import table_of
from gisgrid.patrols.people import patrol_ids
from gisgrid.patrols.sealed import hold_off_sealing, is_late
from gisgrid.patrols.senders import CheckIn, Owner, owners_of
from gisgrid.patrols.tables import Fix
from gisgrid.staff.caller import Caller

KEY = ("patroller_id", "client_id")
CONTENT = ("fix_at", "raw_longitude", "raw_latitude", "crs", "accuracy_m", "patrol_id")


def check_in(session: Session, sent: Sequence[CheckIn], zone: ZoneInfo, caller: Caller | None = None) -> list[Outcome]:
    """Store each fix once; return the outcomes in order. `zone` says where a day begins, `caller` who sends them.

    Without a caller they are brought in by an operator. The same patroller and client_id is one row. Without a
    client_id, the same patroller, fix time and position is one row, whatever else is said of it.
    """
    newest = hold_off_sealing(session)
    owners = owners_of(session, sent, caller)
    sound = [(fix, owner) for fix, owner in zip(sent, owners, strict=True) if isinstance(owner, Owner)]
    outings = patrol_ids(session, [(owner.patroller_id, fix.patrol) for fix, owner in sound if fix.patrol])
    drafts = [_draft(fix, owner, outings, is_late(fix.fix_at, newest, zone)) for fix, owner in sound]
    stored = iter(store_located(session, table_of(Fix), drafts, moment="fix_at", zone=zone, key=KEY, content=CONTENT))
    return [
        Outcome("refused", None, owner) if isinstance(owner, GisgridError) else _outcome(fix, next(stored))
        for fix, owner in zip(sent, owners, strict=True)
    ]


def _outcome(fix: CheckIn, outcome: Outcome) -> Outcome:
    if outcome.status == "conflict" and fix.client_id is None:
        return Outcome("repeated", outcome.row, None)
    return outcome


def _draft(fix: CheckIn, owner: Owner, outings: dict[tuple[int, str], int], is_sealed: bool) -> Draft:
    return {
        "client_id": fix.client_id or _derived_id(fix, owner),
        "patroller_id": owner.patroller_id,
        "patrol_id": outings[owner.patroller_id, fix.patrol] if fix.patrol else None,
        "fix_at": fix.fix_at,
        "received_at": fix.received_at,
        "accuracy_m": fix.accuracy_m,
        "crs": fix.crs,
        "raw_longitude": fix.longitude,
        "raw_latitude": fix.latitude,
        "standing": "quarantined" if is_sealed else owner.standing,
        "is_track": fix.is_track,
        "is_by_shift": owner.is_by_shift,
        "token_id": owner.token_id,
    }


def _derived_id(fix: CheckIn, owner: Owner) -> str:
    who = "" if owner.is_by_shift else fix.patroller  # a device or a person may name themselves or not
    told = (who, fix.fix_at.astimezone(UTC).isoformat(), repr(fix.longitude), repr(fix.latitude), fix.crs)
    return f"fix-{sha256('|'.join(map(str, told)).encode()).hexdigest()[:32]}"


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
