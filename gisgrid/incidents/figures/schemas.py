"""The one report of the figures of merit. JSON, CSV and documents all say what it says."""

from datetime import datetime

from pydantic import BaseModel

from gisgrid.incidents.figures.measure import Dimension
from gisgrid.incidents.surveys.schemas import SatisfactionEntry


class Interval(BaseModel):
    """`[start, end)`."""

    start: datetime
    end: datetime


class ShareEntry(BaseModel):
    """A share and what it was made of; `ratio` is null, n/a, where the denominator is nought."""

    name: str
    numerator: int
    denominator: int
    ratio: float | None


class Counts(BaseModel):
    """How many incidents, or moves, of the period."""

    reported: int
    filed: int
    closed: int
    in_time: int
    overdue: int
    on_the_spot: int
    dispatched: int
    handled: int
    suspended: int
    extended: int
    returned: int
    failed: int


class Settled(BaseModel):
    """What was settled, as the system of 2007 counted it; null where it would tell of confidential matters."""

    case: int | None
    dispute: int | None
    petition: int | None


class FiguresEntry(BaseModel):
    """The figures of one group, or of all; `key` is a code, null for what is in no group."""

    key: str | None
    zh: str
    en: str
    counts: Counts
    settled: Settled
    shares: list[ShareEntry]


class Meaning(BaseModel):
    """What the figure of a name is called and means."""

    name: str
    name_zh: str
    name_en: str
    zh: str
    en: str


class Note(BaseModel):
    """A remark on the whole report."""

    zh: str
    en: str


class Rules(BaseModel):
    """What the figures depend on."""

    timezone: str
    working_hours: str
    near_m: int
    repeat_days: int


class IncidentFigures(BaseModel):
    """Figures of merit of a period, as known at `known_at`: a case that is reopened later changes them.

    `operation` is the name of the special operation whose period it is. `cell` is null for all ground that the caller
    answers for. `satisfaction` is of the cell, or the street, in a period that is one month; null otherwise.
    """

    period: Interval
    operation: str | None
    known_at: datetime
    cell: str | None
    department: str | None
    kind: str | None
    group_by: Dimension | None
    total: FiguresEntry
    groups: list[FiguresEntry]
    satisfaction: SatisfactionEntry | None
    rules: Rules
    definitions: list[Meaning]
    notes: list[Note]
