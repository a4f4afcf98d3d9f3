"""A new edition of the kinds: read from what an office edits, taken into force from a first day on, and written out.

An edition once in force stays as it is; one that has not begun can be brought again.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.documents.csv_table import csv_bytes
from gisgrid.documents.sheets import TEXTS, WORKBOOKS, Rows
from gisgrid.documents.workbook import workbook
from gisgrid.errors import Conflict, Refused
from gisgrid.grid.in_force import wait_to_replace
from gisgrid.incidents.kinds.columns import CONDITIONS, KINDS, Table
from gisgrid.incidents.kinds.edition import Edition
from gisgrid.incidents.kinds.read_edition import read_edition
from gisgrid.incidents.kinds.stored import texts
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.kinds.write_edition import write_edition
from gisgrid.incidents.tables import Incident
from gisgrid.once import table_of
from gisgrid.sight import seeing_everything
from gisgrid.staff.offices import departments

INCIDENT: Final = table_of(Incident)


class TableMissing(Refused):
    """Files in which one of the two tables is not found."""


class NotATable(Refused):
    """A name of a file that is neither a workbook's nor a CSV file's."""


class EditionInForce(Conflict):
    """An edition that has begun: it is not changed any more."""


class DaysPast(Conflict):
    """A first day that is over, or has begun, and on or after which something was reported."""


class Tables(NamedTuple):
    """The rows of the two tables of an edition, heads included."""

    kinds: Rows
    conditions: Rows


class Brought(NamedTuple):
    """What was brought: the row of the edition, the edition, and whether it took the place of one for that day."""

    id: int
    edition: Edition
    is_replaced: bool


# --- out of files and into files -----------------------------------------------------------------


def tables_of(sheets: Mapping[str, Rows]) -> Tables:
    """Return the two tables of a workbook, by the names of its sheets. Raises TableMissing."""
    return Tables(_sheet(sheets, KINDS), _sheet(sheets, CONDITIONS))


def _sheet(sheets: Mapping[str, Rows], table: Table) -> Rows:
    found = [rows for name, rows in sheets.items() if name.strip().casefold() in (table.zh, table.name)]
    if len(found) == 1:
        return found[0]
    there = "、".join(sheets)
    raise TableMissing(
        f"应有一个名为“{table.zh}”的工作表;现有:{there}",
        f"there must be one sheet called “{table.name}”; there are: {there}",
    )


def files_of(edition: Edition, name: str) -> dict[str, bytes]:
    """Return an edition as files by name: a workbook, or two CSV files, as the ending says. Raises NotATable."""
    kinds, conditions = write_edition(edition, is_chinese=True)
    path = PurePath(name)
    if path.suffix.lower() == WORKBOOKS[0]:
        return {name: workbook({KINDS.zh: kinds, CONDITIONS.zh: conditions})}
    if path.suffix.lower() == TEXTS[0]:
        second = path.with_name(f"{path.stem}-{CONDITIONS.name}{path.suffix}")
        return {name: csv_bytes(kinds), str(second): csv_bytes(conditions)}
    raise NotATable("请写 .xlsx 或 .csv 文件名", "give the name of an .xlsx or a .csv file")


# --- into force ----------------------------------------------------------------------------------


def bring_edition(session: Session, actor: Actor, zone: ZoneInfo, tables: Tables, first_day: date) -> Brought:
    """Take an edition into force from a local day on, and record it.

    A day that is not to come is taken only as long as nothing was reported on it or later: what was reported keeps
    the kind that it had. Raises FaultyEdition, EditionInForce, DaysPast.
    """
    edition = read_edition(*tables, first_day, {each.code for each in departments(session)})
    row = session.scalar(select(KindEdition).where(KindEdition.first_day == first_day).with_for_update())
    is_replaced = row is not None
    if first_day <= datetime.now(zone).date():
        if is_replaced:
            raise _in_force(first_day)
        wait_to_replace(session)
        _require_nothing_since(session, datetime.combine(first_day, time(), zone))
    row = row or KindEdition(first_day=first_day)
    row.kinds, row.conditions = texts(edition)
    row.imported_at, row.imported_by = datetime.now(UTC), actor.id if actor.kind == "person" else None
    _store(session, row)
    day, count = first_day.isoformat(), len(edition.kinds)
    record(session, actor, "kinds.brought", ("kind_edition", row.id), first_day=day, kinds=count)
    return Brought(row.id, edition, is_replaced)


def _store(session: Session, row: KindEdition) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:  # somebody brought one for that day in the meantime
        raise _in_force(row.first_day) from error


def _require_nothing_since(session: Session, start: datetime) -> None:
    with seeing_everything(session):
        since = session.execute(select(INCIDENT.c.id).where(INCIDENT.c.reported_at >= start).limit(1)).first()
    if since is not None:
        raise DaysPast(
            "该日以来已有上报的事件,其类别不再改变;请用 --first-day 另选今天以后的一天",
            "something was reported since that day, and keeps its kind; choose a later first day, one that is to come",
        )


def _in_force(first_day: date) -> EditionInForce:
    return EditionInForce(
        f"已有自 {first_day} 起生效的类别表,不能更改;请另选今天以后的一天",
        f"there is an edition in force from {first_day} on, which is not changed; choose a later day",
    )
