"""The forms by which an incident is moved: what each asks for, what there is to choose, and what was typed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import NotFound, Refused
from gisgrid.grid.kin import lineage
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.lifecycle import MISSING, Move, Need
from gisgrid.incidents.loop.schemas import TransitionCreate
from gisgrid.incidents.reports import INCIDENT
from gisgrid.pages.called import Both, Called, Choice
from gisgrid.pages.incidents.words import condition_choices
from gisgrid.sight import visible
from gisgrid.wire import read_one

EMPTY: Final[dict[str, Any]] = {
    "move": "",
    "words": "",
    "condition": "",
    "department": [],
    "lead": "",
    "person": "",
    "cell": "",
    "into": "",
    "until": "",
    "score": "",
    "longitude": "",
    "latitude": "",
}
FIRST: Final[frozenset[Need]] = frozenset({"confirmed", "photo", "document", "fresh", "extendable", "above"})
"""What no field of a form brings along: it is there, or has to come first."""
REMARKS: Final[frozenset[Move]] = frozenset({"file", "dispatch", "accept", "pass", "evaluate", "resume"})
"""The moves to which one may say something, and need not."""
ONWARD: Final[tuple[Move, ...]] = (
    *("verify", "file", "dispatch", "accept", "finish", "pass", "fail", "evaluate", "resume", "settle"),
)
"""The moves that lead on, which stand first; those aside follow in the order of their table."""


class NotANumber(Refused):
    """Something that should be a number and is not."""


class NoSuchCase(NotFound):
    """No incident that may be seen has that number."""


class MoveForm(NamedTuple):
    """A move that somebody could make: the needs that its form asks for, and in words those that have to come first."""

    move: Move
    name: Both
    asks: frozenset[Need]
    first: list[Both]
    is_typed: bool

    @property
    def says(self) -> str:
        """Whether it asks for words: `must`, `may` or ""."""
        return "must" if self.asks & {"words", "reason"} else "may" if self.move in REMARKS else ""


class Choices(NamedTuple):
    """What there is to choose in the forms of a case. `above` is the cell to which it would go up."""

    conditions: list[Choice]
    departments: list[Choice]
    neighbours: list[Choice]
    above: Both | None
    default_department: str


def forms(moves: Sequence[Mapping[str, Any]], typed: Mapping[str, Any]) -> list[MoveForm]:
    """Return the forms of the moves that are open, as the case tells them: those that lead on first."""
    rank = {move: at for at, move in enumerate(ONWARD)}
    return [
        MoveForm(
            each["move"],
            Both(each["zh"], each["en"]),
            frozenset(each["needs"]) - FIRST,
            [_needed(need) for need in each["missing"] if need in FIRST],
            each["move"] == typed["move"],
        )
        for each in sorted(moves, key=lambda each: rank.get(each["move"], len(rank)))
    ]


def _needed(need: Need) -> Both:
    return Both(*MISSING[need])


def choices_of(
    session: Session, called: Called, kind: Kind | None, row: Mapping[str, Any], beside: Sequence[str]
) -> Choices:
    """Return what there is to choose for an incident; `beside` are the cells beside the one that answers for it."""
    about = row["complained_department"]
    above = lineage(session, row["answering_code"] or "")[1:]
    return Choices(
        condition_choices(kind) if kind else [],
        [each for each in called.department_choices if each.value != about],
        [Choice(code, called.cell(code)) for code in beside],
        called.cell(above[0]) if above else None,
        kind.default_department if kind else "",
    )


# --- what was typed --------------------------------------------------------------------------------


def sent(session: Session, typed: Mapping[str, Any], revision: str) -> TransitionCreate:
    """Return what was typed as the API takes it. Raises BadInput, NotANumber, NoSuchCase."""
    lead, ticked = typed["lead"], list(typed["department"])
    body = {
        "move": typed["move"],
        "revision": _whole(revision),
        "words": typed["words"].replace("\r\n", "\n").strip(),
        "departments": [lead, *(code for code in ticked if code != lead)] if lead else ticked,
        "into": _row_of(session, typed["into"]) if typed["into"] else None,
        "score": _whole(typed["score"]) if typed["score"] else None,
        **{name: _degrees(typed[name]) if typed[name] else None for name in ("longitude", "latitude")},
        **{name: typed[name] or None for name in ("condition", "person", "cell", "until")},
    }
    return read_one(TransitionCreate, body)


def _row_of(session: Session, number: str) -> int:
    """Return the row of the incident of a number, as people know it."""
    found: int | None = session.scalar(
        select(INCIDENT.c.id).where(visible(session, INCIDENT), INCIDENT.c.number == number)
    )
    if found is None:
        raise NoSuchCase(
            "没有这个编号的案件;请核对要并入的案件编号", "no incident has that number; check which to merge into"
        )
    return found


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise NotANumber("应为整数", "must be a whole number")
    return int(text)


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise NotANumber(
            "经纬度应为度数,例如 114.4185", "write longitude and latitude in degrees, such as 114.4185"
        ) from error
