"""Rows of the incidents: what needs handling, and where."""

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, false, not_, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.once import table_of
from gisgrid.sight import SIGHT, Sight, as_seen, seen_by

Columns = ReadOnlyColumnCollection[str, Any]


def with_its_incident(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """Return the condition that a row, by its `incident_id`, is of an incident that may be seen."""
    incidents = table_of(Incident)
    number: ColumnElement[int] = columns.incident_id
    return number.in_(select(incidents.c.id).where(seen_by(sight, incidents)))


class Handler(Base):
    """Somebody who is named to handle a confidential incident, by whom and why."""

    __tablename__ = "incident_handlers"
    __table_args__ = {"info": {SIGHT: with_its_incident}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    named_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    named_at: Mapped[datetime]
    reason: Mapped[str]


class Party(Base):
    """A department that acts on an incident; one of them leads. Rows go when it is dispatched anew."""

    __tablename__ = "incident_parties"
    __table_args__ = {"info": {SIGHT: with_its_incident}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)
    is_lead: Mapped[bool]


class Step(Base):
    """A recorded move. Rows are added and never changed: the database itself refuses it while the incident is there.

    Where the work was done or checked is `longitude`, `latitude` of whoever says so; `detail` is a JSON object of what
    the move was given, in codes. `made_by` is None for what happens by itself, and at the command line.
    """

    __tablename__ = "incident_steps"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index("ix_incident_steps_made_at", "made_at"),
        {"info": {SIGHT: with_its_incident}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    number: Mapped[int]
    move: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answering_code: Mapped[str | None]
    words: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="{}")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]


class Exhibit(Base):
    """A photo or document of an incident: what was `found`, or what was `done` about it.

    `longitude`, `latitude` and `taken_at` are what the file itself said; `taken_at` is of the camera's own clock.
    """

    __tablename__ = "incident_exhibits"
    __table_args__ = (
        UniqueConstraint("incident_id", "hash"),
        {"info": {SIGHT: with_its_incident}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    hash: Mapped[str] = mapped_column(ForeignKey("attachments.hash"), index=True)
    shows: Mapped[str]
    caption: Mapped[str] = mapped_column(default="")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    taken_at: Mapped[str | None]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    added_at: Mapped[datetime]


class CaseCount(Base):
    """How many incidents of a day and a cell have a number: a row that is locked while another one is given."""

    __tablename__ = "case_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    cell_code: Mapped[str] = mapped_column(primary_key=True)
    cases: Mapped[int]


def _mine_ordinary_or_confided(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """One's own report or task; else what lies in one's cells or is answered for there.

    Unless it is confidential: that is for its handlers alone.
    """
    is_here = or_(sight.answers.hold(columns), columns.answering_code.in_(sight.codes))
    ordinary = and_(not_(columns.is_confidential), is_here, _impartial(sight, columns))
    return or_(_mine(sight, columns), ordinary, handled(sight, columns))


def _mine(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    if sight.person is None:
        return false()
    return or_(columns.reported_by == sight.person, columns.handler_id == sight.person)


def handled(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """Return the condition that an incident is confidential, and that whoever asks handles it."""
    is_named = columns.id.in_(select(Handler.incident_id).where(Handler.person_id == sight.person))
    confided = or_(sight.confides.hold(columns), is_named)
    return as_seen(and_(columns.is_confidential, confided, _impartial(sight, columns)), table_of(Incident))


def _impartial(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """A complaint is for whoever answers for a cell above the one complained of, and never for its department."""
    cell, department = columns.complained_cell_id, columns.complained_department_id
    return and_(
        or_(cell.is_(None), cell.in_(sight.beneath)), or_(department.is_(None), department.not_in(sight.departments))
    )


class Incident(Base):
    """What was reported, located on its day, and how it stands. `raw_*` are the coordinates as sent, in `crs`.

    `key` tells a sender's `client_id` from another's. `answering_code` is the cell that answers for it now, None for
    the street where it lies in no cell. `complained_*` is the unit that a complaint is about. What the steps say is
    kept here once more: `state`, `due_at`, `condition`, who acts; `revision` counts the changes. `contact` is how to
    reach whoever told of it, for those who handle it.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("key", name="uq_incidents_client_id"),  # named as it was: SQLite renames none
        Index("ix_incidents_reported_at", "reported_at"),
        Index("ix_incidents_substation_id_reported_at", "substation_id", "reported_at"),
        Index("ix_incidents_state_due_at", "state", "due_at"),
        Index("uq_incidents_number", "number", unique=True),
        {"info": {"moment": "reported_at", SIGHT: _mine_ordinary_or_confided}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str]
    client_id: Mapped[str] = mapped_column(server_default="")
    number: Mapped[str | None]
    kind: Mapped[str]
    description: Mapped[str]
    reported_at: Mapped[datetime]
    received_at: Mapped[datetime]
    longitude: Mapped[float]
    latitude: Mapped[float]
    crs: Mapped[str]
    raw_longitude: Mapped[float]
    raw_latitude: Mapped[float]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    geometry: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326))
    is_confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    complained_cell_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    complained_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    state: Mapped[str] = mapped_column(default="reported", server_default="reported")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    answering_code: Mapped[str | None] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(default="patrol", server_default="patrol")
    outside_number: Mapped[str | None] = mapped_column(index=True)
    contact: Mapped[str] = mapped_column(default="", server_default="")
    condition: Mapped[str | None]
    due_at: Mapped[datetime | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    is_sampled: Mapped[bool] = mapped_column(default=False, server_default=false())
