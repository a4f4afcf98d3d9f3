"""The walk of a past incident through the loop, made of the times that are known of it. Pure.

It goes by the table of the loop, as all incidents do: the operator vouches for what was shown and said at the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

from gisgrid.errors import Refused
from gisgrid.incidents.figures.course import Level
from gisgrid.incidents.kinds.edition import Kind
from gisgrid.incidents.lifecycle import RULES, Move, Need, Standing, State, judge
from gisgrid.incidents.sources import PUBLIC, Source

WORDS: Final = "以往案件导入 / record of the past"
LEVELS: Final[tuple[Level, ...]] = ("street", "community", "substation")
ORDER: Final = ("reported_at", "filed_at", "dispatched_at", "handled_at", "closed_at")
TERMS: Final = {
    "reported_at": "上报时间",
    "filed_at": "立案时间",
    "dispatched_at": "派遣时间",
    "handled_at": "处置完成时间",
    "closed_at": "结案时间",
    "settled_at": "即办时间",
}


class BadRecord(Refused):
    """A record of the past that cannot have been so."""


class Made(NamedTuple):
    """A step as it was made. `detail` in codes; `answering` is the cell that answered from then on."""

    move: Move
    from_state: State
    to_state: State
    at: datetime
    detail: dict[str, Any]
    answering: str | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a past incident. A time that is missing is that of the step before; see `known_times`.

    `lineage`: the codes of the cell where it lies and of those above it; `answered_at` the level that saw it
    through, that of the first if it is None. `department` is a code, "" for none; `mark` goes into the detail of steps.
    """

    kind: Kind
    source: Source
    condition: str | None
    department: str
    reported_at: datetime
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    settled_at: datetime | None = None
    lineage: tuple[str, ...] = ()
    answered_at: Level | None = None
    mark: dict[str, Any] = field(default_factory=dict)


def walk(past: Past, now: datetime) -> list[Made]:
    """Return the steps of a past incident after its report. Raises BadRecord, and Incomplete as `judge` does."""
    times = known_times(past, now)
    state, answering = "reported", next(iter(past.lineage), None)
    steps = []
    for move, at, detail in _moves(past, times):
        hands = RULES[move].hands
        to_state = judge(move, Standing(state, hands, _met(past, state)))  # type: ignore[arg-type]
        answering = detail.pop("to_cell", answering)
        steps.append(Made(move, state, to_state, at, {**past.mark, **detail}, answering))  # type: ignore[arg-type]
        state = to_state
    return steps


def known_times(past: Past, now: datetime) -> dict[str, datetime]:
    """Return the times up to the last that is known: of those missing, work ends with the closing, others at once.

    Raises BadRecord for times that run back, or lie ahead.
    """
    given = {name: getattr(past, name) for name in (*ORDER, "settled_at") if getattr(past, name) is not None}
    if past.settled_at is not None and (given.keys() - {"reported_at", "filed_at", "settled_at"}):
        raise BadRecord(
            "即办的案件没有派遣、处置和结案时间", "what was settled on the spot was neither dispatched nor closed"
        )
    last = max((ORDER.index(name) for name in given if name in ORDER), default=0)
    times: dict[str, datetime] = {}
    for name in ORDER[: last + 1]:
        at_closing = past.closed_at if name == "handled_at" else None
        times[name] = given.get(name) or at_closing or times[ORDER[ORDER.index(name) - 1]]
    times |= {"settled_at": past.settled_at} if past.settled_at is not None else {}
    _require_order(times, now)
    return times


def _require_order(times: dict[str, datetime], now: datetime) -> None:
    names = list(times)
    for before, after in pairwise(names):
        if times[after] < times[before]:
            zh = f"{TERMS[after]}早于{TERMS[before]}"
            raise BadRecord(zh, f"{after} is before {before}")
    if times[names[-1]] > now:
        raise BadRecord(f"{TERMS[names[-1]]}在将来", f"{names[-1]} lies ahead")


def _moves(past: Past, times: dict[str, datetime]) -> Iterator[tuple[Move, datetime, dict[str, Any]]]:
    """Yield the moves with their times and details, in order."""
    filed = times.get("filed_at")
    if past.source in PUBLIC and (filed or past.settled_at):
        yield "verify", filed or times["settled_at"], {}
    if filed:
        yield "file", filed, {"condition": past.condition}
    yield from _climb(past, filed or times.get("settled_at") or past.reported_at)
    if "settled_at" in times:
        yield "settle", times["settled_at"], {}
    if "dispatched_at" in times:
        yield "dispatch", times["dispatched_at"], {"departments": [past.department]} if past.department else {}
        if "handled_at" in times:
            yield "accept", times["dispatched_at"], {}
            yield "finish", times["handled_at"], {}
    if "closed_at" in times:
        yield "pass", times["closed_at"], {}


def _climb(past: Past, at: datetime) -> Iterator[tuple[Move, datetime, dict[str, Any]]]:
    """Yield a move up for each level between where it lies and the level that saw it through."""
    if past.answered_at is None:
        return
    levels = 1 + LEVELS.index(past.answered_at)
    for below, up in pairwise(past.lineage[: len(past.lineage) - levels + 1]):
        yield "escalate", at, {"from_cell": below, "to_cell": up}


def _met(past: Past, state: str) -> frozenset[Need]:
    """Return the needs that are met: what a record does not tell was seen to by whoever kept it."""
    found: dict[Need, bool] = {
        "words": True,
        "reason": True,
        "above": True,
        "confirmed": state == "verified" or past.source not in PUBLIC,
        "condition": any(each.code == past.condition for each in past.kind.conditions),
        "addressee": bool(past.department),
    }
    return frozenset(need for need, is_met in found.items() if is_met)
