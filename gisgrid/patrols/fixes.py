"""Stored fixes, found again: page by page for the wire, and as one frame for measuring and drawing."""

import json
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gisgrid.intake.finding import cell_codes, coded, conditions, located_frame, page_of
from gisgrid.once import table_of
from gisgrid.parameters import Box, Page, Period
from gisgrid.patrols.judge import names_of
from gisgrid.patrols.tables import Fix, Patrol, Patroller

FIX = table_of(Fix)
COUNTS = FIX.c.standing == "counted"
"""What figures and maps are made of."""
COLUMNS = (
    "id", "client_id", "patroller_id", "patrol_id", "fix_at", "received_at", "longitude", "latitude", "accuracy_m",
    "flags",
)  # fmt: skip


def fixes_frame(
    session: Session, period: Period | None = None, cell: str | None = None, patroller: str | None = None
) -> pd.DataFrame:
    """Return the fixes that count of a period, a cell (its code, at any level) and a person (their ref), by fix_at.

    Columns: id, client_id, patroller_id, patrol_id (Int64, <NA> when not named), fix_at and received_at
    (datetime64[us, UTC]), longitude, latitude (WGS 84 degrees), accuracy_m (NaN when missing), flags (`judge.Flag`),
    street_code, community_code, substation_code (None outside). Raises NoSuchCell.
    """
    where = [*conditions(session, FIX, "fix_at", period=period, cell=cell), COUNTS, *_sent_by(patroller)]
    return located_frame(session, FIX, COLUMNS, "fix_at", where)


def fixes_version(session: Session, period: Period) -> tuple[int, ...]:
    """Return numbers that are others once other fixes of a period count, or the same are another's.

    They are: how many, the newest row, the sum of rows, and sums over whose each is and what is doubtful about it.
    """
    where = [*conditions(session, FIX, "fix_at", period=period), COUNTS]
    sums = [func.sum(column * (FIX.c.id % 8191)) for column in (FIX.c.patroller_id, FIX.c.flags)]
    asked = select(func.count(), func.max(FIX.c.id), func.sum(FIX.c.id), *sums)
    return tuple(session.execute(asked.where(*where)).one())


def _sent_by(patroller: str | None) -> list[ColumnElement[bool]]:
    if patroller is None:
        return []
    return [FIX.c.patroller_id.in_(select(Patroller.id).where(Patroller.ref == patroller))]


def _matching(
    session: Session, period: Period | None, cell: str | None, box: Box | None, patroller: str | None
) -> list[ColumnElement[bool]]:
    return [*conditions(session, FIX, "fix_at", period=period, cell=cell, box=box), *_sent_by(patroller)]


def walkers(
    session: Session,
    *,
    period: Period | None = None,
    cell: str | None = None,
    box: Box | None = None,
    patroller: str | None = None,
) -> set[str]:
    """Return the refs of all whose fixes match, on whichever page: a mere count tells where somebody was."""
    whose = select(FIX.c.patroller_id).where(*_matching(session, period, cell, box, patroller))
    return set(session.scalars(select(Patroller.ref).where(Patroller.id.in_(whose))))


def fixes_page(
    session: Session,
    page: Page,
    *,
    period: Period | None = None,
    cell: str | None = None,
    box: Box | None = None,
    patroller: str | None = None,
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many fixes match, and one page of them in the order of fix_at, with names and codes for row numbers.

    Raises NoSuchCell.
    """
    where = _matching(session, period, cell, box, patroller)
    query = (
        select(*FIX.c, Patroller.ref.label("patroller"), Patrol.ref.label("patrol"))
        .join(Patroller, FIX.c.patroller_id == Patroller.id)
        .outerjoin(Patrol, FIX.c.patrol_id == Patrol.id)
        .where(*where)
        .order_by(FIX.c.fix_at, FIX.c.id)
    )
    matched, rows = page_of(session, query, page)
    codes = cell_codes(session)
    return matched, [{**row, **coded(row, codes)} for row in rows]


def as_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a fix as it is told: its flags by name, its candidates and attributes read."""
    read = {"candidates": json.loads(row["candidates"] or "[]"), "attributes": json.loads(row["attributes"] or "{}")}
    return {**row, **read, "flags": names_of(row["flags"])}
