"""What is doubtful about fixes, and what staff say of it, on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gisgrid.patrols.duty.schemas import Words
from gisgrid.patrols.judge import Flag
from gisgrid.patrols.schemas import Doubt, FixProperties
from gisgrid.patrols.tables import NoteAct, Standing
from gisgrid.wire import Link, Sent
from gisgrid.words import told

FLAGS = {str(flag.name).lower(): flag for flag in Flag}


def _is_flag(name: str) -> str:
    if name not in FLAGS:
        known = ", ".join(FLAGS)
        raise told(f"没有这种存疑标记;可用:{known}", f"there is no such flag; there are {known}")
    return name


FlagQuery = Annotated[Annotated[str, AfterValidator(_is_flag)] | None, Query(max_length=20)]
"""The name of a flag."""


class ReleaseCreate(Sent):
    """Why a quarantined fix counts all the same."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "手机时钟已核实"}]})

    reason: Words


class NoteCreate(Sent):
    """A remark on a fix."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "该处信号差,位置漂移"}]})

    words: Words


class NoteRecord(BaseModel):
    """What was said of a fix; `released` and `withdrawn` are said of its quarantine. Erased people have no name."""

    id: int
    act: NoteAct
    words: str
    written_by: str | None
    written_at: datetime


class FixDecided(BaseModel):
    """How a fix stands after something was said of it, and all that was."""

    id: int
    standing: Standing
    is_released: bool
    flags: list[str]
    notes: list[NoteRecord]


class DoubtedProperties(FixProperties):
    """Properties of a doubted fix: `doubts` in words, and what staff said of them."""

    doubts: list[Doubt]
    notes: list[NoteRecord]


class DoubtedFeature(BaseModel):
    """A doubted fix as a GeoJSON Feature in WGS 84; what is no place on earth has no geometry."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: dict[str, Any] | None
    properties: DoubtedProperties


class DoubtedCollection(BaseModel):
    """Doubted fixes: the quarantined first, of both the newest first."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[DoubtedFeature]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815
    links: list[Link]


class UnreadItem(BaseModel):
    """What a device sent that is no fix, with why."""

    id: int
    device: str
    cell_code: str | None
    received_at: datetime
    protocol: str
    zh: str
    en: str
    body: str | None = Field(description='null where nobody was on duty on the device; "" once it has been let go')


class UnreadItems(BaseModel):
    """What is no fix, the newest first."""

    items: list[UnreadItem]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
