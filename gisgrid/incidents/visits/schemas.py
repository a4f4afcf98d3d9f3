"""What follow-up visits look like on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gisgrid.incidents.visits.follow_up import Way
from gisgrid.wire import Prose, Sent


class FollowUpCreate(Sent):
    """What was heard in a follow-up visit of an incident that is done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"way": "phone", "satisfaction": 5, "words": "两家已和好"}]}
    )

    way: Way = Field(description="by telephone, or on site")
    satisfaction: Annotated[int, Field(strict=True, ge=1, le=5)] | None = Field(
        default=None, description="1 (not at all) to 5 (very); null for whoever would not say"
    )
    words: Prose = Field(default="", description="what was said")


class FollowUpEntry(BaseModel):
    """A follow-up visit. `by` is null where whoever made it was erased."""

    id: int
    made_at: datetime
    by: str | None
    way: Way
    way_zh: str
    way_en: str
    satisfaction: int | None
    words: str
