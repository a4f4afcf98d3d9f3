"""What emergencies look like on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from gisgrid.wire import Prose, Sent


class TaskDone(Sent):
    """A task that was done; words on it may be left out."""

    words: Prose = Field(default="", description="what was done or found")


class WordsCreate(Sent):
    """What is said: a remark, or how it ended."""

    words: Prose = Field(min_length=1, description="what there is to say")


class EmergencyEntry(BaseModel):
    """An emergency in a list. `is_called`: whoever asks was alerted, and has not acknowledged."""

    id: int
    incident_id: int
    number: str | None
    kind_zh: str
    kind_en: str
    plan_zh: str | None
    plan_en: str | None
    cell_code: str | None
    longitude: float
    latitude: float
    state_zh: str
    state_en: str
    started_at: datetime
    ended_at: datetime | None
    is_called: bool
    alerted: int
    acknowledged: int
    tasks: int
    tasks_done: int
    remarks: int


class Emergencies(BaseModel):
    """Emergencies, the newest first."""

    emergencies: list[EmergencyEntry]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815


class AlertEntry(BaseModel):
    """Somebody who was called. `phone` is for those who are involved; `followed_up_at`: the next was called instead."""

    person: int
    name: str | None
    phone: str | None
    turn: int
    alerted_at: datetime
    acknowledged_at: datetime | None
    followed_up_at: datetime | None


class InsteadEntry(BaseModel):
    """Whom to telephone; `phone` is null where it is not known, or not for whoever asks."""

    zh: str
    en: str
    phone: str | None


class LineEntry(BaseModel):
    """A level or a department, with who was called there; `phone` is that of its control room.

    `is_unreached`: there is nobody to alert, or nobody more after those who stay silent. `instead`: whom to call.
    """

    zh: str
    en: str
    phone: str | None
    is_received: bool
    is_unreached: bool
    instead: InsteadEntry | None
    people: list[AlertEntry]


class TaskEntry(BaseModel):
    """A line of the checklist."""

    number: int
    zh: str
    en: str
    for_zh: str
    for_en: str
    due_at: datetime
    done_at: datetime | None
    done_by: str | None
    words: str


class NearEntry(BaseModel):
    """A patroller on duty: how far from the incident they were at `fix_at`."""

    ref: str
    name: str
    phone: str | None
    distance_m: float
    longitude: float
    latitude: float
    fix_at: datetime


class MomentEntry(BaseModel):
    """An entry of the time line. `by` is null for what happened by itself, and for the erased."""

    at: datetime
    what: Literal["step", "started", "alerted", "silent", "nobody", "acknowledged", "done", "said", "ended"]
    zh: str
    en: str
    by: str | None
    words: str


class EmergencyRecord(EmergencyEntry):
    """An emergency with all that is on record of it. `nearest` is for those involved who may see tracks."""

    description: str
    is_involved: bool
    started_by: str | None
    ended_by: str | None
    words: str
    lines: list[LineEntry]
    checklist: list[TaskEntry]
    nearest: list[NearEntry]
    timeline: list[MomentEntry]
