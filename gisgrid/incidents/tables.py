"""Rows of the incidents: what needs handling, and where."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ColumnElement, ForeignKey, Index, and_, false, not_, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.once import table_of
from gisgrid.sight import SIGHT, Sight, as_seen, seen_by

Columns = ReadOnlyColumnCollection[str, Any]


def _with_its_incident(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    incidents = table_of(Incident)
    number: ColumnElement[int] = columns.incident_id
    return number.in_(select(incidents.c.id).where(seen_by(sight, incidents)))


class Handler(Base):
    """Somebody who is named to handle a confidential incident, by whom and why."""

    __tablename__ = "incident_handlers"
    __table_args__ = {"info": {SIGHT: _with_its_incident}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    named_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    named_at: Mapped[datetime]
    reason: Mapped[str]


def _mine_ordinary_or_confided(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """One's own report; else what lies in one's cells, unless it is confidential: that is for its handlers alone."""
    mine = columns.reported_by == sight.person if sight.person is not None else false()
    ordinary = and_(not_(columns.is_confidential), sight.answers.hold(columns), _impartial(sight, columns))
    return or_(mine, ordinary, handled(sight, columns))


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
    """What was reported, located on its day. `raw_*` are the coordinates as sent, in `crs`.

    `complained_*` is the unit that a complaint is about.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_reported_at", "reported_at"),
        Index("ix_incidents_substation_id_reported_at", "substation_id", "reported_at"),
        {"info": {"moment": "reported_at", SIGHT: _mine_ordinary_or_confided}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    client_id: Mapped[str] = mapped_column(unique=True)
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
