"""Rows of the grid: layer sets with their first day, the cells of three levels, and the patrollable ground."""

from datetime import date, datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId

LEVELS = ("street", "community", "substation")


class LayerSet(Base):
    """One accepted set of the three nets. It counts from its first day until a later set's first day."""

    __tablename__ = "layer_sets"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    first_day: Mapped[date] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")


class Cell(Base):
    """One polygon of the grid. `area_m2` is measured in the metric system of the settings at loading."""

    __tablename__ = "cells"
    __table_args__ = (UniqueConstraint("layer_set_id", "code"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    layer_set_id: Mapped[int] = mapped_column(ForeignKey("layer_sets.id"))
    level: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("cells.id"), index=True)
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    area_m2: Mapped[float]
    geometry: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326))


class PatrollableArea(Base):
    """Ground that patrols can and should see: settlements, roads, shores."""

    __tablename__ = "patrollable_areas"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326))
