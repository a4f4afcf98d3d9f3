"""What surveys look like on the wire."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from gisgrid.incidents.surveys.satisfaction import Satisfaction, parse_month
from gisgrid.wire import Name, Sent


def _month(value: object) -> date:
    return parse_month(value if isinstance(value, str) else "")


Month = Annotated[date, BeforeValidator(_month, json_schema_input_type=Annotated[str, Field(max_length=10)])]
"""A month such as 2026-11; comes out as its first day."""
Count = Annotated[int, Strict(), Field(ge=0, le=10_000_000)]


class SurveyCreate(Sent):
    """What a survey found in a cell in a month; the same cell and month again takes its place."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"cell_code": "440307009", "month": "2026-11", "asked": 500, "satisfied": 431}]}
    )

    cell_code: Name = Field(description="the code of the cell, at any level")
    month: Month
    asked: Count = Field(description="how many were asked: the n of the share")
    satisfied: Count = Field(description="how many of them were satisfied")


class SatisfactionEntry(BaseModel):
    """The satisfaction of a cell in a month. `ratio` is null without a survey, `change_points` without either of two.

    `change_points` are percentage points on the month before, whose n and share are `asked_before` and `ratio_before`.
    """

    cell_code: str
    month: str
    asked: int | None
    satisfied: int | None
    ratio: float | None
    asked_before: int | None
    ratio_before: float | None
    change_points: float | None


def entry_of(code: str, shown: Satisfaction) -> SatisfactionEntry:
    """Return the satisfaction of a cell as it is sent."""
    now, before = shown.now, shown.before
    return SatisfactionEntry(
        cell_code=code,
        month=f"{shown.month:%Y-%m}",
        asked=now.asked if now else None,
        satisfied=now.satisfied if now else None,
        ratio=now.ratio if now else None,
        asked_before=before.asked if before else None,
        ratio_before=before.ratio if before else None,
        change_points=shown.change_points,
    )
