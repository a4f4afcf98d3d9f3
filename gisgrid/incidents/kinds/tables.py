"""Rows of the kinds: their editions, as they were brought in."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class KindEdition(Base):
    """One edition of the kinds. It counts from its first day until a later edition's first day.

    `kinds` and `conditions` are its two tables as CSV. Before the first one, the edition that comes with the program
    is in force.
    """

    __tablename__ = "kind_editions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    first_day: Mapped[date] = mapped_column(unique=True)
    imported_at: Mapped[datetime]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    kinds: Mapped[str] = mapped_column(Text)
    conditions: Mapped[str] = mapped_column(Text)
