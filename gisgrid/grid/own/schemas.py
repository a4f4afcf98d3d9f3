"""What own layers look like on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from gisgrid.grid.own.tables import Kind


class LayerEntry(BaseModel):
    """A layer of one's own."""

    name: str
    title_zh: str
    title_en: str
    kind: Kind
    features: int


class OwnProperties(BaseModel):
    """What is known of a feature; `name` is "" for what has none."""

    name: str


class OwnFeatureRecord(BaseModel):
    """A feature of a layer, clipped to what was asked for and simplified for the zoom."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any]
    properties: OwnProperties


class OwnCollection(BaseModel):
    """Features of a layer as a GeoJSON FeatureCollection; none where there are too many, which `note` then says."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[OwnFeatureRecord]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
    note: str | None = Field(description="what to do to see them, in Chinese and English")
