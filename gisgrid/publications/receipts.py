"""Publications of the cells that one answers for, and who has taken note of them, and who has not."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, func, literal, or_, select
from sqlalchemy.orm import Session

from gisgrid.intake.finding import page_of
from gisgrid.parameters import Page
from gisgrid.publications.own import RECEIPT, columns
from gisgrid.publications.publish import PUBLICATION, answered_publication
from gisgrid.publications.tables import Publication, answered, reached
from gisgrid.sight import sight_of, visible
from gisgrid.staff.tables import Person


class Noted(NamedTuple):
    """Somebody whom a publication is for, or who took note of it while it was, and since when."""

    name: str
    full_name: str
    seen_at: datetime | None
    confirmed_at: datetime | None


def published(session: Session, page: Page, ids: Collection[int] | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Return how many publications there are of the cells that one answers for, and a page, the newest first.

    With how many people have seen and confirmed each. Only some of them, if asked.
    """
    sight = sight_of(session)
    asked = select(*columns()).outerjoin(Person, Person.id == PUBLICATION.c.published_by)
    asked = asked.where(visible(session, PUBLICATION))
    if not sight.everything:
        asked = asked.where(answered(sight, PUBLICATION.c))
    if ids is not None:
        asked = asked.where(PUBLICATION.c.id.in_(ids))
    matched, rows = page_of(session, asked.order_by(PUBLICATION.c.id.desc()), page)
    counts = _counts(session, [row["id"] for row in rows])
    return matched, [{**row, **counts.get(row["id"], {"seen": 0, "confirmed": 0})} for row in rows]


def _counts(session: Session, ids: Collection[int]) -> dict[int, dict[str, int]]:
    its = RECEIPT.c.publication_id
    asked = select(its, func.count(RECEIPT.c.seen_at).label("seen"), func.count(RECEIPT.c.confirmed_at).label("sure"))
    rows = session.execute(asked.where(visible(session, RECEIPT), its.in_(ids)).group_by(its))
    return {row.publication_id: {"seen": row.seen, "confirmed": row.sure} for row in rows}


def receipts_of(session: Session, publication_id: int) -> list[Noted]:
    """Return who has taken note of a publication of one's cells, and who has not; these first, then by name.

    Whoever it is for as they are appointed now, but its publisher; and who noted it before they were appointed
    elsewhere. Raises NoSuchPublication.
    """
    its = answered_publication(session, publication_id)
    asked = select(RECEIPT.c.person_id, RECEIPT.c.seen_at, RECEIPT.c.confirmed_at)
    rows = session.execute(asked.where(visible(session, RECEIPT), RECEIPT.c.publication_id == publication_id))
    noted = {row.person_id: (row.seen_at, row.confirmed_at) for row in rows}
    people = session.execute(_people(its, noted)).all()
    found = [Noted(row.name, row.full_name, *noted.get(row.id, (None, None))) for row in people]
    return sorted(found, key=lambda each: (_is_done(each, its), each.name))


def _is_done(noted: Noted, its: Publication) -> bool:
    return (noted.confirmed_at if its.must_confirm else noted.seen_at) is not None


def _people(its: Publication, noted: Collection[int]) -> Any:
    cell, role = (literal(value, String()) for value in (its.cell_code, its.role))
    asked = select(Person.id, Person.name, Person.full_name).where(Person.erased_at.is_(None))
    meant = Person.is_active & Person.id.in_(reached(cell, role)) & (Person.id != (its.published_by or 0))
    return asked.where(or_(meant, Person.id.in_(noted)))
