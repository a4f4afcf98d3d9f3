"""Bringing records of the past: each is reported, gets its number, and its steps with their times.

Nobody's name stands at a step: they are the operator's, as the audit says. A record that is there already stays as it
is, and one whose times or walk cannot have been so is refused.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import shapely
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR, record
from gisgrid.errors import GisgridError
from gisgrid.geometry import WGS84
from gisgrid.grid.kin import lineage
from gisgrid.grid.locate import NoSuchCell, grid_on, layer_set_on
from gisgrid.grid.tables import LEVELS, LayerSet
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import Calendar, Tick, reading
from gisgrid.incidents.departments import in_line
from gisgrid.incidents.figures.read import PLACED
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import RULES
from gisgrid.incidents.loop.addressees import NoSuchAddressee
from gisgrid.incidents.loop.standing import limit_of
from gisgrid.incidents.records.schemas import RecordCreate
from gisgrid.incidents.records.walk import WORDS, BadRecord, Made, Past, walk
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.tables import Incident, Party, Step
from gisgrid.intake.arrivals import Outcome
from gisgrid.intake.finding import cell_codes
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.tables import Department

INCIDENT, STEP, PARTY = table_of(Incident), table_of(Step), table_of(Party)
BY_CELL: Final = {PLACED: True}
"""The mark of what has the position of a whole cell."""


class _Known(NamedTuple):
    """What is asked for once for all records."""

    ground: "_Ground"
    editions: Editions
    departments: Mapping[str, int]
    calendar: Calendar
    now: datetime


class _Place(NamedTuple):
    """Where a record lies: a position and its system; and the level of the cell that stands for it, if one does."""

    longitude: float
    latitude: float
    crs: str
    level: str | None = None


class _Ground:
    """Where records lie; each cell is looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._points: dict[tuple[str, int], _Place] = {}
        self._layer_sets: dict[date, LayerSet] = {}
        self._codes = cell_codes(session)
        self._lineages: dict[str, tuple[str, ...]] = {}

    def place(self, item: RecordCreate, day: date, crs: str) -> _Place:
        """Return where a record lies: its position, else a point of its cell in the grid of its day.

        Raises BadRecord, NoSuchCell, NoGrid.
        """
        if item.longitude is not None and item.latitude is not None:
            return _Place(item.longitude, item.latitude, crs)
        if item.cell is None:
            raise BadRecord("缺少经纬度或网格编码", "it takes a position, or the code of a cell")
        if day not in self._layer_sets:
            self._layer_sets[day] = layer_set_on(self._session, day)
        key = (item.cell, self._layer_sets[day].id)
        if key not in self._points:
            self._points[key] = self._point(item.cell, self._layer_sets[day].first_day)
        return self._points[key]

    def _point(self, code: str, day: date) -> _Place:
        cells = grid_on(self._session, day).cells
        found = cells[cells["code"] == code]
        if found.empty:
            raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")
        point = shapely.point_on_surface(found.geometry.iloc[0])
        return _Place(point.x, point.y, WGS84, str(found["level"].iloc[0]))

    def lineage(self, cell: int | None) -> tuple[str, ...]:
        """Return the codes of a cell, by its row, and of those above it; nothing for none."""
        if cell is None:
            return ()
        code = self._codes[cell]
        if code not in self._lineages:
            self._lineages[code] = lineage(self._session, code)
        return self._lineages[code]


class _Ready(NamedTuple):
    """A record that can be brought."""

    item: RecordCreate
    kind: Kind
    place: _Place


def bring_records(session: Session, settings: Settings, items: Sequence[RecordCreate], crs: str) -> list[Outcome]:
    """Bring records; return what became of each, in order. `crs` is that of positions that name none."""
    departments = dict(session.execute(select(Department.code, Department.id)).all())
    calendar, now = calendar_of(session, settings), datetime.now(UTC)
    known = _Known(_Ground(session), Editions(session), departments, calendar, now)
    ready = [_ready(settings, known, item, crs) for item in items]
    sent = [_report(each) for each in ready if isinstance(each, _Ready)]
    stored = iter(report(session, sent, settings.zone))
    outcomes = [next(stored) if isinstance(each, _Ready) else Outcome("refused", None, each) for each in ready]
    walked = [
        _walked(known, each, outcome.row)
        for each, outcome in zip(ready, outcomes, strict=True)
        if isinstance(each, _Ready) and outcome.status == "stored" and outcome.row is not None
    ]
    if walked:
        _write(session, walked)
        record(session, OPERATOR, "records.brought", None, rows=len(walked))
    return outcomes


# --- before anything is stored ----------------------------------------------------------------------


