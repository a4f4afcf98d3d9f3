"""Stored incidents, found again: one, page by page for the wire, and as one frame for measuring and drawing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import RUNNING, STATES
from gisgrid.incidents.report import COMPLAINED
from gisgrid.incidents.tables import Incident
from gisgrid.intake.finding import cell_codes, coded, conditions, located_frame, page_of
from gisgrid.once import table_of
from gisgrid.parameters import Box, Page, Period
from gisgrid.sight import visible
from gisgrid.staff.tables import Department

INCIDENT = table_of(Incident)
COLUMNS = ("id", "client_id", "kind", "description", "reported_at", "longitude", "latitude")
WITHOUT_GEOMETRY = [column for column in INCIDENT.c if column.name != "geometry"]
FOR_ALL = (not_(INCIDENT.c.is_confidential), *(INCIDENT.c[name].is_(None) for name in COMPLAINED))
"""What anybody who answers for the cells may know of."""
LARGEST_ID = 2**63 - 1


class NoSuchIncident(NotFound):
    """No incident has that number."""


def incidents_frame(
    session: Session,
    period: Period | None = None,
    cell: str | None = None,
    kind: str | None = None,
    *,
    confidential: bool = False,
) -> pd.DataFrame:
    """Return the incidents of a period, a cell (its code, at any level) and a kind, in the order of reported_at.

    What is made of a frame is passed around: confidential incidents and complaints are in it only where asked for.
    Columns: id, client_id, kind, description, reported_at (datetime64[us, UTC]), longitude, latitude (WGS 84 degrees),
    street_code, community_code, substation_code (None outside). Raises NoSuchCell, UnknownKind.
    """
    where = [*conditions(session, INCIDENT, "reported_at", period=period, cell=cell), *_of_kind(session, kind)]
    where += [] if confidential else FOR_ALL
    return located_frame(session, INCIDENT, COLUMNS, "reported_at", where)


def _of_kind(session: Session, kind: str | None) -> list[ColumnElement[bool]]:
    return [] if kind is None else [INCIDENT.c.kind == Editions(session).require(kind)]


def incidents_page(
    session: Session,
    zone: ZoneInfo,
    page: Page,
    *,
    period: Period | None = None,
    cell: str | None = None,
    box: Box | None = None,
    kind: str | None = None,
    more: Sequence[ColumnElement[bool]] = (),
    order: Sequence[ColumnElement[Any]] = (INCIDENT.c.reported_at, INCIDENT.c.id),
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many incidents match, and one page of them in the order of reported_at, with codes and kinds named.

    A kind has the name that it had on the local day, in `zone`, of the report; the filter takes one of any edition.
    Raises NoSuchCell, UnknownKind.
    """
    where = [
        *conditions(session, INCIDENT, "reported_at", period=period, cell=cell, box=box),
        *_of_kind(session, kind),
        *more,
    ]
    query = select(*WITHOUT_GEOMETRY).where(*where).order_by(*order)
    matched, rows = page_of(session, query, page)
    return matched, _named(session, zone, rows)


def incident(session: Session, zone: ZoneInfo, identifier: int) -> dict[str, Any]:
    """Return one incident, with codes and kind named as `incidents_page` does. Raises NoSuchIncident."""
    return _named(session, zone, [require_incident(session, identifier)])[0]


def require_incident(session: Session, identifier: int, *, lock: bool = False) -> dict[str, Any]:
    """Return the row of an incident that may be seen, without its geometry; locked, nobody else moves it meanwhile.

    Raises NoSuchIncident, in the same words where there is one that whoever asks may not know of.
    """
    query = select(*WITHOUT_GEOMETRY).where(visible(session, INCIDENT), INCIDENT.c.id == identifier)
    known = 0 < identifier <= LARGEST_ID
    row = session.execute(query.with_for_update() if lock else query).mappings().first() if known else None
    if row is None:
        raise NoSuchIncident("没有这个编号的事件", "there is no incident with that number")
    return dict(row)


def _named(session: Session, zone: ZoneInfo, rows: Sequence[Any]) -> list[dict[str, Any]]:
    codes, editions = cell_codes(session), Editions(session)
    departments = dict(session.execute(select(Department.id, Department.code)).all())
    now = datetime.now(UTC)
    return [
        {
            **row,
            **coded(row, codes),
            **_kind_names(row, editions, zone),
            **_about(row, codes, departments),
            **_standing(row, departments, now),
        }
        for row in rows
    ]


def _about(row: Any, codes: dict[int | None, str], departments: dict[int, str]) -> dict[str, str | None]:
    cell, department = (row[name] for name in COMPLAINED)
    return {"complained_cell_code": codes.get(cell), "complained_department": departments.get(department)}


def _standing(row: Any, departments: dict[int, str], now: datetime) -> dict[str, Any]:
    zh, en = STATES[row["state"]]
    is_overdue = row["state"] in RUNNING and row["due_at"] is not None and row["due_at"] < now
    named = {"state_zh": zh, "state_en": en, "department": departments.get(row["department_id"])}
    return {**named, "is_overdue": is_overdue}


def _kind_names(row: Any, editions: Editions, zone: ZoneInfo) -> dict[str, str]:
    """Name a kind; one that the edition of its day has not is named by its code."""
    code: str = row["kind"]
    kind = editions.kind_at(code, row["reported_at"], zone)
    return {"kind_zh": kind.name_zh if kind else code, "kind_en": kind.name_en if kind else code}
