"""Rows of suggested rounds."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, ForeignKey, String, false, or_
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from gisgrid.database import Base, RowId
from gisgrid.sight import SIGHT, Sight

StartedFrom = Literal["position", "cell"]


def _own_or_answered(sight: Sight, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    own = false() if sight.person is None else or_(columns.person_id == sight.person, columns.made_by == sight.person)
    return or_(own, sight.answers.hold(columns))


class Suggestion(Base):
    """A round suggested to a person until `expires_at`, in the smallest cells that hold its places.

    `places` are a list in JSON, see `schemas.SuggestedPlace`; `line` is what is walked, a list of longitude and
    latitude. It starts at the last position of the person, or in their cell. `detour`: how much longer than straight.
    """

    __tablename__ = "suggestions"
    __table_args__ = {"info": {SIGHT: _own_or_answered}}  # noqa: RUF012 - SQLAlchemy reads it from the class

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    started_from: Mapped[StartedFrom] = mapped_column(String)
    longitude: Mapped[float]
    latitude: Mapped[float]
    is_by_ways: Mapped[bool]
    detour: Mapped[float]
    places: Mapped[str]
    line: Mapped[str]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))
