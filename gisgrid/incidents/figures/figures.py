"""From a session to the one report: the figures of merit of a period, for the ground that whoever asks answers for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound, Refused
from gisgrid.grid.tables import Cell
from gisgrid.incidents.departments import department_codes
from gisgrid.incidents.figures import definitions
from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.figures.kept import Telling, counted_of, is_whole_months
from gisgrid.incidents.figures.measure import (
    COUNTS,
    KEYS,
    NEAR_M,
    REPEAT_DAYS,
    SHARES,
    Dimension,
    Key,
    Measured,
    Tally,
    by_cell,
    came_again,
    measure,
    share,
)
from gisgrid.incidents.figures.names import Names
from gisgrid.incidents.figures.read import records_of
from gisgrid.incidents.figures.schemas import (
    Counts,
    FiguresEntry,
    IncidentFigures,
    Interval,
    Meaning,
    Note,
    Rules,
    Settled,
    ShareEntry,
)
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.surveys.enter import answers_of
from gisgrid.incidents.surveys.satisfaction import month_after, satisfaction
from gisgrid.incidents.surveys.schemas import SatisfactionEntry, entry_of
from gisgrid.parameters import Period
from gisgrid.settings import Settings
from gisgrid.sight import Sight, sight_of
from gisgrid.staff.tables import Department

TOTAL: Final = ("合计", "total")


class NotYourGround(NotFound):
    """No cell that whoever asks answers for has that code."""


class NoSuchDepartment(Refused):
    """No department has that code."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which figures: those of a cell (at any level), a department, a kind, each by its code; grouped by what.

    `operation` is the name of that whose period it is.
    """

    period: Period
    cell: str | None = None
    department: str | None = None
    kind: str | None = None
    group_by: Dimension | None = None
    operation: str | None = None


def incident_figures(session: Session, settings: Settings, wish: Wish, now: datetime | None = None) -> IncidentFigures:
    """Return the figures of a wish, as known at a moment (now).

    Raises NotYourGround, NoSuchDepartment, UnknownKind.
    """
    now = now or datetime.now(UTC)
    sight = sight_of(session)
    _require(session, sight, wish)
    records = records_of(session, settings, wish.period, now)
    of_ground = [each for each in records if _is_asked(each, sight, wish)]
    names = Names(session, settings, wish.period)
    ordinary = _measured((each for each in of_ground if not each.is_kept), records, sight, wish, now)
    kept = _measured((each for each in of_ground if each.is_kept), [], sight, wish, now)
    telling = _telling(names, sight, wish, settings)
    is_told = telling.is_told(wish.cell, is_total=True)
    return IncidentFigures(
        period=Interval(start=wish.period.start, end=wish.period.end),
        operation=wish.operation,
        known_at=now,
        cell=wish.cell,
        department=wish.department,
        kind=wish.kind,
        group_by=wish.group_by,
        total=_entry(wish.cell, TOTAL, ordinary.total, telling.settled(ordinary.total, kept.total, is_told=is_told)),
        groups=_groups(names, telling, sight, wish, ordinary, kept),
        satisfaction=_satisfaction(session, names, sight, wish, settings),
        rules=_rules(settings),
        definitions=meanings(),
        notes=[Note(zh=zh, en=en) for zh, en in (definitions.KEPT, *names.warnings(session, now))],
    )


def this_month(settings: Settings, now: datetime | None = None) -> Period:
    """Return the local month of a moment (now)."""
    day = (now or datetime.now(UTC)).astimezone(settings.zone).date()
    return month_period(day, settings)


def month_period(day: date, settings: Settings) -> Period:
    """Return the local month of a day."""
    first = day.replace(day=1)
    return Period(*(datetime.combine(each, time(), settings.zone) for each in (first, month_after(first))))


def meanings() -> list[Meaning]:
    """Return what all figures mean."""
    told = {**definitions.SHARES, **definitions.COUNTS, **definitions.AS_REPORTED}
    told["satisfaction"] = definitions.SATISFACTION
    return [Meaning(name=name, **each._asdict()) for name, each in told.items()]


# --- what is asked, and who asks --------------------------------------------------------------------


def _require(session: Session, sight: Sight, wish: Wish) -> None:
    if wish.cell is not None and not (_is_cell(session, wish.cell) and sight.has_code(wish.cell)):
        raise NotYourGround(
            "您负责的网格中没有这个编码", "there is no cell with that code among those that you answer for"
        )
    if wish.kind is not None:
        Editions(session).require(wish.kind)
    its = select(Department.id).where(Department.code == wish.department)
    if wish.department is not None and session.scalar(its) is None:
        codes = department_codes(session)
        raise NoSuchDepartment(f"没有这个职能部门;可用:{codes}", f"there is no such department; use {codes}")


def _is_cell(session: Session, code: str) -> bool:
    return session.scalar(select(Cell.id).where(Cell.code == code).limit(1)) is not None


def _is_asked(record: Record, sight: Sight, wish: Wish) -> bool:
    if wish.cell is not None:
        is_here = wish.cell in record.cells
    elif record.cells[0] is None:
        is_here = sight.everything or sight.answers.outside
    else:
        is_here = any(sight.has_code(code) for code in record.cells if code is not None)
    return is_here and wish.department in (None, record.department) and wish.kind in (None, record.kind)


def _measured(asked: Iterable[Record], known: Sequence[Record], sight: Sight, wish: Wish, now: datetime) -> Measured:
    return measure(asked, wish.period, now, again=came_again(known), group=_key(sight, wish))


def _key(sight: Sight, wish: Wish) -> Key | None:
    if wish.group_by is None:
        return None
    return by_cell(sight.has_code, wish.cell) if wish.group_by == "cell" else KEYS[wish.group_by]


def _telling(names: Names, sight: Sight, wish: Wish, settings: Settings) -> Telling:
    is_open = wish.department is None and wish.kind is None and is_whole_months(wish.period, settings)
    is_by_cell = wish.group_by in (None, "cell")
    sees_all = sight.everything or sight.answers.outside
    return Telling(counted_of(names.kinds.values()), is_open and is_by_cell, sees_all, names.levels)


# --- as it is shown ---------------------------------------------------------------------------------


def _entry(key: str | None, name: tuple[str, str], tally: Tally, settled: dict[str, int | None]) -> FiguresEntry:
    return FiguresEntry(
        key=key,
        zh=name[0],
        en=name[1],
        counts=Counts(**{each: tally[each] for each in COUNTS}),
        settled=Settled(**settled),
        shares=[_share(tally, each) for each in SHARES],
    )


def _share(tally: Tally, name: str) -> ShareEntry:
    found = share(tally, name)
    return ShareEntry(name=name, numerator=found.numerator, denominator=found.denominator, ratio=found.ratio)


def _groups(
    names: Names, telling: Telling, sight: Sight, wish: Wish, ordinary: Measured, kept: Measured
) -> list[FiguresEntry]:
    if wish.group_by is None:
        return []
    keys = {*ordinary.groups, *names.expected(wish.group_by, wish.cell, sight)}
    nothing: Tally = Tally()
    found = []
    for key in sorted(keys, key=lambda each: (each is None, each or "")):
        tally, those_kept = ordinary.groups.get(key, nothing), kept.groups.get(key, nothing)
        settled = telling.settled(tally, those_kept, is_told=telling.is_told(key, is_total=False))
        found.append(_entry(key, names.of(wish.group_by, key), tally, settled))
    return found


def _satisfaction(
    session: Session, names: Names, sight: Sight, wish: Wish, settings: Settings
) -> SatisfactionEntry | None:
    streets = [code for code, level in names.levels.items() if code and level == "street" and sight.has_code(code)]
    cell = wish.cell or (streets[0] if len(streets) == 1 else None)
    first = wish.period.start.astimezone(settings.zone).date()
    if cell is None or wish.period != month_period(first, settings):
        return None
    return entry_of(cell, satisfaction(answers_of(session, [cell])[cell], first))


def _rules(settings: Settings) -> Rules:
    told: dict[str, Any] = {"timezone": settings.timezone, "working_hours": settings.working_hours}
    return Rules(**told, near_m=NEAR_M, repeat_days=REPEAT_DAYS)
