"""Located things, found again by cell, period and box; a few as rows, very many as a frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    String,
    Table,
    cast,
    extract,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from gisgrid.database import UtcDateTime
from gisgrid.grid.locate import NoSuchCell
from gisgrid.grid.tables import LEVELS, Cell
from gisgrid.parameters import Box, Page, Period
from gisgrid.sight import visible


def conditions(
    session: Session,
    table: Table,
    moment: str,
    *,
    period: Period | None = None,
    cell: str | None = None,
    box: Box | None = None,
) -> list[ColumnElement[bool]]:
    """Return what rows of a located table must meet, first of all that this session may see them.

    `moment` names the column that a period is about; `cell` is a code at any level. Raises NoSuchCell.
    """
    found: list[ColumnElement[bool]] = [visible(session, table)]
    if period is not None:
        found += [table.c[moment] >= period.start, table.c[moment] < period.end]
    if cell is not None:
        found.append(_lies_in(session, table, cell))
    if box is not None:
        found += [
            table.c.longitude.between(box.west, box.east),
            table.c.latitude.between(box.south, box.north),
        ]
    return found


def _lies_in(session: Session, table: Table, code: str) -> ColumnElement[bool]:
    """Return the condition that a row lies in the cell of that code, in whichever layer set it was located."""
    cells: dict[str, list[int]] = {}
    for identifier, level in session.execute(select(Cell.id, Cell.level).where(Cell.code == code)):
        cells.setdefault(level, []).append(identifier)
    if not cells:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")
    return or_(*(table.c[f"{level}_id"].in_(identifiers) for level, identifiers in cells.items()))


def cell_codes(session: Session) -> dict[int | None, str]:
    """Return the code of every cell of every layer set, by row."""
    return dict(session.execute(select(Cell.id, Cell.code)).all())


def coded(row: Any, codes: dict[int | None, str]) -> dict[str, str | None]:
    """Return the cell codes of a row that has the three cell columns; None outside."""
    return {f"{level}_code": codes.get(row[f"{level}_id"]) for level in LEVELS}


def page_of(session: Session, query: Select[Any], page: Page) -> tuple[int, Sequence[Any]]:
    """Return how many rows a query finds, and those on one page as mappings."""
    matched = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return matched, session.execute(query.limit(page.limit).offset(page.offset)).mappings().all()


def located_frame(
    session: Session, table: Table, columns: Sequence[str], moment: str, where: Sequence[ColumnElement[bool]]
) -> pd.DataFrame:
    """Return columns of a located table as a frame, by `moment` and row; then the codes of the three cells.

    Times are datetime64[us, UTC], codes None outside, missing floats NaN.
    """
    cells = [f"{level}_id" for level in LEVELS]
    wanted = [table.c[name] for name in (*columns, *cells)]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = select(*(readable(column, is_sqlite) for column in wanted)).where(*where)
    rows = session.execute(query.order_by(table.c[moment], table.c.id)).all()
    values = zip(*rows, strict=True) if rows else iter([()] * len(wanted))
    frame = pd.DataFrame({column.name: _typed(column, next(values)) for column in wanted})
    codes = cell_codes(session)
    for level in LEVELS:
        frame[f"{level}_code"] = pd.Series([codes.get(cell) for cell in frame.pop(f"{level}_id")], dtype=object)
    return frame


def readable(column: ColumnElement[Any], is_sqlite: bool) -> ColumnElement[Any]:
    """Return a column in the form that numpy reads fastest: a datetime object for each value takes twice as long."""
    if not isinstance(column.type, UtcDateTime):
        return column
    if is_sqlite:
        return type_coerce(column, String)
    return cast(extract("epoch", column) * 1_000_000, BigInteger)


def _typed(column: Column[Any], values: Sequence[Any]) -> pd.Series:
    if isinstance(column.type, UtcDateTime):
        return pd.Series(np.array(values, dtype="datetime64[us]")).dt.tz_localize("UTC")
    kind = column.type.python_type
    if kind is float:
        return pd.Series(np.array(values, dtype=np.float64))
    if kind is int:
        return pd.Series(values, dtype="Int64" if column.nullable else "int64")
    return pd.Series(values, dtype=object)
