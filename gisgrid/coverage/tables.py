"""Rows of the coverage: what each day comes to, and which reports have been handed out."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class KeptDay(Base):
    """What a local day comes to, see `reduce.Day`: derived, and made anew once it is not up to date.

    `made_of` names the ground and the settings, `changes` is that of its fixes and heartbeats, see `patrols.changes`.
    """

    __tablename__ = "kept_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_of: Mapped[str]
    changes: Mapped[int] = mapped_column(RowId)
    content: Mapped[bytes]
    made_at: Mapped[datetime]


class IssuedReport(Base):
    """A report that was handed out: when first, when last, and how often its figures have changed since.

    `asked` is what was asked for, `figures` the hash of what was answered.
    """

    __tablename__ = "issued_reports"

    asked: Mapped[str] = mapped_column(primary_key=True)
    first_made_at: Mapped[datetime]
    made_at: Mapped[datetime]
    revision: Mapped[int]
    figures: Mapped[str]
