"""Whose records a session may read. Every query of a scoped table carries `visible`; one that does not is refused.

A table is scoped when its `info` has a rule under `SIGHT`. PostgreSQL says the same once more, by row-level security:
its policies read what `_announce` tells each transaction.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Insert,
    Table,
    Update,
    event,
    false,
    or_,
    text,
    true,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import BooleanClauseList, Grouping
from sqlalchemy.sql.operators import and_
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromClause, FromGrouping, Join, Select
from sqlalchemy.sql.visitors import iterate

from gisgrid.database import Base

SIGHT = "sight"
"""The key of a scoped table's rule in its `info`, and of what a session may see in its own."""
SAID = "said"
"""The option of a statement with the names of the scoped tables that it has a condition for."""

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

    def holds(self, cells: Sequence[int | None]) -> bool:
        """Tell whether something lies in the cells answered for, by its street, community and substation (rows)."""
        street, community, substation = cells
        answers = self.answers
        lies = street in answers.streets or community in answers.communities or substation in answers.substations
        return self.everything or lies or (street is None and answers.outside)

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
    return as_seen(true() if sight.everything else table.info[SIGHT](sight, table.c), table)


def as_seen(condition: ColumnElement[bool], table: Table) -> ColumnElement[bool]:
    """Mark a condition, as strict as a scoped table's rule or stricter, as the one that the first wall asks for."""
    seen = _Seen(condition)
    seen.table = table
    return seen


@contextmanager
def seeing_everything(session: Session) -> Iterator[None]:
    """Lift the limits of a session for a while: what it then reads may reach its caller only as a figure or a yes."""
    with seeing(session, EVERYTHING):
        yield


@contextmanager
def seeing(session: Session, sight: Sight) -> Iterator[None]:
    """Let a session see something else for a while, such as what its caller sees where another permission is asked."""
    before = sight_of(session)
    if before == sight:
        yield
        return
    _see(session, sight)
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):  # after an error of the database the transaction, and what it was told, goes
            _see(session, before)
        raise
    _see(session, before)


# --- the first wall: no statement without its condition -------------------------------------------


@event.listens_for(Session, "do_orm_execute")
def _require_visible(state: ORMExecuteState) -> None:
    statement: Any = state.statement
    if not sight_of(state.session).everything:
        state.update_execution_options(**{SAID: _known_said(statement)})


_KNOWN: dict[Any, frozenset[str]] = {}
MOST_KNOWN: Final = 2000


def _known_said(statement: Any) -> frozenset[str]:
    """Return the names of the scoped tables in a statement, found out once for all that differ in their values alone.

    To find them out takes as long as to compile it. Raises Unseen, each time.
    """
    found = statement._generate_cache_key()  # that by which SQLAlchemy knows what it has compiled
    if found is None:
        return _all_said(statement)
    said = _KNOWN.get(found.key)
    if said is None:
        said = _all_said(statement)
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[found.key] = said
    return said


def _all_said(statement: Any) -> frozenset[str]:
    is_scoped = any(isinstance(part, Table) and SIGHT in part.info for part in iterate(statement))
    return frozenset(_said(statement) if is_scoped else ())


def _said(statement: Any) -> Iterator[str]:
    """Yield the names of the scoped tables in a statement. Raises Unseen for one without its condition."""
    waiting = [statement]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _Seen):
            yield from (each.name for each in iterate(part) if isinstance(each, Table))
            continue
        if isinstance(part, Select):
            yield from _require(part.get_final_froms(), part.whereclause)
        elif isinstance(part, Update | Delete):
            yield from _require([part.table], part.whereclause)
        elif isinstance(part, Insert):
            yield part.table.description
        waiting += part.get_children()


def _require(sources: Iterable[FromClause], where: ColumnElement[bool] | None) -> list[str]:
    asked = {each for source in sources for each in _scoped(source)}
    said = {part.table for part in _conjuncts(where) if isinstance(part, _Seen)}
    if asked - said:
        raise Unseen(", ".join(sorted(str(each) for each in asked - said)))
    return [each.description for each in asked]


