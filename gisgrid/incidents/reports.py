"""Stored incidents, found again: one, page by page for the wire, and as one frame for measuring and drawing."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound
from gisgrid.incidents.kinds import kinds, require_kind
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
    where = [*conditions(session, INCIDENT, "reported_at", period=period, cell=cell), *_of_kind(kind)]
    where += [] if confidential else FOR_ALL
    return located_frame(session, INCIDENT, COLUMNS, "reported_at", where)


def _of_kind(kind: str | None) -> list[ColumnElement[bool]]:
    return [] if kind is None else [INCIDENT.c.kind == require_kind(kind).code]


def incidents_page(
    session: Session,
    page: Page,
    *,
    period: Period | None = None,
    cell: str | None = None,
    box: Box | None = None,
    kind: str | None = None,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many incidents match, and one page of them in the order of reported_at, with codes and kinds named.

    Raises NoSuchCell, UnknownKind.
    """
    where = [*conditions(session, INCIDENT, "reported_at", period=period, cell=cell, box=box), *_of_kind(kind)]
    query = select(*WITHOUT_GEOMETRY).where(*where).order_by(INCIDENT.c.reported_at, INCIDENT.c.id)
    matched, rows = page_of(session, query, page)
    return matched, _named(session, rows)


def incident(session: Session, identifier: int) -> dict[str, Any]:
    """Return one incident, with codes and kind named. Raises NoSuchIncident."""
    query = select(*WITHOUT_GEOMETRY).where(visible(session, INCIDENT), INCIDENT.c.id == identifier)
    rows = session.execute(query).mappings().all() if 0 < identifier <= LARGEST_ID else []
    if not rows:
        raise no_such_incident()
    return _named(session, rows)[0]


def no_such_incident() -> NoSuchIncident:
    """Say that there is no such incident: the same words where there is one that whoever asks may not know of."""
    return NoSuchIncident("没有这个编号的事件", "there is no incident with that number")


def _named(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    codes = cell_codes(session)
    departments = dict(session.execute(select(Department.id, Department.code)).all())
    return [{**row, **coded(row, codes), **_kind_names(row["kind"]), **_about(row, codes, departments)} for row in rows]


def _about(row: Any, codes: dict[int | None, str], departments: dict[int, str]) -> dict[str, str | None]:
    cell, department = (row[name] for name in COMPLAINED)
    return {"complained_cell_code": codes.get(cell), "complained_department": departments.get(department)}


def _kind_names(code: str) -> dict[str, str]:
    """Name a kind; one of an earlier table that is gone is named by its code."""
    kind = kinds().get(code)
    return {"kind_zh": kind.name_zh if kind else code, "kind_en": kind.name_en if kind else code}
