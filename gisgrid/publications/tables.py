"""Rows of the publications: what is told to staff, and who has taken note of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, and_, false, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.grid.tables import Cell
from gisgrid.once import table_of
from gisgrid.sight import SIGHT, Sight
from gisgrid.staff.tables import Appointment

Columns = ReadOnlyColumnCollection[str, Any]

CELL, APPOINTMENT = table_of(Cell), table_of(Appointment)


def reached(cell_code: ColumnElement[Any], role: ColumnElement[Any]) -> Select[Any]:
    """Return the rows of those who hold an appointment in a cell or below it, of a role; null is any.

    Who answers for a cell above is not among them.
    """
    own, parent, top = (CELL.alias(name) for name in ("own", "parent", "top"))
    held = (
        APPOINTMENT.outerjoin(own, own.c.code == APPOINTMENT.c.cell_code)
        .outerjoin(parent, parent.c.id == own.c.parent_id)
        .outerjoin(top, top.c.id == parent.c.parent_id)
    )
    lies = cell_code.in_([APPOINTMENT.c.cell_code, parent.c.code, top.c.code])
    where = or_(cell_code.is_(None), lies), or_(role.is_(None), role == APPOINTMENT.c.role)
    return select(APPOINTMENT.c.person_id).select_from(held).where(*where)


def addressed(person_id: int, columns: Columns) -> ColumnElement[bool]:
    """Return the condition that a publication is for a person, as they are appointed now."""
    return reached(columns.cell_code, columns.role).where(APPOINTMENT.c.person_id == person_id).exists()


def answered(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """Return the condition that a publication is for a cell that is answered for; one for all is the street's."""
    everywhere = and_(columns.cell_code.is_(None), true()) if sight.answers.outside else false()
    return or_(columns.cell_code.in_(sorted(sight.codes)), everywhere)


def _ones_own_or_answered_for(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    """What one published, what is for oneself, and what is for the cells that one answers for."""
    if sight.person is None:
        return answered(sight, columns)
    return or_(columns.published_by == sight.person, addressed(sight.person, columns), answered(sight, columns))


class Publication(Base):
    """What is told to the staff of a cell and of those below, of one role or of all; None is everywhere, and any role.

    Where it `must_confirm`, to have seen it is not enough. It is in force until it ends, or is withdrawn.
    """

    __tablename__ = "publications"
    __table_args__ = {"info": {SIGHT: _ones_own_or_answered_for}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    title: Mapped[str]
    words: Mapped[str]
    cell_code: Mapped[str | None] = mapped_column(index=True)
    role: Mapped[str | None]
    must_confirm: Mapped[bool]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    published_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


def _ones_own_or_of_cells_answered_for(sight: Sight, columns: Columns) -> ColumnElement[bool]:
    its = table_of(Publication)
    held = columns.publication_id.in_(select(its.c.id).where(answered(sight, its.c)))
    return held if sight.person is None else or_(columns.person_id == sight.person, held)


class Receipt(Base):
    """That somebody has seen a publication, and has confirmed it."""

    __tablename__ = "receipts"
    __table_args__ = {"info": {SIGHT: _ones_own_or_of_cells_answered_for}}  # noqa: RUF012

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
