"""Rows of the follow-up visits."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId
from gisgrid.incidents.tables import with_its_incident
from gisgrid.sight import SIGHT


class FollowUp(Base):
    """A visit or call after an incident is done. `satisfaction` is 1 to 5; None for whoever would not say."""

    __tablename__ = "follow_ups"
    __table_args__ = {"info": {SIGHT: with_its_incident}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    way: Mapped[str]
    satisfaction: Mapped[int | None]
    words: Mapped[str] = mapped_column(default="")
