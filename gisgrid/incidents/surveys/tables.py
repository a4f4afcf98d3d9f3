"""Rows of the satisfaction survey."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class Survey(Base):
    """How many people of a cell were asked in a month, and how many were satisfied. `month` is its first day.

    `entered_by` is None where it came from a file, and for somebody who was erased.
    """

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("cell_code", "month"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    cell_code: Mapped[str]
    month: Mapped[date]
    asked: Mapped[int]
    satisfied: Mapped[int]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    entered_at: Mapped[datetime]
