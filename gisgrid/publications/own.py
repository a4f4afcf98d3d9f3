"""What is published for oneself: the unread first; seen, and confirmed.

Unread is what one has not seen, or, where that is asked for, not confirmed; what one published oneself is not.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.intake.finding import page_of
from gisgrid.once import table_of
from gisgrid.parameters import Page
from gisgrid.publications.publish import PUBLICATION, no_such_publication, withdrawn
from gisgrid.publications.tables import Receipt, addressed
from gisgrid.sight import as_seen, visible
from gisgrid.staff.tables import Person

RECEIPT: Final = table_of(Receipt)
TOLD: Final = ("id", "title", "words", "cell_code", "role", "must_confirm", "published_at", "ends_at", "withdrawn_at")


def mine(
    session: Session, person_id: int, page: Page, *, is_unread: bool = False, is_over: bool = False
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many publications there are for a person, and a page: the unread first, then the newest.

    Those in force; if asked, the unread alone, or those that are over too, unless they are withdrawn.
    """
    unread = _unread(session, person_id)
    order = (case((unread, 0), else_=1).label("rank"), PUBLICATION.c.id.desc())
    is_own = (~_is_of_others(person_id)).label("is_own")
    asked = select(*columns(), is_own, order[0]).outerjoin(Person, Person.id == PUBLICATION.c.published_by)
    asked = asked.where(_for(session, person_id), PUBLICATION.c.withdrawn_at.is_(None))
    if not is_over:
        asked = asked.where(_is_in_force())
    if is_unread:
        asked = asked.where(unread)
    matched, rows = page_of(session, asked.order_by("rank", order[1]), page)
    receipts = _receipts(session, person_id, [row["id"] for row in rows])
    nothing = {"seen_at": None, "confirmed_at": None}
    return matched, [{**row, "is_unread": row["rank"] == 0, **receipts.get(row["id"], nothing)} for row in rows]


def columns() -> list[ColumnElement[Any]]:
    """Return what is told of a publication, with the name of whoever published it, from their row."""
    by = func.coalesce(func.nullif(Person.full_name, ""), Person.name).label("published_by")
    return [*(PUBLICATION.c[name] for name in TOLD), by]


def unread_count(session: Session, person_id: int) -> int:
    """Return how many publications in force a person has not read."""
    asked = select(func.count()).select_from(PUBLICATION).where(_for(session, person_id), _is_in_force())
    return session.scalar(asked.where(_unread(session, person_id))) or 0


def _for(session: Session, person_id: int) -> ColumnElement[bool]:
    """Return the condition that a publication may be seen and, what is stricter, is for a person."""
    return as_seen(and_(visible(session, PUBLICATION), addressed(person_id, PUBLICATION.c)), PUBLICATION)


def _is_in_force() -> ColumnElement[bool]:
    ends = PUBLICATION.c.ends_at
    return and_(PUBLICATION.c.withdrawn_at.is_(None), or_(ends.is_(None), ends > datetime.now(UTC)))


def _unread(session: Session, person_id: int) -> ColumnElement[bool]:
    own = select(RECEIPT.c.publication_id).where(visible(session, RECEIPT), RECEIPT.c.person_id == person_id)
    confirmed = PUBLICATION.c.id.in_(own.where(RECEIPT.c.confirmed_at.is_not(None)))
    done = or_(confirmed, and_(~PUBLICATION.c.must_confirm, PUBLICATION.c.id.in_(own)))
    return and_(_is_of_others(person_id), ~done)


def _is_of_others(person_id: int) -> ColumnElement[bool]:
    return PUBLICATION.c.published_by.is_distinct_from(person_id)


def _receipts(session: Session, person_id: int, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    asked = select(RECEIPT.c.publication_id, RECEIPT.c.seen_at, RECEIPT.c.confirmed_at)
    own = asked.where(visible(session, RECEIPT), RECEIPT.c.person_id == person_id, RECEIPT.c.publication_id.in_(ids))
    rows = session.execute(own).mappings()
    return {row["publication_id"]: {"seen_at": row["seen_at"], "confirmed_at": row["confirmed_at"]} for row in rows}


def see(session: Session, person_id: int, ids: Collection[int]) -> None:
    """Note that a person has seen publications that others made for them; the first time counts."""
    now = datetime.now(UTC)
    asked = select(PUBLICATION.c.id).where(
        _for(session, person_id), PUBLICATION.c.id.in_(ids), _is_of_others(person_id)
    )
    rows = [{"publication_id": row, "person_id": person_id, "seen_at": now} for row in session.scalars(asked)]
    if rows:
        kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(kind.insert(RECEIPT).values(rows).on_conflict_do_nothing())


def confirm(session: Session, person_id: int, publication_id: int) -> None:
    """Note that a person confirms a publication that others made for them; the first time counts.

    Raises NoSuchPublication, PublicationWithdrawn.
    """
    its = select(PUBLICATION.c.withdrawn_at).where(_for(session, person_id), PUBLICATION.c.id == publication_id)
    its = its.where(_is_of_others(person_id))
    found = session.execute(its).first()
    if found is None:
        raise no_such_publication()
    if found.withdrawn_at is not None:
        raise withdrawn()
    see(session, person_id, [publication_id])
    own = select(Receipt).where(visible(session, RECEIPT), RECEIPT.c.person_id == person_id)
    receipt = session.scalars(own.where(RECEIPT.c.publication_id == publication_id).with_for_update()).one()
    if receipt.confirmed_at is None:
        receipt.confirmed_at = datetime.now(UTC)
        session.flush()
        record(session, Actor("person", person_id), "publication.confirmed", ("publication", publication_id))
