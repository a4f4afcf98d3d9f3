"""Rows of the calendar: the days that differ from Monday to Friday, and the years whose table was brought."""

from datetime import date, datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base


class CalendarYear(Base):
    """A year whose table was brought: its days are all there, and what the program ships for it is void."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    brought_at: Mapped[datetime]


class CalendarDay(Base):
    """A day that is worked or not, whatever day of the week it is."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str]
