"""Files of located things: read row by row, stored in slices. A bad row is told by its number; the rest goes in."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.geometry import WGS84, crs_name
from gisgrid.intake.arrivals import Outcome, counted
from gisgrid.rows import Row, read_rows
from gisgrid.wire import Sent, read_item

SLICE = 1000  # rows in one transaction: some 60 ms, so that the writers of the service are not kept waiting
OFFICE_TIME = re.compile(  # 2026/11/1 8:05, 2026年11月1日 8时5分
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?)?分?"
)

Item = TypeVar("Item", bound=Sent)


class NoSuchColumn(Refused):
    """A column that is needed or was named is not in the file."""


class NoZone(Refused):
    """A time that could be anywhere."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[Item]):
    """How a file becomes items: `columns` maps each field of the model to the names by which files know it."""

    model: type[Item]
    columns: Mapping[str, tuple[str, ...]]
    moment: str
    required: tuple[str, ...]
    numbers: tuple[str, ...] = ("longitude", "latitude")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who hands in the file says about it.

    `columns` maps fields to columns of the file, `constants` gives fields that the rows do not have. `crs` and `zone`
    hold where neither the row nor the file says otherwise. `strict`: all rows or none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    zone: ZoneInfo | None = None
    strict: bool = False


Act = Callable[[Session, Sequence[Item], str], Sequence[Outcome]]
Fault = Callable[[tuple[str, str], int, GisgridError], None]
Progress = Callable[[int, int], None]


def import_file(
    engine: Engine, path: Path, plan: Plan[Item], wishes: Wishes, act: Act[Item], fault: Fault, progress: Progress
) -> dict[str, int]:
    """Read a file and hand its sound rows to `act` (with the file's coordinate system), slice by slice.

    `fault` is told the unit, the number and the error of each row that is refused; `progress` how many of how many rows
    are done. Returns the counts of `counted`. Raises UnreadableFile, NoSuchColumn, UnknownCrs.
    """
    rows = read_rows(path)
    crs = crs_name(wishes.crs or rows.crs or WGS84)
    chosen = _columns(plan, wishes, rows.columns)
    read = ((row.number, _item(plan, wishes, chosen, row)) for row in rows.rows)
    tally: Counter[str] = Counter(counted([]))
    done = 0
    while part := list(read if wishes.strict else islice(read, SLICE)):
        outcomes = _take(engine, [item for _, item in part], crs, act, strict=wishes.strict)
        for (number, _), outcome in zip(part, outcomes, strict=True):
            if outcome is not None and outcome.error is not None:
                fault(rows.unit, number, outcome.error)
        tally.update(counted([outcome for outcome in outcomes if outcome is not None]))
        done += len(part)
        progress(done, max(rows.expected, done))
    progress(done, done)
    return dict(tally)


def _take(
    engine: Engine, items: Sequence[Item | GisgridError], crs: str, act: Act[Item], *, strict: bool
) -> list[Outcome | None]:
    """Store the sound items in one transaction; None is one held back because another is not sound."""
    with session_scope(engine, write=True) as session:
        following = iter(act(session, [item for item in items if not isinstance(item, GisgridError)], crs))
        outcomes: list[Outcome | None] = [
            Outcome("refused", None, item) if isinstance(item, GisgridError) else next(following) for item in items
        ]
        if strict and any(outcome and outcome.error for outcome in outcomes):
            session.rollback()
            outcomes = [outcome if outcome and outcome.error else None for outcome in outcomes]
    return outcomes


def _columns(plan: Plan[Any], wishes: Wishes, columns: Sequence[str]) -> dict[str, str]:
    """Return the column of each field that the file has. Raises NoSuchColumn."""
    there = ", ".join(name for name in columns if name)
    for wished, column in wishes.columns.items():
        if wished not in plan.columns or column not in columns:
            raise NoSuchColumn(
                f"没有字段 {wished} 或列 {column}。字段:{', '.join(plan.columns)};文件中的列:{there}",
                f"no field {wished} or no column {column}. Fields: {', '.join(plan.columns)}; columns: {there}",
            )
    by_name = {name.casefold(): name for name in reversed(columns)}
    known = {name: [by_name[alias] for alias in aliases if alias in by_name] for name, aliases in plan.columns.items()}
    chosen = {name: found[0] for name, found in known.items() if found} | dict(wishes.columns)
    missing = [name for name in plan.required if name not in chosen and name not in wishes.constants]
    if missing:
        raise NoSuchColumn(
            f"找不到 {', '.join(missing)} 的列;请用 --column {missing[0]}=列名 指明。文件中的列:{there}",
            f"no column for {', '.join(missing)}; name it: --column {missing[0]}=COLUMN. The columns are: {there}",
        )
    return chosen


def _item(plan: Plan[Item], wishes: Wishes, chosen: Mapping[str, str], row: Row) -> Item | GisgridError:
    if row.fault is not None:
        return row.fault
    try:
        values = {name: _value(plan, wishes, name, row.values.get(column)) for name, column in chosen.items()}
    except NoZone as error:
        return error
    given = {name: value for name, value in values.items() if value is not None}
    return read_item(plan.model, {**wishes.constants, **given})


def _value(plan: Plan[Any], wishes: Wishes, name: str, value: Any) -> Any:
    """Return a value as the model wants it; what cannot be turned stays, for the model to refuse in words."""
    if isinstance(value, str):
        value = value.strip() or None
    if name in plan.numbers:
        return _number(value)
    if name == plan.moment and isinstance(value, str):
        return _moment(value, wishes.zone)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _iso(value: str) -> str:
    office = OFFICE_TIME.fullmatch(value)
    if office is None:
        return value
    year, *others = (f"{part or 0:0>2}" for part in office.groups())
    return "{}-{}-{}T{}:{}:{}".format(year, *others)


def _moment(value: str, zone: ZoneInfo | None) -> str:
    try:
        moment = datetime.fromisoformat(_iso(value))
    except ValueError:
        return value
    if moment.tzinfo is None and zone is None:
        raise NoZone("时间没有时区;请加 --timezone Asia/Shanghai", "the time has no zone; add --timezone Asia/Shanghai")
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).isoformat()
