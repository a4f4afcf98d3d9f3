"""Rows of the incidents: what needs handling, and where."""

from datetime import datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class Incident(Base):
    """What was reported, located on its day. `raw_*` are the coordinates as sent, in `crs`."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_reported_at", "reported_at"),
        Index("ix_incidents_substation_id_reported_at", "substation_id", "reported_at"),
        {"info": {"moment": "reported_at"}},
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
