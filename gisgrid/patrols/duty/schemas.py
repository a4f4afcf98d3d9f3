"""What shifts, consents and objections look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints

from gisgrid.patrols.duty.consent import Covers
from gisgrid.patrols.tables import Standing
from gisgrid.wire import Moment, Name, Prose, Sent
from gisgrid.words import told


def _said(value: str) -> str:
    if not value.strip():
        raise told("不能为空", "must not be blank")
    return value.strip()


Words = Annotated[Prose, StringConstraints(max_length=1000), AfterValidator(_said)]
Pin = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=100)]


class Proof(Sent):
    """Who signs on or off at a shared device; whoever is signed in themselves leaves both out."""

    person: Name | None = Field(default=None, description="sign-in name of the patroller, at a shared device")
    pin: Pin | None = Field(default=None, description="their PIN")


class SignOn(Proof):
    """The beginning of a shift."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"person": "wang", "pin": "274911", "started_at": "2026-11-01T08:00:00+08:00", "track": False}]
        }
    )

    started_at: Moment | None = Field(default=None, description="when it began; now, if left out")
    notice_version: Name | None = Field(
        default=None, description="the version of GET /api/notice that was read, accepted"
    )
    track: Annotated[bool, Strict()] = Field(
        default=False, description="agrees to tracks as well; volunteers are asked"
    )


class SignOff(Proof):
    """The end of a shift."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended_at": "2026-11-01T18:00:00+08:00"}]})

    ended_at: Moment | None = Field(default=None, description="when it ended; now, if left out")


class ShiftRecord(BaseModel):
    """A shift; one that nobody ends is over at `ended_at`."""

    id: int
    person: str
    started_at: datetime
    ended_at: datetime
    signed_on_at: datetime


class NoticeText(BaseModel):
    """The notice, as Markdown in both languages."""

    version: str
    zh: str
    en: str


class ConsentCreate(Sent):
    """A consent: to the notice, or to whole tracks, as the notice of that version tells them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"covers": "track", "version": "2026-11-25-00000000"}]})

    covers: Covers
    version: Name


class ConsentRecord(BaseModel):
    """A consent, and when it was withdrawn, if it was."""

    covers: Covers
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class ObjectionCreate(Sent):
    """An objection to what became of a fix."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fix_id": 1, "words": "当时在岗,定位漂移"}]})

    fix_id: Annotated[int, Strict(), Field(ge=1, le=2**63 - 1)]
    words: Words


class ReplyCreate(Sent):
    """The reply to an objection."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reply": "已核实,予以更正"}]})

    reply: Words


class ObjectionRecord(BaseModel):
    """An objection and its reply, if there is one; who replied is null until then."""

    id: int
    fix_id: int
    fix_at: datetime
    standing: Standing
    patroller: str
    words: str
    made_at: datetime
    reply: str
    replied_by: str | None
    replied_at: datetime | None


class Objections(BaseModel):
    """Objections, the newest first."""

    objections: list[ObjectionRecord]
    numberMatched: int  # noqa: N815 - the name in OGC API - Features
    numberReturned: int  # noqa: N815


class RoleTitle(BaseModel):
    """What an office calls a role."""

    zh: str
    en: str


class Reading(BaseModel):
    """That somebody looked at a track: when, who, as what, and why."""

    at: datetime
    reader: str
    roles: list[RoleTitle]
    purpose: str


class Readings(BaseModel):
    """Who looked at a track, the newest first."""

    readings: list[Reading]
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815


class Sender(BaseModel):
    """Who or what sends from here: a shared device, or somebody signed in. `called` is for people to read."""

    kind: Literal["device", "person"]
    id: int
    called: str


class Duty(BaseModel):
    """Who sends from here and who is on duty. `patroller` is the name under which fixes are kept, if anybody's.

    `may_track`: whether whole tracks are taken. `waiting`: fixes of the device that wait for a late sign-on.
    """

    sender: Sender
    patroller: str | None
    shift: ShiftRecord | None
    may_track: bool
    waiting: int
