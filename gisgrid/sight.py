"""Whose records a session may read. Every query of a scoped table carries `visible`; one that does not is refused.

A table is scoped when its `info` has a rule under `SIGHT`. PostgreSQL says the same once more, by row-level security:
its policies read what `_announce` tells each transaction.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Alias, ColumnElement, Connection, Table, TextClause, event, false, func, or_, select, true
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import BooleanClauseList, Grouping
from sqlalchemy.sql.operators import and_
from sqlalchemy.sql.selectable import FromClause, Join, Select
from sqlalchemy.sql.visitors import iterate

from gisgrid.database import Base

SIGHT = "sight"
"""The key of a scoped table's rule in its `info`, and of what a session may see in its own."""

LEVELS = ("streets", "communities", "substations")

Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells by their rows, of every layer set in which they stand; `outside`: also what lies in no cell at all."""

    streets: Ids = frozenset()
    communities: Ids = frozenset()
    substations: Ids = frozenset()
    outside: bool = False

    def hold(self, columns: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
        """Return the condition that a located row lies in one of them."""
        levels = ((columns.street_id, self.streets), (columns.community_id, self.communities))
        held = [column.in_(ids) for column, ids in (*levels, (columns.substation_id, self.substations)) if ids]
        return or_(false(), *held, *([columns.street_id.is_(None)] if self.outside else []))


@dataclass(frozen=True, slots=True)
class Sight:
    """What a session may see.

    `answers`: the cells it answers for; `beneath`: the rows of all cells strictly below them; `codes`: the codes of
    both; `confides`: the cells whose confidential matters it handles; `departments`: whom its person acts for;
    `person`: whose own records it sees wherever they lie.
    """

    everything: bool = False
    answers: Cells = field(default_factory=Cells)
    confides: Cells = field(default_factory=Cells)
    beneath: Ids = frozenset()
    codes: frozenset[str] = frozenset()
    departments: Ids = frozenset()
    person: int | None = None

    def has_code(self, code: str) -> bool:
        """Tell whether a cell of that code is answered for."""
        return self.everything or code in self.codes


EVERYTHING = Sight(everything=True)
NOTHING = Sight()

Rule = Callable[[Sight, ReadOnlyColumnCollection[str, Any]], ColumnElement[bool]]


class Unseen(AssertionError):
    """A query of a scoped table that says nothing of who asks: a mistake in the program, which must not answer."""


class _Seen(Grouping[bool]):
    """A condition in brackets, known as the one that `visible` made for a table."""

    inherit_cache = True
    table: Table


def sight_of(session: Session) -> Sight:
    """Return what a session may see: everything for a program, what its caller may see for a request."""
    sight: Sight = session.info.get(SIGHT, EVERYTHING)
    return sight


def visible(session: Session, table: Table) -> ColumnElement[bool]:
    """Return the condition that rows of a scoped table may be seen in this session."""
    return seen_by(sight_of(session), table)


def seen_by(sight: Sight, table: Table) -> ColumnElement[bool]:
    """Return the condition that rows of a scoped table lie within a sight."""
    seen = _Seen(true() if sight.everything else table.info[SIGHT](sight, table.c))
    seen.table = table
    return seen


@contextmanager
def seeing_everything(session: Session) -> Iterator[None]:
    """Lift the limits of a session for a while: what it then reads may reach its caller only as a figure or a yes."""
    before = session.info.get(SIGHT)
    session.info[SIGHT] = EVERYTHING
    _announce_again(session)
    try:
        yield
    finally:
        session.info[SIGHT] = before or EVERYTHING
        if session.is_active:  # after an error the transaction, and what it was told, goes
            _announce_again(session)


# --- the first wall: no statement without its condition -------------------------------------------


@event.listens_for(Session, "do_orm_execute")
def _require_visible(state: ORMExecuteState) -> None:
    if sight_of(state.session).everything:
        return
    statement: Any = state.statement
    for part in iterate(statement):
        if isinstance(part, TextClause):
            _require_no_name(part.text)
        if isinstance(part, Select):
            _require(part.get_final_froms(), part.whereclause)
    if state.is_update or state.is_delete:
        _require([statement.table], statement.whereclause)


def _require_no_name(words: str) -> None:
    scoped = [name for name, table in Base.metadata.tables.items() if SIGHT in table.info]
    if any(re.search(rf"\b{name}\b", words) for name in scoped):
        raise Unseen(words)


def _require(sources: Iterable[FromClause], where: ColumnElement[bool] | None) -> None:
    asked = {each for source in sources for each in _scoped(source)}
    said = {part.table for part in _conjuncts(where) if isinstance(part, _Seen)}
    if asked - said:
        raise Unseen(", ".join(sorted(str(each) for each in asked - said)))


def _scoped(source: FromClause) -> Iterator[FromClause]:
    """Yield the scoped tables of a source; an alias of one stands for itself, since nothing can be said for it."""
    if isinstance(source, Join):
        yield from _scoped(source.left)
        yield from _scoped(source.right)
    elif SIGHT in getattr(source.element if isinstance(source, Alias) else source, "info", {}):
        yield source


def _conjuncts(where: ColumnElement[bool] | None) -> Iterable[Any]:
    """Return the conditions that must all hold: one inside an `or` or a `not` promises nothing."""
    return where.clauses if isinstance(where, BooleanClauseList) and where.operator is and_ else [where]


# --- the second wall: what PostgreSQL is told ------------------------------------------------------


@event.listens_for(Session, "after_begin")
def _begun(session: Session, _: SessionTransaction, connection: Connection) -> None:
    _announce(sight_of(session), connection)


def _announce_again(session: Session) -> None:
    if session.in_transaction():
        _announce(sight_of(session), session.connection())


def _announce(sight: Sight, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        told = [func.set_config(f"gisgrid.{name}", value, True) for name, value in _words(sight).items()]
        connection.execute(select(*told))


def _words(sight: Sight) -> dict[str, str]:
    cells = {f"{level}": getattr(sight.answers, level) for level in LEVELS}
    confided = {f"confided_{level}": getattr(sight.confides, level) for level in LEVELS}
    others = {"beneath": sight.beneath, "departments": sight.departments}
    yes = {"everything": sight.everything, "outside": sight.answers.outside, "confided_outside": sight.confides.outside}
    return {
        "person": str(sight.person or ""),
        **{name: "on" if is_so else "" for name, is_so in yes.items()},
        **{name: _array(ids) for name, ids in (cells | confided | others).items()},
    }


def _array(ids: Ids) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"