def _scoped(source: FromClause) -> Iterator[FromClause]:
    """Yield the scoped tables of a source; an alias of one stands for itself, since nothing can be said for it."""
    if isinstance(source, Join):
        yield from _scoped(source.left)
        yield from _scoped(source.right)
    elif isinstance(source, FromGrouping):
        yield from _scoped(source.element)
    else:
        table: Any = source
        while isinstance(table, AliasedReturnsRows):
            table = table.element
        if SIGHT in getattr(table, "info", {}):
            yield source


def _conjuncts(where: ColumnElement[bool] | None) -> Iterable[Any]:
    """Return the conditions that must all hold: one inside an `or` or a `not` promises nothing."""
    return where.clauses if isinstance(where, BooleanClauseList) and where.operator is and_ else [where]


@event.listens_for(Engine, "before_cursor_execute")
def _require_said(_connection: object, _cursor: object, words: str, _given: object, context: Any, _many: bool) -> None:
    """Refuse words that name a scoped table of which nothing was said, by whatever way they come: text, pandas…"""
    info = context.execution_options.get(SIGHT)
    if info is None or info.get(SIGHT, EVERYTHING).everything:
        return
    said = context.execution_options.get(SAID)
    unsaid = _named(words) - (_flushed(context) if said is None else said)
    if unsaid:
        raise Unseen(", ".join(sorted(unsaid)))


def _named(words: str) -> set[str]:
    scoped = tuple(name for name, table in Base.metadata.tables.items() if SIGHT in table.info)
    return {found.lower() for found in _names(scoped).findall(words)}


@lru_cache(maxsize=1)
def _names(tables: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the names of tables, but neither columns nor labels that are called the same."""
    schema = r"(?:(?:public|main|temp)\W+)?"
    return re.compile(rf"(?<![\w.])(?<!\bas ){schema}({'|'.join(tables) or '(?!)'})(?!\w)", re.IGNORECASE)


def _flushed(context: Any) -> set[str]:
    """Return the table that a session writes an object to, which was seen when it was read, or is new."""
    statement = getattr(context.compiled, "statement", None)
    return {statement.table.description} if isinstance(statement, Insert | Update | Delete) else set()


# --- the second wall: what PostgreSQL is told ------------------------------------------------------


@event.listens_for(Session, "after_begin")
def _begun(session: Session, _: SessionTransaction, connection: Connection) -> None:
    connection.execution_options(**{SIGHT: session.info})
    _announce(sight_of(session), connection)


def _see(session: Session, sight: Sight) -> None:
    session.info[SIGHT] = sight
    if session.in_transaction():
        _announce(sight, session.connection())


def _announce(sight: Sight, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(ANNOUNCEMENT, _words(sight))


def _words(sight: Sight) -> dict[str, str]:
    cells = {f"{level}": getattr(sight.answers, level) for level in LEVELS}
    confided = {f"confided_{level}": getattr(sight.confides, level) for level in LEVELS}
    others = {"beneath": sight.beneath, "departments": sight.departments}
    yes = {"everything": sight.everything, "outside": sight.answers.outside, "confided_outside": sight.confides.outside}
    return {
        "person": str(sight.person or ""),
        "codes": _text_array(sight.codes),
        **{name: "on" if is_so else "" for name, is_so in yes.items()},
        **{name: _array(ids) for name, ids in (cells | confided | others).items()},
    }


def _array(ids: Ids) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


def _text_array(texts: frozenset[str]) -> str:
    return "{" + ",".join(json.dumps(each, ensure_ascii=False) for each in sorted(texts)) + "}"


ANNOUNCEMENT: Final = text(
    "SELECT " + ", ".join(f"set_config('gisgrid.{name}', :{name}, true)" for name in _words(NOTHING))
)
"""Made once: each transaction says it."""
