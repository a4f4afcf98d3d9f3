"""Rows of the patrols: people, outings, fixes, checkpoints."""

from datetime import datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class Patroller(Base):
    """A person who walks; `ref` is how phones and files name them."""

    __tablename__ = "patrollers"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")


class Patrol(Base):
    """One outing of one person, named by the phone or the file; it spans its fixes."""

    __tablename__ = "patrols"
    __table_args__ = (UniqueConstraint("patroller_id", "ref"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    ref: Mapped[str]


class Fix(Base):
    """One GPS measurement, located on its day. Without a geometry column: a view makes the points.

    `fix_at` is the phone's time, `received_at` the server's. `raw_*` are the coordinates as sent, in `crs`.
    """

    __tablename__ = "fixes"
    __table_args__ = (
        UniqueConstraint("patroller_id", "client_id"),
        Index("ix_fixes_fix_at", "fix_at"),
        Index("ix_fixes_substation_id_fix_at", "substation_id", "fix_at"),
        {"info": {"moment": "fix_at"}},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    client_id: Mapped[str]
    patroller_id: Mapped[int] = mapped_column(ForeignKey("patrollers.id"))
    patrol_id: Mapped[int | None] = mapped_column(ForeignKey("patrols.id"), index=True)
    fix_at: Mapped[datetime]
    received_at: Mapped[datetime]
    longitude: Mapped[float]
    latitude: Mapped[float]
    accuracy_m: Mapped[float | None]
    crs: Mapped[str]
    raw_longitude: Mapped[float]
    raw_latitude: Mapped[float]
    street_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    substation_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"))


class Checkpoint(Base):
    """A place that must be visited."""

    __tablename__ = "checkpoints"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    radius_m: Mapped[float]
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326))
