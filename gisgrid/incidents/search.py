"""Which incidents are asked for: by state, limit, source, department, words, and by whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.incidents.departments import department_codes
from gisgrid.incidents.lifecycle import OPEN, RUNNING, STATES, State
from gisgrid.incidents.loop.hands import ACT, DESK, WALK, WATCH
from gisgrid.incidents.sources import SOURCES
from gisgrid.incidents.tables import Incident, Party
from gisgrid.once import table_of
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.scope import Role
from gisgrid.staff.tables import Department
from gisgrid.wire import NameQuery

INCIDENT, PARTY = table_of(Incident), table_of(Party)
Named = TypeVar("Named", bound=str)

TO_FILE: Final = ("reported", "verified", "filed")
TO_DO: Final = ("dispatched", "handling")


class UnknownState(Refused):
    """A state, a source or a department that is none."""


@dataclass(frozen=True, slots=True)
class Search:
    """What incidents are asked for besides their place, time and kind; all that is given must hold.

    `states` are names of states, or `open`; `words` stand in a number, an outside number or the description;
    `mine`: reported by whoever asks; `waiting`: their turn.
    """

    states: tuple[str, ...] = ()
    source: str | None = None
    department: str | None = None
    words: str | None = None
    is_overdue: bool = False
    is_mine: bool = False
    is_waiting: bool = False


def sought(session: Session, search: Search, caller: Caller, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a search. Raises UnknownState."""
    found: list[ColumnElement[bool]] = []
    if search.states:
        found.append(INCIDENT.c.state.in_(_states(search.states)))
    if search.source is not None:
        found.append(INCIDENT.c.source == _one_of(search.source, list(SOURCES), "来源", "source"))
    if search.department is not None:
        found.append(_acted_on_by(session, search.department))
    if search.words:
        found.append(_says(search.words))
    if search.is_overdue:
        found.append(is_overdue(now))
    if search.is_mine:
        found.append(INCIDENT.c.reported_by == (caller.person or -1))
    if search.is_waiting:
        found.append(waiting(session, caller))
    return found


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an incident is past its limit and not handled."""
    return and_(INCIDENT.c.due_at < now, INCIDENT.c.state.in_(RUNNING))


def waiting(session: Session, caller: Caller) -> ColumnElement[bool]:
    """Return the condition that an incident waits for the caller: to file or dispatch it, to handle it, to check it."""
    turns = [turn for role in caller.roles if (turn := _turn(session, role)) is not None]
    own = and_(INCIDENT.c.handler_id == (caller.person or -1), INCIDENT.c.state.in_(TO_DO))
    return or_(own, *turns)


def _turn(session: Session, role: Role) -> ColumnElement[bool] | None:
    here = (
        INCIDENT.c.answering_code.is_(None) if role.cell_code is None else INCIDENT.c.answering_code == role.cell_code
    )
    if role.name in DESK:
        return and_(not_(INCIDENT.c.is_confidential), here, INCIDENT.c.state.in_((*TO_FILE, "handled")))
    if role.name in WALK | WATCH:
        return and_(not_(INCIDENT.c.is_confidential), here, INCIDENT.c.state == "handled")
    if role.name in ACT and role.department_id is not None:
        acts = select(PARTY.c.incident_id).where(visible(session, PARTY), PARTY.c.department_id == role.department_id)
        return and_(INCIDENT.c.id.in_(acts), INCIDENT.c.state.in_(TO_DO))
    return None


def _states(names: tuple[str, ...]) -> list[State]:
    found: list[State] = []
    for name in names:
        found += sorted(OPEN) if name == "open" else [_one_of(name, list(STATES), "状态", "state")]
    return found


def _one_of(name: str, known: Sequence[Named], zh: str, en: str) -> Named:
    for each in known:
        if each == name:
            return each
    raise UnknownState(f"没有这个{zh};可用:{'、'.join(known)}", f"there is no such {en}; use {', '.join(known)}")


def _acted_on_by(session: Session, code: str) -> ColumnElement[bool]:
    department = session.scalar(select(Department.id).where(Department.code == code))
    if department is None:
        codes = department_codes(session)
        raise UnknownState(f"没有这个职能部门;可用:{codes}", f"there is no such department; use {codes}")
    acts = select(PARTY.c.incident_id).where(visible(session, PARTY), PARTY.c.department_id == department)
    return INCIDENT.c.id.in_(acts)


def _says(words: str) -> ColumnElement[bool]:
    columns = (INCIDENT.c.number, INCIDENT.c.outside_number, INCIDENT.c.description)
    return or_(*(column.contains(words.strip(), autoescape=True) for column in columns))


def _search(
    state: Annotated[str | None, Query(max_length=200, description="states by commas, or `open`")] = None,
    source: NameQuery = None,
    department: NameQuery = None,
    q: Annotated[str | None, Query(max_length=100, description="words in a number or a description")] = None,
    *,
    overdue: bool = False,
    mine: bool = False,
    waiting: Annotated[bool, Query(description="what waits for whoever asks")] = False,
) -> Search:
    states = tuple(each.strip() for each in (state or "").split(",") if each.strip())
    words = q.strip() if q and q.isprintable() else None
    return Search(states, source, department, words, overdue, mine, waiting)


SearchQuery = Annotated[Search, Depends(_search)]
