"""Rows of own layers and of what is in them."""

from datetime import datetime
from typing import Literal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId

Kind = Literal["point", "line", "area", "mixed"]


class OwnLayer(Base):
    """A layer by its name, which stands in addresses; it has none while it is loaded, and once it is removed.

    `is_walkable`: suggested rounds lead over its lines.
    """

    __tablename__ = "own_layers"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str | None] = mapped_column(unique=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    kind: Mapped[Kind] = mapped_column(String)
    is_walkable: Mapped[bool]
    features: Mapped[int]
    source: Mapped[str]
    loaded_at: Mapped[datetime]


class OwnFeature(Base):
    """One thing of a layer. `key` is its name as a search compares it, "" for what has none."""

    __tablename__ = "own_features"
    __table_args__ = (Index("ix_own_features_layer_id_key", "layer_id", "key"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("own_layers.id"))
    name: Mapped[str]
    key: Mapped[str]
    geometry: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326))
