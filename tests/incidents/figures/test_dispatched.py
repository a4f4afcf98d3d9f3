"""To whom an incident was sent one after another, by its steps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gisgrid.incidents.figures.dispatched import Sent, sendings
from gisgrid.incidents.lifecycle import RULES
from gisgrid.incidents.loop.steps import Done

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
FIRE: dict[str, Any] = {"departments": ["fire"]}
WANG: dict[str, Any] = {"person": "wang"}


def at(hour: float) -> datetime:
    return ZERO + timedelta(hours=hour)


def steps(*moves: tuple[str, dict[str, Any]] | str) -> list[Done]:
    """Return the steps of moves, an hour after one another; where each leads is looked up."""
    state: Any = "reported"
    found = [Done(1, "report", None, state, at(0), None, None, "", {}, None, None)]
    for number, each in enumerate(moves, start=1):
        move, detail = (each, {}) if isinstance(each, str) else each
        before, state = state, RULES[move].leads[state]  # type: ignore[index]
        found.append(Done(number + 1, move, before, state, at(number), None, None, "", detail, None, None))
    return found


@pytest.mark.parametrize(
    ("moves", "sent"),
    [
        ([], []),
        (["file"], []),
        (["settle"], []),
        (["file", ("dispatch", FIRE)], [(2, None, None, ("fire",))]),
        (["file", ("dispatch", FIRE), "accept", "finish", "pass"], [(2, 5, None, ("fire",))]),
        (["file", ("dispatch", FIRE), "accept", "finish", "fail", "escalate"], [(2, None, None, ("fire",))]),
        (["file", ("dispatch", FIRE), "accept", "suspend", "resume"], [(2, None, None, ("fire",))]),
        (
            ["file", ("dispatch", FIRE), ("transfer", {**FIRE, **WANG}), "send_back", ("dispatch", WANG)],
            [(2, 3, None, ("fire",)), (3, 4, "wang", ("fire",)), (5, None, "wang", ())],
        ),
        (
            ["file", ("dispatch", WANG), "accept", "finish", "pass", "reopen", "file", ("dispatch", FIRE)],
            [(2, 5, "wang", ()), (8, None, None, ("fire",))],
        ),
        (["file", "dispatch"], [(2, None, None, ())]),  # a record may not tell to whom
    ],
)
def test_it_is_theirs_until_it_is_sent_on_or_over(moves: list[Any], sent: list[Any]) -> None:
    expected = [Sent(at(start), None if end is None else at(end), *to) for start, end, *to in sent]
    assert sendings(steps(*moves)) == expected
