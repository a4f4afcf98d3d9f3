"""The one report object. JSON, GeoJSON, CSV, the table on screen, maps and documents all say what it says."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from gisgrid.grid.schemas import Level


class Counts(BaseModel):
    """Counts of what was located somewhere. People and outings are distinct there, and do not add up.

    Those two are of the days that are not sealed; null where all are, and they were not kept. `quarantined` are no
    check-ins so far; null where it is not known.
    """

    check_ins: int
    patrollers: int | None
    patrols: int | None
    quarantined: int | None = None


class CellFigures(BaseModel):
    """The figures of one cell; counts as in Counts, and null too where the public is not told how few they are.

    Null is n/a: nothing to divide by, or not known any more. Areas are null for a cell that is gone by the period's
    last day. `coverage_ratio` is null where there is no patrollable ground; `coverage_low` and `coverage_high` enclose
    it. On sealed days nothing is known of areas, unless the period has only one such day, and nothing of the limits.
    What each means, and by which settings, the report's definitions say under the same name.
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
    certain_visits: int | None = None
    quarantined: int | None = None

    covered_area_m2: float | None
    patrollable_area_m2: float | None
    area_m2: float | None
    coverage_ratio: float | None
    coverage_low: float | None
    coverage_high: float | None
    effort_m2: float | None = None
    redundancy: float | None = None
    seen_squares: int | None = None
    patrollable_squares: int | None = None
    square_ratio: float | None = None

    idleness_s: float | None = None
    worst_idle_s: float | None = None
    seen_last_at: datetime | None = None

    rounds_done: int | None = None
    rounds_done_late: int | None = None
    rounds_missed: int | None = None
    rounds_unconfirmed: int | None = None
    rounds_ratio: float | None = None
    open_gaps: int | None = None

    reported: int | None = None
    filed: int | None = None
    closed: int | None = None
    in_time: int | None = None
    overdue: int | None = None
    suspended: int | None = None
    extended: int | None = None
    returned: int | None = None
    closing_ratio: float | None = None
    in_time_ratio: float | None = None
    responses: int | None = None
    response_s: float | None = None
    closing_s: float | None = None

    share_in_band: float | None = None
    evenness: float | None = None
    demand_match: float | None = None


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


class GroupShown(BaseModel):
    """Whose figures these are, if not everybody's."""

    kind: Literal["plan", "patrol", "people"]
    name: str


class Revision(BaseModel):
    """How often the figures of a report have changed since it was first handed out."""

    number: int
    first_made_at: datetime


class Received(BaseModel):
    """On how many `days` anything was received at all, by whomever, `of_days` whole local days that are over.

    `since`: the hour in which it begins, the period's start if that is on its first day, null if nothing was received.
    `unheard_s`: the seconds up to then, and of later days without anything: who was there meanwhile nobody knows.
    """

    days: int
    of_days: int
    since: datetime | None
    unheard_s: float


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
    """How much of the cells of a level, or of all three, was seen in a period.

    `cells` are those below `parent` that the caller answers for, by level and code; `cells_before` the same in the
    period `before`, if it was asked for. `outside`, `excluded`, `quarantined` and `delivered_late` are of the whole
    period wherever asked, and null for whoever does not answer for a street. `delivered_late` came after the report
    was first handed out: null if it was not. `fingerprint` is another once something else was seen anywhere.
    """

    grid: GridInForce
    period: Interval
    level: Level | Literal["all"]
    parent: str | None
    group: GroupShown | None = None
    cells: list[CellFigures]
    before: Interval | None = None
    cells_before: list[CellFigures] = []
    outside: Counts | None
    excluded: Excluded | None
    quarantined: int | None = None
    delivered_late: int | None = None
    revision: Revision | None = None
    fingerprint: str | None = None
    received: Received | None = None
    settings: Rules
    definitions: list[Definition]
    notes: list[Note]


class SquaresSeen(BaseModel):
    """Unit squares with sides of `side_m`, each as west, south, east, north (degrees) and on how many days it was seen.

    Of `of_days` days, the most being `most`; days that are sealed are not known any more, and in neither.
    """

    side_m: int
    squares: list[list[float | int]]
    of_days: int
    most: int
