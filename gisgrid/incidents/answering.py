"""Who answers for the place of an incident: which cells that is, and whether somebody holds a role in one of them."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.kin import lineage
from gisgrid.grid.place import CELL_COLUMNS
from gisgrid.grid.tables import Cell
from gisgrid.staff.caller import Caller


def above(session: Session, code: str | None) -> tuple[str, ...]:
    """Return the code of a cell and of those above it, the narrowest first; for no cell, the streets."""
    if code is not None:
        return lineage(session, code) or (code,)
    return tuple(session.scalars(select(Cell.code).where(Cell.parent_id.is_(None)).distinct()))


def cells_of(session: Session, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of the cell in which an incident lies and of those above it, the narrowest first.

    What lies in no cell is the street's.
    """
    finest = next((row[column] for column in reversed(CELL_COLUMNS) if row[column] is not None), None)
    return above(session, session.scalar(select(Cell.code).where(Cell.id == finest)) if finest is not None else None)


def all_cells_of(session: Session, row: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes of all cells that answer for an incident: where it lies, to whom it was handed, and above."""
    return frozenset({*cells_of(session, row), *above(session, row["answering_code"])})


def holds_one(caller: Caller, roles: Collection[str], codes: Collection[str]) -> bool:
    """Tell whether a caller holds one of some roles in one of some cells, or everywhere."""
    return any(role.name in roles and (role.cell_code is None or role.cell_code in codes) for role in caller.roles)