def _ready(settings: Settings, known: _Known, item: RecordCreate, crs: str) -> _Ready | GisgridError:
    """Return a record with its kind and place, once its walk is seen to be one; else what is wrong with it."""
    try:
        kind = known.editions.at(item.reported_at, settings.zone).called(item.kind)
        place = known.ground.place(item, item.reported_at.astimezone(settings.zone).date(), item.crs or crs)
        if item.department is not None and item.department not in known.departments:
            codes = in_line(known.departments)
            raise NoSuchAddressee(
                f"没有职能部门 {item.department[:40]};可用:{codes}", f"there is no such department; use {codes}"
            )
        walk(_past(item, kind, place), known.now)
    except GisgridError as error:
        return error
    return _Ready(item, kind, place)


def _past(item: RecordCreate, kind: Kind, place: _Place, above: tuple[str, ...] = ()) -> Past:
    times = ("reported_at", "filed_at", "dispatched_at", "handled_at", "closed_at", "settled_at")
    return Past(
        kind=kind,
        source=item.source,
        condition=item.condition or next((each.code for each in kind.conditions), None),
        department=item.department or kind.default_department,
        lineage=above,
        answered_at=item.answered_at,
        mark=BY_CELL if place.level else {},
        **{name: getattr(item, name) for name in times},
    )


def _report(ready: _Ready) -> Report:
    item, place = ready.item, ready.place
    return Report(
        kind=ready.kind.code,
        reported_at=item.reported_at,
        received_at=item.reported_at,  # as if it had come then: its steps follow
        longitude=place.longitude,
        latitude=place.latitude,
        crs=place.crs,
        description=item.description,
        client_id=item.client_id,
        source=item.source,
        outside_number=item.outside_number,
        complained_cell=item.complained_cell,
        complained_department=item.complained_department,
    )


# --- what is written --------------------------------------------------------------------------------


class _Walked(NamedTuple):
    """The steps of a stored record, and the columns of its row that they make."""

    incident: int
    steps: list[Made]
    columns: dict[str, Any]


def _walked(known: _Known, ready: _Ready, row: Mapping[str, Any]) -> _Walked:
    coarse = LEVELS[LEVELS.index(ready.place.level) + 1 :] if ready.place.level else ()
    cells = {f"{level}_id": None if level in coarse else row[f"{level}_id"] for level in LEVELS}
    above = known.ground.lineage(next((cell for cell in reversed(cells.values()) if cell is not None), None))
    past = _past(ready.item, ready.kind, ready.place, above)
    steps = walk(past, known.now)
    answering = steps[-1].answering if steps else next(iter(above), None)
    is_filed = any(step.move == "file" for step in steps)
    is_sent = any(step.move == "dispatch" for step in steps)
    columns = {
        **cells,
        "state": steps[-1].to_state if steps else "reported",
        "revision": 1 + len(steps),
        "answering_code": answering,
        "condition": past.condition if is_filed else None,
        "department_id": known.departments.get(past.department) if is_sent else None,
        "due_at": _due_at(steps, past, known),
    }
    return _Walked(row["id"], steps, columns)


def _due_at(steps: Sequence[Made], past: Past, known: _Known) -> datetime | None:
    ticks = [Tick(effect, step.at) for step in steps if (effect := RULES[step.move].clock) is not None]
    shown = reading(ticks, limit_of(past.kind, past.condition), known.calendar, known.now)
    return None if shown.state == "stopped" else shown.due_at


def _write(session: Session, walked: Sequence[_Walked]) -> None:
    steps = [_step(each.incident, number, step) for each in walked for number, step in enumerate(each.steps, 2)]
    if steps:
        session.execute(insert(STEP), steps)
    parties = [
        {"incident_id": each.incident, "department_id": each.columns["department_id"], "is_lead": True}
        for each in walked
        if each.columns["department_id"] is not None
    ]
    if parties:
        session.execute(insert(PARTY), parties)
    values: dict[str, Any] = {name: bindparam(f"its_{name}") for name in walked[0].columns}
    its = (visible(session, INCIDENT), INCIDENT.c.id == bindparam("its"))
    given = [
        {"its": each.incident, **{f"its_{name}": value for name, value in each.columns.items()}} for each in walked
    ]
    session.connection().execute(update(INCIDENT).where(*its).values(values), given)


def _step(incident: int, number: int, made: Made) -> dict[str, Any]:
    return {
        "incident_id": incident,
        "number": number,
        "move": made.move,
        "from_state": made.from_state,
        "to_state": made.to_state,
        "made_at": made.at,
        "made_by": None,
        "answering_code": made.answering,
        "words": WORDS,
        "detail": json.dumps(made.detail),
    }
