"""Who walks where: by their roles, people have a beat, and anybody on duty does the rounds on theirs."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.grid.tables import Cell
from gisgrid.patrols.duty.consent import WALKING
from gisgrid.patrols.plans.spots import Spot
from gisgrid.staff.tables import Appointment, Person

Lineages = Mapping[str, frozenset[str]]
"""The code of every cell, and of all cells above it, of whichever layer set."""


class Beat(NamedTuple):
    """Somebody, and the cell in which they walk and in all below it; None is everywhere."""

    person: int
    name: str
    full_name: str
    cell_code: str | None


def lineages(session: Session) -> Lineages:
    """Return the codes of the cells above each cell, itself included."""
    rows = session.execute(select(Cell.id, Cell.code, Cell.parent_id)).all()
    cells = {row.id: (row.code, row.parent_id) for row in rows}
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        above, number = set(), row.id
        while number is not None:
            code, number = cells[number]
            above.add(code)
        found[row.code] = found.get(row.code, frozenset()) | above
    return found


def is_on_beat(cell_code: str | None, spot: Spot, above: Lineages) -> bool:
    """Tell whether a place lies in the cell in which somebody walks, or is a cell that holds it."""
    if cell_code is None or cell_code in spot.codes:
        return True
    return spot.place.kind == "cell" and spot.place.code in above.get(cell_code, frozenset())


def beats(session: Session, people: Collection[int] | None = None) -> list[Beat]:
    """Return where people walk who may come in, by their names; only some of them, if asked."""
    columns = (Person.id, Person.name, Person.full_name, Appointment.cell_code)
    asked = select(*columns).join(Appointment, Appointment.person_id == Person.id)
    asked = asked.where(Person.is_active, Person.erased_at.is_(None), Appointment.role.in_(WALKING))
    if people is not None:
        asked = asked.where(Person.id.in_(people))
    return [Beat(*row) for row in session.execute(asked.order_by(Person.name_key, Appointment.id))]
