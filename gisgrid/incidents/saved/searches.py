"""Keeping a search, making it again and giving it up: of one's own, and a limited number of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import NotFound, Refused
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.once import store_once, table_of

SAVED = table_of(SavedSearch)
MOST: Final = 30
"""Searches of one person."""
LONGEST_NAME, LONGEST_QUERY = 40, 1000


class NoSuchSearch(NotFound):
    """Whoever asks has saved no search of that number."""


class CannotSave(Refused):
    """A search without a name, one that is too long, or one too many."""


class Saved(NamedTuple):
    """A search that is kept: its number, its name, and what it asks for."""

    id: int
    name: str
    query: str


def saved_searches(session: Session, person: int) -> Sequence[Saved]:
    """Return the searches of somebody, by name."""
    asked = select(SAVED.c.id, SAVED.c.name, SAVED.c.query).where(SAVED.c.person_id == person)
    return [Saved(*row) for row in session.execute(asked.order_by(SAVED.c.name, SAVED.c.id))]


def save_search(session: Session, person: int, name: str, query: str) -> int:
    """Keep a search under a name; one of the same name is replaced. Return its number. Raises CannotSave."""
    name = name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise CannotSave(
            f"请给查询起名:一行,至多 {LONGEST_NAME} 字", f"name it in one line of at most {LONGEST_NAME} letters"
        )
    if len(query) > LONGEST_QUERY:
        raise CannotSave("查询条件太长,请减少后再存", "the search is too long to be kept; ask for less")
    row = {"person_id": person, "name": name, "query": query}
    (arrival,) = store_once(session, SAVED, [row], ("person_id", "name"))
    number: int = arrival.row["id"]
    if arrival.status != "stored":
        session.execute(update(SAVED).where(SAVED.c.id == number).values(query=query))
    elif len(saved_searches(session, person)) > MOST:
        raise CannotSave(
            f"至多保存 {MOST} 个查询;请先删去不用的", f"at most {MOST} searches are kept; delete one first"
        )
    record(session, Actor("person", person), "search.saved", ("search", number))
    return number


def delete_search(session: Session, person: int, number: int) -> None:
    """Give up a search of one's own. Raises NoSuchSearch."""
    its = (SAVED.c.id == number, SAVED.c.person_id == person)
    if session.execute(delete(SAVED).where(*its).returning(SAVED.c.id)).first() is None:
        raise NoSuchSearch("没有这个已存查询,可能已删除", "there is no such saved search; perhaps it is gone already")
    record(session, Actor("person", person), "search.deleted", ("search", number))
