"""Complaints: which unit they are about, so that they never go there."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.grid.tables import Cell, LayerSet
from gisgrid.incidents.departments import in_line
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.staff.tables import Department


class UnnamedUnit(Refused):
    """A complaint that does not say whom it is about: nobody could be kept out."""


class UnknownUnit(Refused):
    """A cell of no grid of that day, or no department."""


class Named(NamedTuple):
    """A kind of incident, its local day, and the codes of the cell and the department complained of."""

    kind: Kind
    day: date
    cell: str | None
    department: str | None


class Unit(NamedTuple):
    """The rows of a unit complained of: of a cell, in the grid of the day, and of a department."""

    cell_id: int | None
    department_id: int | None


def units(session: Session, named: Sequence[Named]) -> list[Unit | Refused]:
    """Return the unit that each of some incidents is about, in order, or why it is refused."""
    cells = _cells(session, {each.cell for each in named if each.cell is not None})
    departments = dict(session.execute(select(Department.code, Department.id)).all())
    return [_unit(each, cells, departments) for each in named]


def _unit(named: Named, cells: dict[str, list[tuple[date, int | None]]], departments: dict[str, int]) -> Unit | Refused:
    if named.kind.is_complaint and named.cell is None and named.department is None:
        return UnnamedUnit(
            "这是投诉,请写明被投诉的网格(complained_cell)或职能部门(complained_department),以便回避",
            "this is a complaint: name the cell (complained_cell) or the department (complained_department) that it is "
            "about, so that it is kept from there",
        )
    cell = _on(cells.get(named.cell or "", []), named.day)
    department = departments.get(named.department or "")
    if (named.cell is not None and cell is None) or (named.department is not None and department is None):
        codes = in_line(departments)
        return UnknownUnit(
            f"没有这个被投诉的网格(按上报当日的网格编码)或职能部门;部门可用:{codes}",
            "there is no such cell to complain of, by its code in the grid of that day, or no such department; the "
            f"departments are {codes}",
        )
    return Unit(cell, department)


def _cells(session: Session, codes: Iterable[str]) -> dict[str, list[tuple[date, int | None]]]:
    """Return, for each code, the first day of every grid in order of time, with the row that the code has in it."""
    wanted = set(codes)
    if not wanted:
        return {}
    grids = session.execute(select(LayerSet.first_day, LayerSet.id).order_by(LayerSet.first_day)).all()
    rows = session.execute(select(Cell.layer_set_id, Cell.code, Cell.id).where(Cell.code.in_(wanted)))
    ids = {(grid, code): identifier for grid, code, identifier in rows}
    return {code: [(first_day, ids.get((grid, code))) for first_day, grid in grids] for code in wanted}


def _on(grids: Sequence[tuple[date, int | None]], day: date) -> int | None:
    """Return the row in the grid in force on a day."""
    in_force = bisect(grids, day, key=lambda grid: grid[0])
    return grids[in_force - 1][1] if in_force else None
