"""What patrols look like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from gisgrid.geometry import WGS84
from gisgrid.intake.arrivals import Recorded, Refusal
from gisgrid.patrols.tables import Standing
from gisgrid.wire import Coordinate, CrsName, Link, Metres, Moment, Name, Sent


class CheckInCreate(Sent):
    """A check-in as a phone sends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "patroller": "P001",
                    "fix_at": "2026-11-01T08:00:00+08:00",
                    "longitude": 114.4185,
                    "latitude": 22.6432,
                    "accuracy_m": 8.5,
                    "client_id": "4f6c1f0e-6a52-4a53-9a0e-5d0a4f7b9e11",
                }
            ]
        }
    )

    patroller: Name | None = Field(
        default=None, description="whose it is; left out: of whoever sends it, or is signed on to the device that does"
    )
    fix_at: Moment = Field(description="when the phone measured it, with a zone")
    longitude: Coordinate = Field(description="longitude, or x, in the system `crs`")
    latitude: Coordinate = Field(description="latitude, or y, in the system `crs`")
    crs: CrsName = Field(default=WGS84, description="EPSG:4326 (default), gcj02, bd09, EPSG:4547…")
    accuracy_m: Metres | None = Field(default=None, description="radius in metres that holds 68 % of such fixes")
    client_id: Name | None = Field(default=None, description="the phone's own id of this fix; a repeat is stored once")
    patrol: Name | None = Field(default=None, description="the phone's name of this outing")
    checkpoint: Name | None = Field(default=None, description="code of the checkpoint that is meant; else the nearest")
    code: Name | None = Field(default=None, description="what was typed or scanned at the checkpoint")
    recorded_by: Annotated[int, Strict(), Field(ge=1, le=2**53)] | None = Field(
        default=None, description="number of the device in which it waits, where somebody brings it in: it counts once"
    )
    is_track: Annotated[bool, Strict()] = Field(
        default=False, description="recorded on the way, not as a check-in at a place; volunteers agree to that first"
    )


class Doubt(BaseModel):
    """What is doubtful about a fix: a flag, and what it means."""

    flag: str
    zh: str
    en: str


class AtCheckpoint(BaseModel):
    """Whether a check-in counts at a checkpoint, and why or why not."""

    code: str
    name: str
    counts: bool
    zh: str
    en: str
    distance_m: float
    radius_m: float


class RecordedFix(Recorded):
    """The answer to a check-in that is stored. `standing`: within a shift it counts, outside it is withheld.

    `doubts` are for people to judge; with some of them a fix is quarantined until somebody has released it.
    """

    longitude: float | None  # type: ignore[assignment]  # what is no place on earth is quarantined without one
    latitude: float | None  # type: ignore[assignment]
    standing: Standing
    doubts: list[Doubt]
    checkpoint: AtCheckpoint | None = Field(description="whether it counts at the checkpoint that it is about")


FixAnswer = RecordedFix | Refusal
FixAnswers = FixAnswer | list[FixAnswer]


class Walkers(BaseModel):
    """The refs of those who checked in."""

    walkers: list[str]


class FixProperties(BaseModel):
    """Properties of a stored fix; cells are null outside.

    `candidates`: near an edge, the codes of the cells in which it may lie (null: in none), each with its probability.
    """

    client_id: str
    patroller: str
    patrol: str | None
    fix_at: datetime
    received_at: datetime
    accuracy_m: float | None
    standing: Standing
    flags: list[str]
    is_released: bool
    candidates: list[tuple[str | None, float]]
    attributes: dict[str, Any]
    is_track: bool
    crs: str
    raw_longitude: float | None
    raw_latitude: float | None
    street_code: str | None
    community_code: str | None
    substation_code: str | None


class FixFeature(BaseModel):
    """A stored fix as a GeoJSON Feature in WGS 84; what is no place on earth has no geometry."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any] | None
    properties: FixProperties


class FixCollection(BaseModel):
    """Fixes as a GeoJSON FeatureCollection, in the order of their time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[FixFeature]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
    links: list[Link]


class CheckpointProperties(BaseModel):
    """Properties of a checkpoint: a visit is within `radius_m`, for `dwell_s`, and shows a code where one is needed."""

    code: str
    name: str
    radius_m: float
    dwell_s: float
    needs_code: bool
    is_illustrative: bool


class CheckpointFeature(BaseModel):
    """A checkpoint as a GeoJSON Feature; its id is its code."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: CheckpointProperties


class CheckpointCollection(BaseModel):
    """Checkpoints as a GeoJSON FeatureCollection, in the order of their codes."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CheckpointFeature]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
