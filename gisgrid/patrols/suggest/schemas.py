"""What suggested rounds look like on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from gisgrid.patrols.suggest.candidates import Why
from gisgrid.patrols.suggest.tables import StartedFrom
from gisgrid.wire import Name, Sent

Minutes = Annotated[int, Strict(), Field(ge=10, le=240)]


class SuggestionCreate(Sent):
    """For whom a round is wanted, by sign-in name, and for how long; without a name it is for oneself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "zhangsan", "minutes": 60}]})

    person: Name | None = None
    minutes: Minutes = 60


class SuggestedPlace(BaseModel):
    """A place of a suggested round: walked to for `walk_s`, reached `arrive_s` after the start, and stayed at.

    `why`: an open gap, a round that is due, or ground long unseen, of which `squares` are to be walked.
    """

    why: list[Why]
    kind: str
    code: str
    name: str
    longitude: float
    latitude: float
    walk_s: int
    arrive_s: int
    stay_s: int
    squares: int


class SuggestionRecord(BaseModel):
    """A suggested round, good until `expires_at`; `line` is what is walked, longitude first, from the start on.

    `is_by_ways`: the walking follows ways where there are some; elsewhere it is straight, `detour` times as long.
    """

    id: int
    person: str
    person_name: str
    made_at: datetime
    expires_at: datetime
    minutes: int
    started_from: StartedFrom
    longitude: float
    latitude: float
    is_by_ways: bool
    detour: float
    walk_s: int
    total_s: int
    places: list[SuggestedPlace]
    line: list[tuple[float, float]]


class Suggestions(BaseModel):
    """The suggested rounds of today, the newest first."""

    suggestions: list[SuggestionRecord]
