"""What phones deliver, taken in many deliveries at a time: who sends, what is a fix, what is none. All is kept.

A delivery is answered as a whole: once its credential is good, whatever it holds is acknowledged, for a phone that is
refused a point sends it for ever, or throws it away.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError, Unproven
from gisgrid.geometry import is_on_earth
from gisgrid.intake.arrivals import Outcome
from gisgrid.once import store_once, table_of
from gisgrid.patrols.alarms.calls import Sos, raise_alarm
from gisgrid.patrols.arrival.check_in import check_in_parcels
from gisgrid.patrols.arrival.senders import CheckIn, Parcel, PointsOnly
from gisgrid.patrols.people import device_patrollers, patroller_of
from gisgrid.patrols.tables import Heartbeat, Unread
from gisgrid.patrols.trackers.reading import Delivery, Reading
from gisgrid.patrols.trackers.reading import Heartbeat as Beat
from gisgrid.settings import Settings
from gisgrid.staff.caller import Caller, callers_of
from gisgrid.staff.tokens import note_uses

KINDS: Final = ("device", "api")
"""The tokens with which one delivers: a phone's, or a program's that acts for a patroller."""
SOS: Final = "sos"
HEARTBEAT, UNREAD = table_of(Heartbeat), table_of(Unread)
EMPTY: Final = Delivery([], [], [])


class UnknownToken(Unproven):
    """The token is unknown, out of date or revoked, or not that of somebody who walks."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """What one request delivers, and the words of its token; or, where the caller is known already, its fixes alone."""

    received_at: datetime
    words: str = ""
    protocol: str = ""
    delivery: Delivery = EMPTY
    caller: Caller | None = None
    sent: Sequence[CheckIn] = ()

    @property
    def size(self) -> int:
        """How many items are to be stored."""
        delivered = (self.delivery.readings, self.delivery.heartbeats, self.delivery.unread)
        return 1 + len(self.sent) + sum(len(each) for each in delivered)


Result = tuple[Consignment, Parcel, list[Outcome]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the fixes of a consignment, and how many items were no fixes that could be read."""

    outcomes: list[Outcome]
    unread: int

    @property
    def counts(self) -> dict[str, int]:
        """How many fixes are stored now, were before, are quarantined or withheld; and how many items are none."""
        standings = Counter(each.row["standing"] for each in self.outcomes if each.row is not None)
        statuses = Counter(each.status for each in self.outcomes)
        refused = statuses["refused"] + self.unread
        named = {name: standings[name] for name in ("counted", "quarantined", "withheld")}
        return {"stored": statuses["stored"], "repeated": statuses["repeated"], **named, "unread": refused}


Taken = Stored | UnknownToken


def take_in_consignments(session: Session, consignments: Sequence[Consignment], settings: Settings) -> list[Taken]:
    """Store consignments; return what became of the fixes of each, or that nobody knows its token."""
    callers = _callers(session, consignments)
    known = [(each, caller) for each, caller in zip(consignments, callers, strict=True) if caller is not None]
    parcels = [Parcel(caller, each.sent or _check_ins(each)) for each, caller in known]
    outcomes = check_in_parcels(session, parcels, settings)
    delivered = [(each, caller) for each, caller in known if each.words]
    if delivered:
        results = [
            (each, parcel, its) for (each, _), parcel, its in zip(known, parcels, outcomes, strict=True) if each.words
        ]
        _check_in_again(session, results, settings)
        _keep_heartbeats(session, delivered)
        _keep_unread(session, results)
        _raise_alarms(session, delivered, settings)
    found = iter(outcomes)
    return [
        unknown_token() if caller is None else Stored(next(found), len(each.delivery.unread))
        for each, caller in zip(consignments, callers, strict=True)
    ]


def unknown_token() -> UnknownToken:
    """Say that a token lets nobody in."""
    return UnknownToken(
        "令牌无效、已过期或已被吊销;请用管理员发放的设备地址", "the token is unknown, out of date or revoked"
    )


def _callers(session: Session, consignments: Sequence[Consignment]) -> list[Caller | None]:
    """Return who sends each consignment, None for nobody who may, and note that their tokens were used."""
    found = callers_of(session, {each.words for each in consignments if each.words}, *KINDS)
    due = [caller.token for caller in found.values() if caller.token and caller.is_use_due]
    note_uses(session, due)
    walking = {words: caller for words, caller in found.items() if caller.may("check_in")}
    return [each.caller or walking.get(each.words) for each in consignments]


