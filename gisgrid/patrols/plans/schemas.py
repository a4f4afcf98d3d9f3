"""What plans, rounds, gaps and checkpoints look like on the wire."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from shapely import Polygon

from gisgrid.patrols.duty.schemas import Words
from gisgrid.patrols.plans.areas import area_of
from gisgrid.patrols.plans.change_plans import Wish
from gisgrid.patrols.plans.gap_steps import GapAct
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.tables import ClosedAs, GapLevel
from gisgrid.patrols.plans.terms import DAY_MIN, MOST_PLACES, WEEK, Place, PlaceKind, Terms, Window
from gisgrid.wire import Coordinate, Name, Sent
from gisgrid.words import told

MOST_TIMES = 48


def _clock(value: object) -> time:
    try:
        return time.fromisoformat(value if isinstance(value, str) and len(value) == len("08:00") else "")
    except ValueError as error:
        raise told("应为钟点,如 08:00", "must be a time of the clock, such as 08:00") from error


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-11-01") else "")
    except ValueError as error:
        raise told("应为日期,如 2026-11-01", "must be a day such as 2026-11-01") from error
    if not 1901 <= day.year <= 2999:
        raise told("年份须在 1901 至 2999 之间", "must lie in the years 1901 to 2999")
    return day


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _schema(pattern: str) -> Any:
    return Annotated[str, Field(json_schema_extra={"pattern": pattern})]


Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=_schema("^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
Day = Annotated[
    date, BeforeValidator(_day, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date"})])
]
Weekday = Annotated[int, Strict(), Field(ge=1, le=7)]
Minutes = Annotated[int, Strict(), Field(ge=1, le=DAY_MIN)]


class PlaceRef(Sent):
    """A place to visit: a checkpoint or a cell, by its code."""

    model_config = ConfigDict(frozen=True)

    kind: PlaceKind
    code: Name


class AreaRef(Sent):
    """The area of a special operation: a polygon in GeoJSON, in degrees of WGS 84, longitude first."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[list[tuple[Coordinate, Coordinate]]], Field(min_length=1, max_length=100)]

    @property
    def polygon(self) -> Polygon:
        """The area itself. Raises BadArea."""
        return area_of(self.coordinates)


class WindowRef(Sent):
    """Local times between which rounds may lie; one that ends no later than it begins lasts past midnight."""

    model_config = ConfigDict(frozen=True)

    start: Clock
    end: Clock


