"""Rows of the supervision orders, and how many a year has."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId
from gisgrid.incidents.tables import with_its_incident
from gisgrid.sight import SIGHT


class Order(Base):
    """A supervision order (督办). One addressee is given: a department, a person, or those who answer for a cell.

    The timer issues in nobody's name, once per filing: `filed_step` is the number of the step that filed the incident.
    """

    __tablename__ = "supervision_orders"
    __table_args__ = (
        UniqueConstraint("incident_id", "filed_step"),
        {"info": {SIGHT: with_its_incident}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    filed_step: Mapped[int | None]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    addressee_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    addressee_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    addressee_code: Mapped[str | None]
    words: Mapped[str]
    issued_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    reply: Mapped[str] = mapped_column(default="", server_default="")
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    replied_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    closed_at: Mapped[datetime | None]


class OrderCount(Base):
    """How many orders of a year have a number: a row that is locked while another one is given."""

    __tablename__ = "order_counts"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    orders: Mapped[int]
