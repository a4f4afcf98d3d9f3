"""What incidents look like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gisgrid.geometry import WGS84
from gisgrid.incidents.clock import State as Light
from gisgrid.incidents.kinds.edition import Clock, Count, Unit
from gisgrid.incidents.lifecycle import State
from gisgrid.incidents.sources import Source
from gisgrid.intake.arrivals import Recorded, Refusal
from gisgrid.wire import Coordinate, CrsName, Link, Moment, Name, Prose, Sent
from gisgrid.words import told


def _said(value: str) -> str:
    if not value.strip():
        raise told("不能为空", "must not be blank")
    return value


def _line(value: str) -> str:
    if value and not value.isprintable():
        raise told("不能含换行等控制字符", "must not hold control characters")
    return value.strip()


Reason = Annotated[Prose, AfterValidator(_said)]


class IncidentCreate(Sent):
    """An incident as it is reported."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "L0201",
                    "reported_at": "2026-11-01T08:00:00+08:00",
                    "longitude": 114.4185,
                    "latitude": 22.6432,
                    "description": "楼上漏水,两家争执",
                    "client_id": "K-2026-0001",
                }
            ]
        }
    )

    kind: Name = Field(description="a code of GET /api/incident-kinds, as of the day of the report")
    reported_at: Moment = Field(description="when it was reported, with a zone")
    longitude: Coordinate = Field(description="longitude, or x, in the system `crs`")
    latitude: Coordinate = Field(description="latitude, or y, in the system `crs`")
    crs: CrsName = Field(default=WGS84, description="EPSG:4326 (default), gcj02, bd09, EPSG:4547…")
    description: Prose = Field(default="", description="what happened, in the reporter's words")
    client_id: Name | None = Field(
        default=None, description="the sender's own id of this report; a repeat is stored once"
    )
    complained_cell: Name | None = Field(
        default=None, description="the code of a cell, if this is a complaint about its staff: they never see it"
    )
    complained_department: Name | None = Field(
        default=None, description="the code of a department, if this is a complaint about it: it never sees it"
    )
    source: Source = Field(default="patrol", description="the way by which word came; the public's is verified")
    outside_number: Name | None = Field(default=None, description="its number elsewhere, as that of the hotline")
    contact: Annotated[str, StringConstraints(max_length=200), AfterValidator(_line)] = Field(
        default="", description="how to reach whoever told of it; seen by those who handle it"
    )


class IncidentRecorded(Recorded):
    """The answer to an incident that is stored: its number, and where it lies."""

    number: str


IncidentAnswer = IncidentRecorded | Refusal
IncidentAnswers = IncidentAnswer | list[IncidentAnswer]


class IncidentProperties(BaseModel):
    """Properties of a stored incident; cells are null outside, `complained_*` where it is no complaint.

    `answering_code` is the cell that answers for it now, `department` the one in the lead.
    """

    client_id: str
    kind: str
    kind_zh: str
    kind_en: str
    description: str
    reported_at: datetime
    received_at: datetime
    crs: str
    raw_longitude: float
    raw_latitude: float
    street_code: str | None
    community_code: str | None
    substation_code: str | None
    is_confidential: bool
    complained_cell_code: str | None
    complained_department: str | None
    number: str
    state: State
    state_zh: str
    state_en: str
    revision: int
    answering_code: str | None
    source: Source
    outside_number: str | None
    condition: str | None
    department: str | None
    due_at: datetime | None
    is_overdue: bool


class IncidentFeature(BaseModel):
    """A stored incident as a GeoJSON Feature in WGS 84."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any]
    properties: IncidentProperties


class IncidentCollection(BaseModel):
    """Incidents as a GeoJSON FeatureCollection, in the order of their time."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[IncidentFeature]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
    links: list[Link]


class MappedIncidents(BaseModel):
    """Incidents as marks on a map: rows of what `columns` name, and what their kinds are called.

    Their numbers are told by each incident itself: of thousands they would be a third of all that is sent.

    `light` is that of the clock of the limit: it runs as `green`, `yellow` or `red`; `paused`, `stopped`, or `none`.
    """

    columns: tuple[str, ...] = ("id", "longitude", "latitude", "kind", "state", "light", "is_overdue")
    rows: list[tuple[int, float, float, str, State, Light, bool]]
    kinds: dict[str, dict[str, str]]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features


class MapSquares(BaseModel):
    """Too many incidents for marks: how many lie in each square of `square_m` metres, by the degrees of its middle."""

    columns: tuple[str, ...] = ("longitude", "latitude", "count", "overdue")
    square_m: int
    rows: list[tuple[float, float, int, int]]
    numberMatched: int  # noqa: N815


class ConditionEntry(BaseModel):
    """A filing condition; `limit` is in `unit`, `limit_s` in seconds of the `clock`: a normal day has 8 hours."""

    code: str
    name_zh: str
    name_en: str
    limit: float
    unit: Unit
    clock: Clock
    limit_s: int


class KindEntry(BaseModel):
    """One kind of incident; the first letter tells components (C), events (E) and our own block (L).

    What is confidential is seen by its handlers alone; a complaint has to name the unit that it is about.
    `default_department` is the code of a department, "" for none. `needs_*` is what closing takes: a photo, a position
    within so many metres, a document.
    """

    code: str
    class_code: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    is_confidential: bool
    is_complaint: bool
    default_department: str
    needs_photo: bool
    needs_within_m: int | None
    needs_document: bool
    counted_as: Count
    is_emergency: bool
    is_patrolled: bool
    conditions: list[ConditionEntry]


class HandlerCreate(Sent):
    """Somebody who is to handle a confidential incident, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "王敏", "reason": "社工,负责跟进"}]})

    person: Name = Field(description="the name with which they sign in")
    reason: Reason = Field(description="why they need to know; whoever sees the incident can read it")


class HandlerEntry(BaseModel):
    """Somebody named to handle an incident; `person` is the number of their account."""

    person: int
    name: str
    full_name: str
    named_at: datetime
    reason: str
