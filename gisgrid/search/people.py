"""People by their names, for who sees tracks or manages people, in their cells: never where somebody is."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gisgrid.search.hits import Hit, Hits, best, names_of, rank
from gisgrid.sight import Sight
from gisgrid.staff.tables import Appointment, Person


def find_people(session: Session, cells: gpd.GeoDataFrame, sights: Iterable[Sight], key: str, limit: int) -> Hits:
    """Return who is called so and has a role in the cells of one of some sights; `where` names those cells alone."""
    within = list(sights)
    their: dict[int, Any] = {}
    codes: dict[int, list[str | None]] = {}
    for row in _called(session, key) if within else ():
        if any(_is_within(row.cell_code, sight) for sight in within):
            their[row.id] = row
            codes.setdefault(row.id, []).append(row.cell_code)
    found, is_more = best(((rank(key, row.full_name, row.name), row) for row in their.values()), limit)
    return Hits([_hit(cells, row, codes[row.id]) for row in found], is_more)


def _called(session: Session, key: str) -> list[Any]:
    """Return who may come in and has that in a name, once for each role, by name; widths and blanks are for `rank`."""
    plain = func.replace(func.lower(Person.full_name), " ", "")
    named = or_(
        func.replace(Person.name_key, " ", "").contains(key, autoescape=True), plain.contains(key, autoescape=True)
    )
    asked = select(Person.id, Person.name, Person.full_name, Appointment.cell_code)
    asked = asked.join(Appointment, Appointment.person_id == Person.id).where(named)
    is_there = (Person.is_active, Person.erased_at.is_(None))
    return list(session.execute(asked.where(*is_there).order_by(Person.name_key, Appointment.id)))


def _is_within(code: str | None, sight: Sight) -> bool:
    """Tell whether a role lies in the cells of a sight; one that is held everywhere is for who answers for a street."""
    return sight.answers.outside if code is None else sight.has_code(code)


def _hit(cells: gpd.GeoDataFrame, row: Any, codes: list[str | None]) -> Hit:
    return Hit("person", row.name, row.full_name or row.name, row.name, row.name, names_of(cells, dict.fromkeys(codes)))