# --- fixes -----------------------------------------------------------------------------------------


def _check_ins(consignment: Consignment) -> list[CheckIn]:
    return [_check_in(reading, consignment.received_at) for reading in consignment.delivery.readings]


def _check_in(reading: Reading, received_at: datetime) -> CheckIn:
    return CheckIn(
        patroller=reading.patroller,
        fix_at=reading.fix_at or received_at,
        received_at=received_at,
        longitude=reading.longitude,
        latitude=reading.latitude,
        crs=reading.crs,
        accuracy_m=reading.accuracy_m,
        patrol=reading.patrol,
        client_id=reading.client_id,
        is_track=reading.is_track,
        is_untimed=reading.fix_at is None,
        attributes=reading.attributes,
    )


def _check_in_again(session: Session, results: Sequence[Result], settings: Settings) -> None:
    """Store what came with an id that another fix of its sender has: a phone that is set up anew counts anew."""
    again = [Parcel(parcel.caller, _in_conflict(parcel, outcomes)) for _, parcel, outcomes in results]
    if any(parcel.sent for parcel in again):
        check_in_parcels(session, again, settings)


def _in_conflict(parcel: Parcel, outcomes: Sequence[Outcome]) -> list[CheckIn]:
    its = zip(parcel.sent, outcomes, strict=True)
    return [replace(fix, client_id=None) for fix, outcome in its if outcome.status == "conflict"]


# --- what is no fix --------------------------------------------------------------------------------


def _keep_heartbeats(session: Session, delivered: Sequence[tuple[Consignment, Caller]]) -> None:
    alive = [(each, caller) for each, caller in delivered if each.delivery.heartbeats]
    if not alive:
        return
    phones = device_patrollers(session, {caller.token or 0 for _, caller in alive if caller.kind == "device"})
    rows = [
        {
            "sender_id": phones.get(caller.token or 0) or patroller_of(session, caller.person or 0).id,
            "beat_at": min(beat.at or each.received_at, each.received_at),
            "received_at": each.received_at,
        }
        for each, caller in alive
        for beat in each.delivery.heartbeats
    ]
    store_once(session, HEARTBEAT, rows, ("sender_id", "beat_at"))


def _raise_alarms(session: Session, delivered: Sequence[tuple[Consignment, Caller]], settings: Settings) -> None:
    """Call for help for whoever's phone says so, with a position or without one."""
    for each, caller in delivered:
        found: list[Reading | Beat] = [*each.delivery.readings, *each.delivery.heartbeats]
        for one in found:
            if one.attributes.get("alarm") == SOS:
                raise_alarm(session, caller, _sos(one, each.received_at), settings.zone)


def _sos(one: Reading | Beat, received_at: datetime) -> Sos:
    if isinstance(one, Beat):
        return Sos(one.at or received_at, received_at)
    has_place = is_on_earth(one.longitude, one.latitude)
    place = (one.longitude, one.latitude, one.accuracy_m) if has_place else (None, None, None)
    return Sos(one.fix_at or received_at, received_at, one.client_id, *place)


def _keep_unread(session: Session, results: Sequence[Result]) -> None:
    rows = [
        {"token_id": parcel.token, "received_at": each.received_at, "protocol": each.protocol, **told}
        for each, parcel, outcomes in results
        for told in (*(one._asdict() for one in each.delivery.unread), *_refused(parcel, outcomes))
    ]
    if rows:
        session.execute(insert(UNREAD), rows)


def _refused(parcel: Parcel, outcomes: Sequence[Outcome]) -> Iterator[dict[str, str]]:
    """Yield the fixes that were not taken, with why; without the place where its patroller has not agreed to it."""
    for fix, outcome in zip(parcel.sent, outcomes, strict=True):
        error = outcome.error
        if isinstance(error, GisgridError) and outcome.status == "refused":
            body = "" if isinstance(error, PointsOnly) else json.dumps(_told(fix), ensure_ascii=False)
            yield {"zh": error.zh, "en": error.en, "body": body}


def _told(fix: CheckIn) -> dict[str, Any]:
    names = ("patroller", "longitude", "latitude", "crs", "accuracy_m", "patrol", "client_id")
    return {"fix_at": fix.fix_at.astimezone(UTC).isoformat(), **{name: getattr(fix, name) for name in names}}