class PlanCreate(Sent):
    """A plan: what to visit, how often, when and by whom.

    Either `at`, fixed times at which rounds begin, or `windows` with `times_a_day`: then the times are drawn anew each
    day, and nobody knows them beforehand.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "岸线巡查",
                    "places": [{"kind": "cell", "code": "440307009002001"}],
                    "first_day": "2026-11-26",
                    "windows": [{"start": "08:00", "end": "12:00"}, {"start": "22:00", "end": "02:00"}],
                    "times_a_day": 2,
                    "duration_min": 60,
                    "grace_min": 15,
                }
            ]
        }
    )

    name: Name
    is_operation: Annotated[bool, Strict()] = Field(
        default=False, description="a special operation (专项行动), which has a last day and a report of its own"
    )
    places: Annotated[tuple[PlaceRef, ...], Field(max_length=MOST_PLACES), AfterValidator(_once)] = Field(
        default=(), description="one at least, unless an `area` is given: then they are what lies in it"
    )
    area: AreaRef | None = Field(default=None, description="where a special operation is")
    people: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="sign-in names of patrollers who walk at any of the places; null: anybody on duty"
    )
    first_day: Day
    last_day: Day | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1), AfterValidator(_once)] = Field(
        default=WEEK, description="1 is Monday"
    )
    every_days: Annotated[int, Strict(), Field(ge=1, le=366)] = Field(
        default=1, description="every how many days, from the first day on"
    )
    at: Annotated[tuple[Clock, ...], Field(max_length=MOST_TIMES), AfterValidator(_once)] = ()
    windows: Annotated[tuple[WindowRef, ...], Field(max_length=6), AfterValidator(_once)] = ()
    times_a_day: Annotated[int, Strict(), Field(ge=0, le=MOST_TIMES)] = 0
    duration_min: Minutes = Field(description="for how long a round is due")
    grace_min: Annotated[int, Strict(), Field(ge=0, le=DAY_MIN // 2)] = Field(
        default=0, description="how long after that it is done late, and not missed"
    )

    @property
    def wish(self) -> Wish:
        """What is wished for, as the acts understand it. Raises BadArea."""
        terms = Terms(
            since=self.first_day,
            places=tuple(Place(place.kind, place.code) for place in self.places),
            by_anyone=self.people is None,
            duration_min=self.duration_min,
            grace_min=self.grace_min,
            weekdays=tuple(sorted(self.weekdays)),
            every_days=self.every_days,
            at=tuple(sorted(self.at)),
            windows=tuple(sorted(Window(window.start, window.end) for window in self.windows)),
            times_a_day=self.times_a_day,
        )
        area = None if self.area is None else self.area.polygon
        return Wish(self.name, self.first_day, self.last_day, terms, self.people, self.is_operation, area)


class PlanPersonRecord(BaseModel):
    """Somebody who is to do the rounds of a plan."""

    name: str
    full_name: str


class PlanRecord(BaseModel):
    """A plan by its newest terms, which hold `since` a day; `people` null is anybody on duty.

    `area` is a polygon in GeoJSON, where a special operation was drawn.
    """

    id: int
    name: str
    is_operation: bool
    first_day: date
    last_day: date | None
    since: date
    places: list[dict[str, str]]
    people: list[PlanPersonRecord] | None
    weekdays: list[int]
    every_days: int
    at: list[str]
    windows: list[dict[str, str]]
    times_a_day: int
    duration_min: int
    grace_min: int
    made_at: datetime
    ended_at: datetime | None
    area: dict[str, Any] | None = None


class Plans(BaseModel):
    """Plans, the newest first."""

    plans: list[PlanRecord]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815


# --- rounds ----------------------------------------------------------------------------------------


class PlanName(BaseModel):
    """What a plan is called."""

    id: int
    name: str
    is_operation: bool


class RoundPlace(BaseModel):
    """Where a round goes: a checkpoint, or a cell with a point inside it, which has no radius."""

    kind: PlaceKind
    code: str
    name: str
    longitude: float
    latitude: float
    radius_m: float | None
    dwell_s: float
    needs_code: bool


class RoundRecord(BaseModel):
    """A round, in time from `start_at` to `end_at` and late until `last_at`, and how it stands."""

    id: str
    plan: PlanName
    place: RoundPlace
    start_at: datetime
    end_at: datetime
    last_at: datetime
    state: State
    done_at: datetime | None


class RoundEntry(RoundRecord):
    """A round as staff see it: with its cell, and the people who are to do it; null is anybody on duty."""

    cell_code: str | None
    people: list[PlanPersonRecord] | None


class Rounds(BaseModel):
    """The rounds of a day, by time; those of a sealed day are not known one by one any more."""

    day: date
    is_sealed: bool
    rounds: list[RoundEntry]


class OwnRounds(BaseModel):
    """One's own rounds of a day, by time."""

    day: date
    rounds: list[RoundRecord]


# --- gaps ------------------------------------------------------------------------------------------


class GapClose(Sent):
    """Why a gap needs no visit any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "台风停航,岸线不可到达"}]})

    reason: Words


class GapStepRecord(BaseModel):
    """What happened to a gap, when it became known, and which level answered for it from then on."""

    act: GapAct
    at: datetime
    level: GapLevel
    visited_at: datetime | None = None
    words: str = ""


class GapRecord(BaseModel):
    """A missed round. `closed_as`: by a later visit, corrected by late data, or for a written reason.

    `level` answers for it, and has since `level_since`; `age_s` is for how long it was open, or has been so far.
    """

    id: int
    round: str
    plan: PlanName
    kind: PlaceKind
    code: str
    name: str
    cell_code: str | None
    start_at: datetime
    end_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    closed_as: ClosedAs | None
    reason: str
    closed_by: str | None
    level: GapLevel
    level_since: datetime
    age_s: float
    steps: list[GapStepRecord]


class Gaps(BaseModel):
    """Gaps, the newest first."""

    gaps: list[GapRecord]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
