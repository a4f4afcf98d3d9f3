"""Files of located things: read row by row, stored in slices. A bad row is told by its number; the rest goes in."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError as Invalid
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError, Refused
from gisgrid.geometry import WGS84, crs_name
from gisgrid.intake.arrivals import Outcome, counted
from gisgrid.parse import iso_time
from gisgrid.rows import Row, columns_of, read_rows
from gisgrid.wire import Sent
from gisgrid.words import BadInput, reason

SLICE = 1000  # rows in one transaction: some 60 ms, so that the writers of the service are not kept waiting
SHOWN = 40  # characters of the name of a column

Item = TypeVar("Item", bound=Sent)


class NoSuchColumn(Refused):
    """A column that is needed or was named is not in the file."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[Item]):
    """How a file becomes items: `columns` maps each field of the model to the names by which files know it.

    `moment` is the field of a time, "" for none; `moments` are others. `for_all` is the field that an option of its
    name can give for all rows, "" for none.
    """

    model: type[Item]
    columns: Mapping[str, tuple[str, ...]]
    moment: str
    required: tuple[str, ...]
    for_all: str
    numbers: tuple[str, ...] = ("longitude", "latitude")
    moments: tuple[str, ...] = ()

    def term(self, name: str) -> str:
        """Return the Chinese word for a field: the first of its names that is no English."""
        return next(alias for alias in self.columns[name] if not alias.isascii())


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who hands in the file says about it.

    `columns` maps fields to columns of the file, `constants` gives fields that the rows do not have. `crs` and `zone`
    hold where neither the row nor the file says otherwise. `strict`: all rows or none.
    """

    zone: ZoneInfo
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    strict: bool = False


Act = Callable[[Session, Sequence[Item], str], Sequence[Outcome]]
Fault = Callable[[tuple[str, str], int, GisgridError], None]
Progress = Callable[[int, int], None]


def import_file(
    engine: Engine, path: Path, plan: Plan[Item], wishes: Wishes, act: Act[Item], fault: Fault, progress: Progress
) -> dict[str, int]:
    """Read a file and hand its sound rows to `act` (with the file's coordinate system), slice by slice.

    `fault` is told the unit, the number and the error of each row that is refused; `progress` how many of how many rows
    are done. Returns the counts of `counted` and, as `without_zone`, how many times had none. Raises UnreadableFile,
    NoSuchColumn, UnknownCrs.
    """
    rows = read_rows(path)
    crs = crs_name(wishes.crs or rows.crs or WGS84)
    reader = RowReader(plan, wishes, rows.columns)
    read = ((row.number, reader.item(row)) for row in rows.rows)
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
    return {**tally, "without_zone": reader.without_zone}


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
    chosen = columns_of(columns, plan.columns) | dict(wishes.columns)
    missing = [name for name in plan.required if name not in chosen and name not in wishes.constants]
    if missing:
        raise _missing(plan, missing, there)
    return chosen


def _missing(plan: Plan[Any], missing: Sequence[str], there: str) -> NoSuchColumn:
    by_column = plan.for_all if plan.for_all in missing else missing[0]
    zh, en = f"--column {by_column}=列名", f"--column {by_column}=COLUMN"
    if by_column == plan.for_all:
        zh, en = f"--{by_column} {plan.term(by_column)},或 {zh}", f"--{by_column} TEXT or {en}"
    terms = "、".join(f"{plan.term(name)}({name})" for name in missing)
    return NoSuchColumn(
        f"找不到 {terms} 的列;请加 {zh}。文件中的列:{there}",
        f"no column for {', '.join(missing)}; add {en}. The columns are: {there}",
    )


class RowReader(Generic[Item]):
    """Reads the rows of one file as items. `without_zone` counts the times that had none."""

    def __init__(self, plan: Plan[Item], wishes: Wishes, columns: Sequence[str]) -> None:
        self._plan, self._wishes = plan, wishes
        self._chosen = _columns(plan, wishes, columns)
        self.without_zone = 0

    def item(self, row: Row) -> Item | GisgridError:
        """Return the item of a row, or why it is refused, by the columns of the file."""
        if row.fault is not None:
            return row.fault
        try:
            values = {name: self._value(name, row.values.get(column)) for name, column in self._chosen.items()}
            given = {name: value for name, value in values.items() if value is not None}
            return self._plan.model.model_validate({**self._wishes.constants, **given})
        except Invalid as error:
            faults = error.errors(include_url=False, include_input=False)
            told = [(str(fault["loc"][-1]), *reason(fault)) for fault in faults]
            return self._refused([(name, zh, f" {en}") for name, zh, en in told])

    def _refused(self, faults: Sequence[tuple[str, str, str]]) -> BadInput:
        columns = [_shown(self._chosen.get(name, "")) for name, *_ in faults]
        told = list(zip(columns, faults, strict=True))
        return BadInput(
            ";".join(f"{column or self._plan.term(name)}:{zh}" for column, (name, zh, _) in told),
            "; ".join(f"{column or name}{en}" for column, (name, _, en) in told),
        )

    def _value(self, name: str, value: Any) -> Any:
        """Return a value as the model wants it; what cannot be turned stays, for the model to refuse in words."""
        if isinstance(value, str):
            value = value.strip() or None
        if name in self._plan.numbers:
            return _number(value)
        if name in (self._plan.moment, *self._plan.moments) and isinstance(value, str):
            return self._moment(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return str(value) if is_number else value

    def _moment(self, value: str) -> str:
        try:
            moment = datetime.fromisoformat(iso_time(value))
        except ValueError:
            return value
        if moment.tzinfo is None:
            self.without_zone += 1
            moment = moment.replace(tzinfo=self._wishes.zone)
        return moment.isoformat()


def _shown(column: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in column[:SHOWN])


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
