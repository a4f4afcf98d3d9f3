"""How cells stand to one another: what lies above a cell, and what lies beside it."""

from functools import lru_cache

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.locate import Grid, NoSuchCell
from gisgrid.grid.tables import Cell, LayerSet


def lineage(session: Session, code: str) -> tuple[str, ...]:
    """Return the code of a cell and of those above it, up to the street, in the latest grid in which it stands.

    Nothing for a code of no grid.
    """
    asked = select(Cell.id, Cell.parent_id, Cell.code).join(LayerSet, LayerSet.id == Cell.layer_set_id)
    rows = session.execute(asked.order_by(LayerSet.first_day)).all()
    parents = {row.id: row.parent_id for row in rows}
    codes = {row.id: row.code for row in rows}
    row = {row.code: row.id for row in rows}.get(code)
    found = []
    while row is not None:
        found.append(codes[row])
        row = parents[row]
    return tuple(found)


@lru_cache(maxsize=4096)
def neighbours(grid: Grid, code: str) -> tuple[str, ...]:
    """Return the codes of the cells of the same level that touch a cell, in their order. Raises NoSuchCell."""
    cells = grid.cells.set_index("code")
    if code not in cells.index:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")
    beside = cells[(cells["level"] == cells.at[code, "level"]) & (cells.index != code)]
    touching = shapely.intersects(beside.geometry.to_numpy(), cells.geometry[code])
    return tuple(sorted(beside.index[touching]))
