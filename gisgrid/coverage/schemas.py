"""The one report object. JSON, GeoJSON, CSV, the table on screen, maps and documents all say what it says."""

from datetime import date, datetime

from pydantic import BaseModel

from gisgrid.grid.schemas import Level


class Counts(BaseModel):
    """Counts of what was located somewhere. People and outings are distinct there, and do not add up.

    Those two are of the days that are not sealed; null where all are, and they were not kept.
    """

    check_ins: int
    patrollers: int | None
    patrols: int | None


class CellFigures(BaseModel):
    """The figures of one cell; counts as in Counts, and null too where the public is not told how few they are.

    Areas are null for a cell that is gone by the period's last day.

    `coverage_ratio` is null where there is no patrollable ground; `coverage_low` and `coverage_high` enclose it. On
    sealed days nothing is known of areas, unless the period has only one such day, and nothing of the two limits.
    """

    code: str
    name: str
    level: Level
    parent_code: str | None
    check_ins: int | None
    patrollers: int | None
    patrols: int | None
    visits: int | None
    dwell_s: float | None
    covered_area_m2: float | None
    patrollable_area_m2: float | None
    area_m2: float | None
    coverage_ratio: float | None
    coverage_low: float | None
    coverage_high: float | None


class Excluded(BaseModel):
    """Check-ins left out of the covered area, by reason; they count everywhere else."""

    coarse: int
    teleport: int = 0
    frozen: int = 0
    mock: int = 0
    gcj02: int = 0
    sealed: int = 0


class GridInForce(BaseModel):
    """The layer set whose cells were measured: the one in force on the period's last day."""

    id: int
    name: str
    source: str
    first_day: date
    note: str


class Interval(BaseModel):
    """`[start, end)`."""

    start: datetime
    end: datetime


class Rules(BaseModel):
    """The settings that the figures depend on."""

    timezone: str
    metric_crs: str
    reach_m: float
    visit_gap_s: float
    band_gap_s: float
    band_length_m: float


class Note(BaseModel):
    """A remark on the whole report."""

    zh: str
    en: str


class Definition(Note):
    """What the figure of that name means, with the settings used."""

    name: str


class CoverageReport(BaseModel):
    """How much of one level's cells was seen in a period.

    `cells` are those below `parent` that the caller answers for, by code; `outside` and `excluded` are of the whole
    period wherever asked, and null for whoever does not answer for a street.
    """

    grid: GridInForce
    period: Interval
    level: Level
    parent: str | None
    cells: list[CellFigures]
    outside: Counts | None
    excluded: Excluded | None
    settings: Rules
    definitions: list[Definition]
    notes: list[Note]
