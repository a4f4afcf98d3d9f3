"""What calls for help look like on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gisgrid.grid.schemas import CellName
from gisgrid.wire import Coordinate, Metres, Moment, Name, Prose, Sent


class AlarmCreate(Sent):
    """A call for help. Nothing has to be known: whoever is in need may have no position and no words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "raised_at": "2026-11-01T08:00:00+08:00",
                    "longitude": 114.4185,
                    "latitude": 22.6432,
                    "accuracy_m": 8.5,
                    "client_id": "0b0a4f60-5b0e-4a53-9a0e-5d0a4f7b9e11",
                }
            ]
        }
    )

    raised_at: Moment | None = Field(default=None, description="when, with a zone; now, if left out")
    longitude: Coordinate | None = Field(default=None, description="degrees in WGS 84, where the phone knows them")
    latitude: Coordinate | None = Field(default=None, description="degrees in WGS 84")
    accuracy_m: Metres | None = Field(default=None, description="radius in metres that holds 68 % of such fixes")
    words: Prose = Field(default="", description="what is the matter")
    client_id: Name | None = Field(default=None, description="the phone's own id of this call; a repeat is one row")


class AlarmRecord(BaseModel):
    """A call for help. Position and cells are null where none is known, `acknowledged_*` while nobody has seen to it.

    `patroller` and `name` are null where nobody was signed on to the `device` that called.
    """

    id: int
    client_id: str
    patroller: str | None
    name: str | None
    device: str | None
    raised_at: datetime
    received_at: datetime
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    street: CellName | None
    community: CellName | None
    substation: CellName | None
    words: str
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class AlarmAnswer(AlarmRecord):
    """The answer to whoever calls: that it is stored, now or before."""

    status: Literal["stored", "repeated"]


class Alarms(BaseModel):
    """Calls for help, the newest first."""

    alarms: list[AlarmRecord]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
