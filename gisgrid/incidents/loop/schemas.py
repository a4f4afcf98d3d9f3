"""What the closed loop looks like on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gisgrid.incidents.lifecycle import Move, Need, State
from gisgrid.incidents.loop.standing import Wish
from gisgrid.wire import Coordinate, Name, Prose, Sent

RowNumber = Annotated[int, Field(strict=True, ge=1, le=2**53)]


class TransitionCreate(Sent):
    """A move of an incident. Which of the fields it needs is told by `moves` of its case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"move": "file", "revision": 1, "condition": "1"},
                {"move": "dispatch", "revision": 2, "departments": ["urban_management"], "words": "请到现场处理"},
                {"move": "fail", "revision": 5, "words": "垃圾还在", "longitude": 114.4185, "latitude": 22.6432},
            ]
        }
    )

    move: Move = Field(description="what is to be done; see `moves` of the case")
    revision: RowNumber = Field(description="the revision that was looked at: whoever comes second is told")
    words: Prose = Field(default="", description="what was found or done, or the reason")
    condition: Name | None = Field(default=None, description="the filing condition of its kind, by code")
    departments: list[Name] = Field(
        default_factory=list, max_length=18, description="codes of the departments that act; the first leads"
    )
    person: Name | None = Field(default=None, description="the sign-in name of whoever is to handle it")
    cell: Name | None = Field(default=None, description="the code of the neighbouring cell that takes it over")
    into: RowNumber | None = Field(default=None, description="the incident that this one is a duplicate of")
    until: date | None = Field(default=None, description="the day until which it is suspended")
    score: Annotated[int, Field(strict=True, ge=1, le=5)] | None = Field(default=None, description="1 to 5")
    longitude: Coordinate | None = Field(default=None, description="where whoever moves it is, in degrees of WGS 84")
    latitude: Coordinate | None = Field(default=None, description="where whoever moves it is, in degrees of WGS 84")

    @property
    def wish(self) -> Wish:
        """The move as it is asked for."""
        given = self.model_dump(exclude={"revision", "departments"})
        return Wish(**given, departments=tuple(self.departments))


class MoveEntry(BaseModel):
    """A move that whoever asks could make now; `needs` are what it takes, `missing` what is not there yet."""

    move: Move
    zh: str
    en: str
    needs: list[Need]
    missing: list[Need]


class StepEntry(BaseModel):
    """A recorded step. `by` is null for what happened by itself, or was done at the command line or by the erased."""

    number: int
    move: str
    zh: str
    en: str
    from_state: State | None
    to_state: State
    made_at: datetime
    by: str | None
    answering_code: str | None
    words: str
    detail: dict[str, Any]
    longitude: float | None
    latitude: float | None


class ExhibitEntry(BaseModel):
    """A photo or document; its bytes are at `/api/incidents/{id}/exhibits/{number}`."""

    id: int
    media_type: str
    size: int
    width: int | None
    height: int | None
    shows: Literal["found", "done"]
    caption: str
    longitude: float | None
    latitude: float | None
    taken_at: str | None
    added_at: datetime


class ClockEntry(BaseModel):
    """The clock of the limit: seconds are of its own kind, working time on the normal one; null without a limit."""

    clock: Literal["normal", "urgent"] | None
    state: Literal["none", "green", "yellow", "red", "paused", "stopped"]
    started_at: datetime | None
    used_s: float
    allowed_s: int | None
    due_at: datetime | None
    is_overdue: bool
    extensions: int


class CaseEntry(BaseModel):
    """What is on record of an incident, and what whoever asks could do. `contact` is null for others' eyes.

    `neighbours` could take it over; `across_the_edge` are those so near that it may be theirs.
    """

    id: int
    number: str
    state: State
    state_zh: str
    state_en: str
    revision: int
    answering_code: str | None
    level: Literal["street", "community", "substation"]
    condition: str | None
    departments: list[str]
    handler: str | None
    source: str
    outside_number: str | None
    contact: str | None
    merged_into: int | None
    neighbours: list[str]
    across_the_edge: list[str]
    clock: ClockEntry
    steps: list[StepEntry]
    exhibits: list[ExhibitEntry]
    moves: list[MoveEntry]


class NearEntry(BaseModel):
    """An incident that lies `distance_m` metres from another, or from a track."""

    id: int
    number: str
    state: State
    reported_at: datetime
    distance_m: float
