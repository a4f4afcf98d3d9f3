"""What checkpoints look like on the wire when they are made and changed, and their codes."""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from gisgrid.geometry import WGS84
from gisgrid.wire import Coordinate, CrsName, Metres, Name, Sent
from gisgrid.words import told

CODE: Final = re.compile(r"[\w.:-]{1,60}")


def _address(value: str) -> str:
    if not CODE.fullmatch(value) or not value.strip("."):
        raise told("只能含字母、数字和 - _ . :", "may hold letters, digits and - _ . : alone")
    return value


CheckpointName = Annotated[Name, AfterValidator(_address)]
"""The code of a checkpoint, which is part of addresses."""


class CheckpointChange(Sent):
    """What a checkpoint is: where, how near and how long one has to be there, and whether its code is asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "码头",
                    "longitude": 114.4185,
                    "latitude": 22.6432,
                    "radius_m": 50,
                    "dwell_s": 0,
                    "code_days": 7,
                }
            ]
        }
    )

    name: Name
    longitude: Coordinate = Field(description="longitude, or x, in the system `crs`")
    latitude: Coordinate = Field(description="latitude, or y, in the system `crs`")
    crs: CrsName = Field(default=WGS84, description="EPSG:4326 (default), gcj02, bd09, EPSG:4547…")
    radius_m: Annotated[Metres, Field(ge=5, le=1000)] = Field(default=50, description="how near is there")
    dwell_s: Annotated[float, Strict(), Field(ge=0, le=8 * 3600)] = Field(
        default=0, description="for how long one stays at least, in seconds"
    )
    code_days: Annotated[int, Strict(), Field(ge=1, le=366)] | None = Field(
        default=None, description="after how many days its code changes; null: no code is asked for"
    )


class CheckpointCreate(CheckpointChange):
    """A new checkpoint."""

    code: CheckpointName


class CheckpointCode(BaseModel):
    """The code to be put up at a checkpoint; it is good for a day longer than its last."""

    checkpoint: str
    code: str
    first_day: date
    last_day: date
