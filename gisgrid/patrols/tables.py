"""Rows of the patrols: who walks, shifts, outings, fixes, checkpoints; and what is kept of days that are over."""

from datetime import date, datetime
from typing import Any, Literal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    cast,
    false,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.once import table_of
from gisgrid.sight import SIGHT, Sight, seen_by
from gisgrid.staff.tables import Token

Standing = Literal["counted", "withheld", "quarantined", "evidence"]
"""`withheld`: measured off shift, for the patroller's own eyes. `quarantined`: the judge doubts that it can be so, and
nobody has released it. `evidence`: kept of a sealed day for an incident. Figures are of what is `counted` alone."""

NoteAct = Literal["noted", "released", "withdrawn"]

UNCOUNTED: ColumnElement[bool] = literal_column("standing <> 'counted'")
"""The few fixes that an index of their own finds; a query that is to use it says it in these words."""
DOUBTED: ColumnElement[bool] = literal_column("flags <> 0")
"""The fixes of which something is doubtful, for an index of theirs, in the same way."""

DEVICE = "device\t"
"""How the name begins under which a device's fixes wait: no name that is sent in may hold a tab."""


class Patroller(Base):
    """Somebody who walks; `ref` is how phones and files name them. `person_id` is their account, if they have one."""

    __tablename__ = "patrollers"
    __table_args__ = (Index("uq_patrollers_person_id", "person_id", unique=True),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


def _own(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    if sight.person is None:
        return false()
    patroller: ColumnElement[int] = columns.patroller_id
    return patroller.in_(select(Patroller.id).where(Patroller.person_id == sight.person))


def _own_or_answered(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    return or_(_own(sight, columns), sight.answers.hold(columns))


def _own_or_answered_for(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    return or_(_own(sight, columns), and_(columns.standing != "withheld", sight.answers.hold(columns)))


class Shift(Base):
    """A patroller's time on duty `[started_at, ended_at)`; it has an end from the first, which signing off brings near.

    `token_id` is the device that the patroller carries; without one they send from their own browser or key. The shifts
    of a person do not overlap, nor do those of a device.
    """

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_patroller_id_started_at", "patroller_id", "started_at"), {"info": {SIGHT: _own}})

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    token_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    signed_on_at: Mapped[datetime]


class Patrol(Base):
    """One outing of one person, named by the phone or the file; it spans its fixes."""

    __tablename__ = "patrols"
    __table_args__ = (UniqueConstraint("patroller_id", "ref"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    ref: Mapped[str]


class Fix(Base):
    """One GPS measurement, located on its day. Without a geometry column: a view makes the points.

    `fix_at` is the phone's time, `received_at` the server's. `raw_*` are the coordinates as sent, in `crs`; what is no
    place on earth has none. `sender_id` is whose clock and antenna it is, for good: the row under which a device's
    fixes wait, else the patroller; `patroller_id` follows the shifts. `is_by_shift`: sent by a patroller, so that it
    counts within a shift alone; through `token_id`, if by a device. `flags` are a `judge.Flag`, `candidates` the cells
    in which a fix near an edge may lie, by code, each with its probability, `attributes` what else the phone said:
    the last two in JSON. `proved_checkpoint_id`: the checkpoint whose code of that time was shown with it.
    """

    __tablename__ = "fixes"
    __table_args__ = (
        UniqueConstraint("sender_id", "client_id"),
        Index("ix_fixes_fix_at", "fix_at"),
        Index("ix_fixes_sender_id_fix_at", "sender_id", "fix_at"),
        Index("ix_fixes_patroller_id_fix_at", "patroller_id", "fix_at"),
        Index("ix_fixes_substation_id_fix_at", "substation_id", "fix_at"),
        Index(
            "ix_fixes_standing_received_at",
            "standing",
            "received_at",
            sqlite_where=UNCOUNTED,
            postgresql_where=UNCOUNTED,
        ),
        Index("ix_fixes_doubted_received_at", "received_at", sqlite_where=DOUBTED, postgresql_where=DOUBTED),
        {"info": {"moment": "fix_at", SIGHT: _own_or_answered_for}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    client_id: Mapped[str]
    sender_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    patrol_id: Mapped[int | None] = mapped_column(ForeignKey("patrols.id"), index=True)
    fix_at: Mapped[datetime]
    received_at: Mapped[datetime]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    crs: Mapped[str]
    raw_longitude: Mapped[float | None]
    raw_latitude: Mapped[float | None]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    standing: Mapped[Standing] = mapped_column(String, default="counted", server_default="counted")
    is_track: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_by_shift: Mapped[bool] = mapped_column(default=False, server_default=false())
    token_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"), index=True)
    flags: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    is_released: Mapped[bool] = mapped_column(default=False, server_default=false())
    candidates: Mapped[str | None]
    attributes: Mapped[str | None]
    proved_checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))


def _of_own_devices(sight: Sight) -> ColumnElement[bool]:
    """Return the condition that a token is a device of a cell that is answered for."""
    return and_(Token.kind == "device", Token.cell_code.in_(sorted(sight.codes)))


def _sent_by_own(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    sender: ColumnElement[int] = columns.sender_id
    device = Patroller.ref == literal(DEVICE).concat(cast(Token.id, String))
    devices = select(Patroller.id).join(Token, device).where(_of_own_devices(sight))
    own = false() if sight.person is None else Patroller.person_id == sight.person
    return or_(sender.in_(select(Patroller.id).where(own)), sender.in_(devices))


def _shown_by_own(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    token: ColumnElement[int] = columns.token_id
    own = false() if sight.person is None else Token.person_id == sight.person
    return token.in_(select(Token.id).where(or_(own, _of_own_devices(sight))))


class Heartbeat(Base):
    """A sign of life without a position: a phone at rest sends nothing else, and its patroller is still there."""

    __tablename__ = "heartbeats"
    __table_args__ = (UniqueConstraint("sender_id", "beat_at"), {"info": {SIGHT: _sent_by_own}})

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    beat_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)


class Unread(Base):
    """What a device sent that is no fix at all, as it came, with why; what it was goes before the reason does."""

    __tablename__ = "unread"
    __table_args__ = {"info": {SIGHT: _shown_by_own}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("tokens.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    protocol: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    body: Mapped[str]


class Checkpoint(Base):
    """A place that must be visited: within `radius_m`, for `dwell_s` at least, until it is retired.

    Where `code_days` is set, the code of that many days is to be shown, which follows from `code_secret`.
    """

    __tablename__ = "checkpoints"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    radius_m: Mapped[float]
    dwell_s: Mapped[float] = mapped_column(default=0, server_default=text("0"))
    code_days: Mapped[int | None]
    code_secret: Mapped[str | None]
    retired_at: Mapped[datetime | None]
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326))


def _own_or_of_a_visible_fix(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    fixes = table_of(Fix)
    return or_(_own(sight, columns), columns.fix_id.in_(select(fixes.c.id).where(seen_by(sight, fixes))))


class Consent(Base):
    """What a person was shown and agreed to: the notice of that version, or the recording of whole tracks."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    covers: Mapped[Literal["notice", "track"]] = mapped_column(String)
    version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Objection(Base):
    """A patroller contests what was decided about a fix of theirs; somebody who answers for the cell replies."""

    __tablename__ = "objections"
    __table_args__ = {"info": {SIGHT: _own_or_of_a_visible_fix}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fixes.id"), index=True)
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    words: Mapped[str]
    made_at: Mapped[datetime]
    reply: Mapped[str] = mapped_column(default="")
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    replied_at: Mapped[datetime | None]


class Alarm(Base):
    """A patroller calls for help (SOS), on shift or off, from a place if the phone knew one; somebody acknowledges it.

    `sender_id` is the row of the device that sent it, else the patroller's: a repeat is told by it and the client_id.
    `token_id` is that device.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        UniqueConstraint("sender_id", "client_id"),
        Index("ix_alarms_received_at", "received_at"),
        {"info": {"moment": "received_at", SIGHT: _own_or_answered}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    client_id: Mapped[str]
    sender_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"), index=True)
    token_id: Mapped[int | None] = mapped_column(ForeignKey("tokens.id"), index=True)
    raised_at: Mapped[datetime]
    received_at: Mapped[datetime]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    words: Mapped[str] = mapped_column(default="", server_default="")
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    acknowledged_at: Mapped[datetime | None]


def _of_a_visible_fix(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    fixes = table_of(Fix)
    fix: ColumnElement[int] = columns.fix_id
    return fix.in_(select(fixes.c.id).where(seen_by(sight, fixes)))


class FixNote(Base):
    """What staff say of a fix, for its patroller and for others: a remark, or why it was released, or is no more."""

    __tablename__ = "fix_notes"
    __table_args__ = {"info": {SIGHT: _of_a_visible_fix}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fixes.id"), index=True)
    act: Mapped[NoteAct] = mapped_column(String)
    words: Mapped[str]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime]


class Hold(Base):
    """A stretch of somebody's track that is evidence of an incident, kept until its day, whatever is purged."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"), index=True)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    until: Mapped[date]
    incident: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str]
    made_at: Mapped[datetime]


class SealedDay(Base):
    """A local day whose fixes are gone: what is known of it are its `cell_days`, and they stay as they are."""

    __tablename__ = "sealed_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    sealed_at: Mapped[datetime]
    fixes: Mapped[int]


class CellDay(Base):
    """The figures of a cell on a sealed day, without a trace of who made them; the code of what is in no cell is "".

    People and outings are kept where they are five or more: a smaller number would point at somebody.
    """

    __tablename__ = "cell_days"

    day: Mapped[date] = mapped_column(ForeignKey("sealed_days.day"), primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    check_ins: Mapped[int]
    patrollers: Mapped[int | None]
    patrols: Mapped[int | None]
    visits: Mapped[int]
    dwell_s: Mapped[float]
    covered_area_m2: Mapped[float | None]
    coverage_ratio: Mapped[float | None]
