"""Where somebody may do what: appointments become the rows of cells that a session may see."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import Cell
from gisgrid.sight import Cells, Sight
from gisgrid.staff.roles import CONFIDES, ROLES, Permission

SCREEN = "cadre"
"""A screen shows of its cell what the staff there see of it."""
PLURAL = {"street": "streets", "community": "communities", "substation": "substations"}


@dataclass(frozen=True, slots=True)
class Role:
    """A role of somebody in the cell of a code, and below; None is everywhere."""

    name: str
    cell_code: str | None
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    id: int
    parent_id: int | None
    level: str
    code: str


def sight(session: Session, roles: Iterable[Role], permission: Permission, person: int | None) -> Sight:
    """Return what a person of these roles sees where a permission is asked for: the cells of the roles that have it.

    What the person belongs to, by any role, is not beneath: whoever acts for a unit is not told who complains of it.
    """
    roles = list(roles)
    having = [role for role in roles if permission in ROLES[role.name]]
    confiding = [role for role in having if role.name == CONFIDES]
    answering = [role for role in having if role.name != CONFIDES]
    rows = _cells(session)
    roots = _named(rows, answering)
    return Sight(
        answers=_by_level(roots, answering),
        confides=_by_level(_named(rows, confiding), confiding),
        beneath=_beneath(rows, having) - _own_units(rows, roles),
        codes=frozenset(cell.code for cell in (*roots, *_below(rows, {cell.id for cell in roots}))),
        departments=frozenset(role.department_id for role in roles if role.department_id is not None),
        person=person,
    )


def sight_of_cell(session: Session, code: str | None) -> Sight:
    """Return what a screen for the cell of a code shows; for no code, for all cells."""
    return sight(session, [Role(SCREEN, code)], "coverage", None)


def _cells(session: Session) -> list[_Cell]:
    return [_Cell(*row) for row in session.execute(select(Cell.id, Cell.parent_id, Cell.level, Cell.code))]


def _named(rows: Iterable[_Cell], roles: Collection[Role]) -> list[_Cell]:
    codes = {role.cell_code for role in roles}
    return [cell for cell in rows if cell.code in codes or (None in codes and cell.parent_id is None)]


def _beneath(rows: Collection[_Cell], roles: Collection[Role]) -> frozenset[int]:
    """Return the cells strictly below those in which roles are held; everywhere is above every street."""
    roots = _named(rows, roles)
    tops = roots if any(role.cell_code is None for role in roles) else []
    below = _below(rows, {cell.id for cell in roots})
    return frozenset(cell.id for cell in (*below, *(cell for cell in tops if cell.parent_id is None)))


def _own_units(rows: Collection[_Cell], roles: Iterable[Role]) -> frozenset[int]:
    """Return the cells in which roles are held, and all above them."""
    by_id = {cell.id: cell for cell in rows}
    waiting = _named(rows, [role for role in roles if role.cell_code is not None])
    found = set()
    while waiting:
        cell = waiting.pop()
        found.add(cell.id)
        waiting += [by_id[cell.parent_id]] if cell.parent_id in by_id else []
    return frozenset(found)


def _below(rows: Iterable[_Cell], roots: Collection[int]) -> list[_Cell]:
    """Return the cells strictly below some, at any depth."""
    children: dict[int, list[_Cell]] = {}
    for cell in rows:
        if cell.parent_id is not None:
            children.setdefault(cell.parent_id, []).append(cell)
    found: dict[int, _Cell] = {}
    waiting = list(roots)
    while waiting:
        following = [child for child in children.get(waiting.pop(), ()) if child.id not in found]
        found |= {child.id: child for child in following}
        waiting += [child.id for child in following]
    return list(found.values())


def _by_level(cells: Iterable[_Cell], roles: Iterable[Role]) -> Cells:
    """Sort cells by level. Who answers for a street, or everywhere, also answers for what is in no cell."""
    ids: dict[str, set[int]] = {plural: set() for plural in PLURAL.values()}
    for cell in cells:
        ids[PLURAL[cell.level]].add(cell.id)
    is_everywhere = any(role.cell_code is None for role in roles)
    held = {plural: frozenset(found) for plural, found in ids.items()}
    return Cells(**held, outside=is_everywhere or bool(ids["streets"]))
