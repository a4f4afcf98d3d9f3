"""A call for help (SOS): kept whatever is wrong with it, seen by those who answer for its place, acknowledged once.

It is somebody's own act: no shift is asked for. Where the phone knew no place, those of the street see it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, func, null, select, update
from sqlalchemy.orm import Session, aliased

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Forbidden, NotFound
from gisgrid.geometry import WGS84
from gisgrid.grid.place import CELL_COLUMNS, places
from gisgrid.intake.finding import page_of
from gisgrid.once import store_once, table_of
from gisgrid.parameters import Page
from gisgrid.patrols.duty.shifts import on_duty
from gisgrid.patrols.people import device_patrollers, patroller_of
from gisgrid.patrols.tables import Alarm, Patroller
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.tables import Person, Token

ALARM = table_of(Alarm)
PLACE = ("longitude", "latitude", "accuracy_m", *CELL_COLUMNS)


class NoSuchAlarm(NotFound):
    """No alarm that one may see has that number."""


class OwnAlarm(Forbidden):
    """Nobody comes to their own help."""


@dataclass(frozen=True, slots=True)
class Sos:
    """A call for help as it was sent; the position in WGS 84 degrees, if there is one."""

    raised_at: datetime
    received_at: datetime
    client_id: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    words: str = ""


class Raised(NamedTuple):
    """What became of a call: its row, and whether it was stored now."""

    id: int
    is_new: bool


def raise_alarm(session: Session, caller: Caller, sent: Sos, zone: ZoneInfo) -> Raised:
    """Store a call for help of whoever sends it, once; `zone` says where a day begins.

    A device calls for whoever was signed on to it, else for itself. The same sender and client_id is one row, without
    a client_id the same sender and time; a repeat brings the position if the first had none.
    """
    moment = min(sent.raised_at, sent.received_at)
    sender_id, patroller_id, person_id = _caller_in_need(session, caller, moment)
    place = _place(session, sent, zone)
    row = {
        "client_id": sent.client_id or _derived_id(sent),
        "sender_id": sender_id,
        "patroller_id": patroller_id,
        "token_id": caller.token if caller.kind == "device" else None,
        "raised_at": sent.raised_at,
        "received_at": sent.received_at,
        "words": sent.words,
        **place,
    }
    (arrival,) = store_once(session, ALARM, [row], ("sender_id", "client_id"))
    number: int = arrival.row["id"]
    if arrival.status == "stored":
        about = None if person_id is None else ("person", person_id)
        record(session, _actor(caller), "alarm.raised", about, alarm=number, device=row["token_id"])
    elif arrival.row["longitude"] is None and place["longitude"] is not None:
        with seeing_everything(session):
            session.execute(update(ALARM).where(ALARM.c.id == number).values(place))
    return Raised(number, arrival.status == "stored")


def _caller_in_need(session: Session, caller: Caller, moment: datetime) -> tuple[int, int, int | None]:
    """Return the rows of the sender and of the patroller, and that of the latter's person, if there is one."""
    if caller.kind != "device":
        own = patroller_of(session, caller.person or 0).id
        return own, own, caller.person
    token = caller.token or 0
    sender = device_patrollers(session, [token])[token]
    duty = on_duty(session, token_id=caller.token, at=moment)
    return (sender, sender, None) if duty is None else (sender, duty.shift.patroller_id, duty.person)


def _place(session: Session, sent: Sos, zone: ZoneInfo) -> dict[str, Any]:
    """Return the columns of the place, in the grid of today; all None for no position, or one that is not on earth."""
    if sent.longitude is None or sent.latitude is None:
        return dict.fromkeys(PLACE)
    (found,) = places(session, [sent.longitude], [sent.latitude], [WGS84], [sent.received_at], zone)
    return dict.fromkeys(PLACE) if found is None else {"accuracy_m": sent.accuracy_m, **found.columns}


