"""Who is on duty now, within the sight of whoever asks: where they were last, and whether anything was heard since.

Where somebody was last decides who sees the place: those from whose cells somebody has gone on are told that alone.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, String, cast, func, literal, select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import Cell
from gisgrid.once import table_of
from gisgrid.patrols.duty.consent import WALKING
from gisgrid.patrols.duty.liveness import Life, Signs, life
from gisgrid.patrols.judge import Flag, names_of
from gisgrid.patrols.people import device_ref
from gisgrid.patrols.tables import DEVICE, Fix, Heartbeat, Patroller, Shift
from gisgrid.settings import Settings
from gisgrid.sight import Sight, seeing_everything, sight_of, visible
from gisgrid.staff.tables import Appointment, Token

FIX, SHIFT, HEARTBEAT, TOKEN = table_of(Fix), table_of(Shift), table_of(Heartbeat), table_of(Token)
AHEAD = int(Flag.AHEAD | Flag.FAR_AHEAD)
IN_TIME: ColumnElement[bool] = FIX.c.flags.bitwise_and(AHEAD) == 0
"""A fix of tomorrow would be the last one for a day."""


class Duty(NamedTuple):
    """Somebody on duty: by ref, since when, how alive; the row of their last fix, None before the first."""

    patroller: str
    since: datetime
    life: Life
    fix_id: int | None
    person: int | None
    device: str | None
    cell_code: str | None


def duties_seen(session: Session, settings: Settings, now: datetime) -> dict[str, dict[str, Any]]:
    """Return who is on duty, by ref: `position`, `is_elsewhere`, `since`, `alive_at`, `is_silent`, `device`.

    It is as it stands on the wire. Those who answer for the cell of the device, or where somebody walks, see them with
    no position, too: before the first fix, and `is_elsewhere`, in cells for which they do not answer.
    """
    with seeing_everything(session):
        duties = _duties(session, settings, now)
        homes = _homes(session, [each.person for each in duties if each.person])
    positions = _positions(session, [each.fix_id for each in duties if each.fix_id is not None])
    sight = sight_of(session)
    return {
        each.patroller: _told(each, positions.get(each.fix_id or 0))
        for each in duties
        if each.fix_id in positions or _is_near(sight, each, homes)
    }


def _told(duty: Duty, position: dict[str, Any] | None) -> dict[str, Any]:
    alive_at = duty.life.alive_at
    return {
        "position": position,
        "is_elsewhere": position is None and duty.fix_id is not None,
        "since": _iso(duty.since),
        "alive_at": None if alive_at is None else _iso(alive_at),
        "is_silent": duty.life.is_silent,
        "device": duty.device,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


# --- everybody -------------------------------------------------------------------------------------


def _duties(session: Session, settings: Settings, now: datetime) -> list[Duty]:
    its_fixes = (FIX.c.patroller_id == SHIFT.c.patroller_id, FIX.c.fix_at >= SHIFT.c.started_at, IN_TIME)
    signs = (_last(FIX.c.fix_at, *its_fixes), _last_beat(), _last_beat_of_device(), _last_use())
    found = _last(FIX.c.id, *its_fixes, FIX.c.standing == "counted")
    asked = (
        select(Patroller.ref, Patroller.person_id, SHIFT.c.started_at, found, *signs, Token.name, Token.cell_code)
        .join(Patroller, Patroller.id == SHIFT.c.patroller_id)
        .outerjoin(Token, Token.id == SHIFT.c.token_id)
        .where(SHIFT.c.started_at <= now, SHIFT.c.ended_at > now)
        .order_by(Patroller.ref)
    )
    duties = []
    for ref, person, since, fix_id, fix_at, beat_at, device_beat_at, used_at, device, code in session.execute(asked):
        heard = Signs(fix_at, max(filter(None, (beat_at, device_beat_at)), default=None), used_at)
        alive = life(heard, since, now, settings.silent_minutes)
        duties.append(Duty(ref, since, alive, fix_id, person, device, code))
    return duties


def _last(column: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    latest = select(column).where(*where).order_by(FIX.c.fix_at.desc(), FIX.c.id.desc()).limit(1)
    return latest.correlate(SHIFT).scalar_subquery()


def _last_beat() -> ScalarSelect[Any]:
    beat = select(func.max(HEARTBEAT.c.beat_at)).where(HEARTBEAT.c.sender_id == SHIFT.c.patroller_id)
    return beat.correlate(SHIFT).scalar_subquery()


def _last_beat_of_device() -> ScalarSelect[Any]:
    phone = table_of(Patroller).alias("phone")
    named = phone.c.ref == literal(DEVICE).concat(cast(SHIFT.c.token_id, String))
    sender = select(phone.c.id).where(named).correlate(SHIFT).scalar_subquery()
    beat = select(func.max(HEARTBEAT.c.beat_at)).where(HEARTBEAT.c.sender_id == sender)
    return beat.where(HEARTBEAT.c.beat_at >= SHIFT.c.started_at).correlate(SHIFT).scalar_subquery()


def _last_use() -> ColumnElement[Any]:
    """Return when the device was last used, or the browser and the keys of whoever carries none."""
    own = TOKEN.alias("own")
    theirs = select(func.max(own.c.last_used_at)).where(own.c.person_id == Patroller.person_id)
    theirs = theirs.where(own.c.kind.in_(("session", "api")), SHIFT.c.token_id.is_(None))
    return func.coalesce(Token.last_used_at, theirs.correlate(Patroller, SHIFT).scalar_subquery())


def _homes(session: Session, people: Collection[int]) -> dict[int, set[str | None]]:
    """Return the codes of the cells in which people walk."""
    asked = select(Appointment.person_id, Appointment.cell_code)
    found: dict[int, set[str | None]] = {}
    for person, code in session.execute(asked.where(Appointment.person_id.in_(people), Appointment.role.in_(WALKING))):
        found.setdefault(person, set()).add(code)
    return found


def device_life(session: Session, settings: Settings, token_id: int, since: datetime | None, now: datetime) -> Life:
    """Tell how alive a phone is by what it sent: that somebody looks at its page is no sign that it records."""
    phone = select(Patroller.id).where(Patroller.ref == device_ref(token_id)).scalar_subquery()
    fixes = select(FIX.c.fix_at).where(FIX.c.sender_id == phone, IN_TIME).order_by(FIX.c.fix_at.desc()).limit(1)
    beats = select(func.max(HEARTBEAT.c.beat_at)).where(HEARTBEAT.c.sender_id == phone)
    with seeing_everything(session):
        signs = Signs(session.scalar(fixes), session.scalar(beats))
    return life(signs, since, now, settings.silent_minutes)


# --- who is seen -----------------------------------------------------------------------------------


def _is_near(sight: Sight, duty: Duty, homes: Mapping[int, set[str | None]]) -> bool:
    codes = {duty.cell_code} if duty.device is not None else homes.get(duty.person or 0, set())
    return any(sight.answers.outside if code is None else sight.has_code(code) for code in codes)


def _positions(session: Session, fix_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return those of some fixes that this session may see, as they stand on the wire."""
    rows = session.execute(select(FIX).where(visible(session, FIX), FIX.c.id.in_(fix_ids))).mappings().all()
    finest = {row["id"]: row["substation_id"] or row["community_id"] or row["street_id"] for row in rows}
    asked = select(Cell.id, Cell.code, Cell.name).where(Cell.id.in_(set(filter(None, finest.values()))))
    cells = {row.id: {"code": row.code, "name": row.name} for row in session.execute(asked)}
    return {row["id"]: _position(row, cells.get(finest[row["id"]])) for row in rows}


def _position(row: Any, cell: dict[str, str] | None) -> dict[str, Any]:
    told = json.loads(row["attributes"] or "{}")
    return {
        **{name: row[name] for name in ("longitude", "latitude", "accuracy_m")},
        "fix_at": _iso(row["fix_at"]),
        "flags": names_of(row["flags"]),
        **{name: told.get(name) for name in ("battery", "bearing_deg")},
        "cell": cell,
    }
