"""What the grid looks like on the wire."""

from typing import Any, Literal

from pydantic import BaseModel

from gisgrid.wire import Link

Level = Literal["street", "community", "substation"]


class CellName(BaseModel):
    """A cell as an answer names it."""

    code: str
    name: str


class LocatedPoint(BaseModel):
    """A point in WGS 84 degrees and the cells that hold it; null where it is outside."""

    longitude: float
    latitude: float
    street: CellName | None
    community: CellName | None
    substation: CellName | None


class CellProperties(BaseModel):
    """Properties of a cell; `area_m2` in the metric system of the settings."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    is_illustrative: bool
    note: str
    area_m2: float


class CellFeature(BaseModel):
    """A cell as a GeoJSON Feature; its id is its code."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: CellProperties


class PatrollableFeature(BaseModel):
    """The patrollable ground as a GeoJSON Feature; without a geometry all ground is patrollable."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class CellCollection(BaseModel):
    """Cells as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellFeature]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
    links: list[Link]