def _derived_id(sent: Sos) -> str:
    return f"alarm-{sha256(sent.raised_at.astimezone(UTC).isoformat().encode()).hexdigest()[:32]}"


def _actor(caller: Caller) -> Actor:
    return Actor("device", caller.token) if caller.kind == "device" else Actor("person", caller.person)


def acknowledge(session: Session, person_id: int, alarm_id: int) -> None:
    """Say that a person has seen to an alarm; the first who says so counts. Raises NoSuchAlarm, OwnAlarm."""
    asked = select(Alarm).where(visible(session, ALARM), ALARM.c.id == alarm_id)
    alarm = session.scalar(asked.with_for_update())
    if alarm is None:
        raise _no_such_alarm()
    theirs = session.scalar(select(Patroller.person_id).where(Patroller.id == alarm.patroller_id))
    if theirs == person_id:
        raise OwnAlarm("不能确认自己的呼救", "you cannot acknowledge an alarm of your own")
    if alarm.acknowledged_at is not None:
        return
    alarm.acknowledged_by, alarm.acknowledged_at = person_id, datetime.now(UTC)
    session.flush()
    whom = None if theirs is None else ("person", theirs)
    record(session, Actor("person", person_id), "alarm.acknowledged", whom, alarm=alarm_id)


def _no_such_alarm() -> NoSuchAlarm:
    return NoSuchAlarm("没有这个编号的呼救", "there is no alarm with that number")


def alarms_page(session: Session, page: Page, *, is_open: bool = False) -> tuple[int, list[dict[str, Any]]]:
    """Return how many alarms this session may see, and a page, the newest first; if asked, the unacknowledged alone."""
    asked = _alarms().where(visible(session, ALARM))
    if is_open:
        asked = asked.where(ALARM.c.acknowledged_at.is_(None))
    matched, rows = page_of(session, asked.order_by(ALARM.c.id.desc()), page)
    return matched, [dict(row) for row in rows]


def open_alarms(session: Session) -> int:
    """Return how many of the alarms that this session may see nobody has acknowledged."""
    asked = select(func.count()).select_from(ALARM).where(visible(session, ALARM), ALARM.c.acknowledged_at.is_(None))
    return session.scalar(asked) or 0


def alarm_seen(session: Session, caller: Caller, alarm_id: int) -> dict[str, Any]:
    """Return an alarm that a person may see, or that a device has sent. Raises NoSuchAlarm."""
    asked = _alarms().where(ALARM.c.id == alarm_id)
    if caller.kind == "device":
        with seeing_everything(session):  # a device sees nothing but what it sent itself
            row = session.execute(asked.where(ALARM.c.token_id == caller.token)).mappings().first()
    else:
        row = session.execute(asked.where(visible(session, ALARM))).mappings().first()
    if row is None:
        raise _no_such_alarm()
    return dict(row)


def _alarms() -> Select[Any]:
    helper = aliased(Person)
    is_nobodys = (ALARM.c.token_id.is_not(None)) & (ALARM.c.patroller_id == ALARM.c.sender_id)
    called = func.coalesce(func.nullif(Person.full_name, ""), Person.name, func.nullif(Patroller.name, ""))
    told = ("id", "client_id", "raised_at", "received_at", *PLACE, "words", "acknowledged_at")
    return (
        select(
            *(ALARM.c[name] for name in told),
            case((is_nobodys, null()), else_=Patroller.ref).label("patroller"),
            called.label("name"),
            Token.name.label("device"),
            func.coalesce(func.nullif(helper.full_name, ""), helper.name).label("acknowledged_by"),
        )
        .join(Patroller, Patroller.id == ALARM.c.patroller_id)
        .outerjoin(Person, Person.id == Patroller.person_id)
        .outerjoin(Token, Token.id == ALARM.c.token_id)
        .outerjoin(helper, helper.id == ALARM.c.acknowledged_by)
    )
