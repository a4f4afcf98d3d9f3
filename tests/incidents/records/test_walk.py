from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gisgrid.incidents.kinds.stored import starter
from gisgrid.incidents.lifecycle import RULES, Incomplete
from gisgrid.incidents.records.walk import BadRecord, Past, walk

ZERO = datetime(2016, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = {"filed": "filed_at", "sent": "dispatched_at", "handled": "handled_at", "closed": "closed_at"}


def at(hour: float) -> datetime:
    return ZERO + timedelta(hours=hour)


def past(reported: float = 0, **given: Any) -> Past:
    known = {"kind": starter().require("E0501"), "source": "staff", "condition": "1", "department": "urban_management"}
    times = {
        TIMES.get(name, name): at(value) if isinstance(value, int | float) else value for name, value in given.items()
    }
    return Past(**{**known, "reported_at": at(reported), "lineage": ("s", "c", "t"), **times})


def hours(steps: Any) -> list[tuple[str, float]]:
    return [(step.move, (step.at - ZERO).total_seconds() / 3600) for step in steps]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, []),
        ({"filed": 1}, [("file", 1)]),
        ({"filed": 1, "sent": 2}, [("file", 1), ("dispatch", 2)]),
        (
            {"filed": 1, "sent": 2, "handled": 3, "closed": 4},
            [("file", 1), ("dispatch", 2), ("accept", 2), ("finish", 3), ("pass", 4)],
        ),
        ({"closed": 4}, [("file", 0), ("dispatch", 0), ("accept", 0), ("finish", 4), ("pass", 4)]),
        ({"handled": 4}, [("file", 0), ("dispatch", 0), ("accept", 0), ("finish", 4)]),
        ({"settled_at": 5}, [("settle", 5)]),
        ({"filed": 1, "settled_at": 5}, [("file", 1), ("settle", 5)]),
        ({"filed": 1, "source": "phone"}, [("verify", 1), ("file", 1)]),
        ({"settled_at": 5, "source": "phone"}, [("verify", 5), ("settle", 5)]),
        ({"filed": 1, "answered_at": "substation"}, [("file", 1)]),
        ({"filed": 1, "answered_at": "community"}, [("file", 1), ("escalate", 1)]),
        ({"filed": 1, "answered_at": "street"}, [("file", 1), ("escalate", 1), ("escalate", 1)]),
        ({"filed": 1, "answered_at": "street", "lineage": ()}, [("file", 1)]),
        ({"filed": 1, "answered_at": "substation", "lineage": ("c", "t")}, [("file", 1)]),
        ({"filed": 1, "answered_at": "street", "lineage": ("c", "t")}, [("file", 1), ("escalate", 1)]),
    ],
)
def test_the_steps_of_what_is_known(given: dict[str, Any], made: list[tuple[str, float]]) -> None:
    steps = walk(past(**given), NOW)
    assert hours(steps) == made
    state = "reported"
    for step in steps:
        assert step.from_state == state
        assert RULES[step.move].leads[step.from_state] == step.to_state
        state = step.to_state


def test_who_answers_is_who_saw_it_through() -> None:
    steps = walk(past(closed=9, answered_at="street"), NOW)
    assert [step.answering for step in steps] == ["s", "c", "t", "t", "t", "t", "t"]
    assert steps[1].detail == {"from_cell": "s"}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filed": -1}, BadRecord),
        ({"filed": 2, "sent": 1}, BadRecord),
        ({"filed": 2, "closed": 1}, BadRecord),
        ({"handled": 3, "closed": 1}, BadRecord),
        ({"closed": 24 * 365 * 20}, BadRecord),
        ({"closed": 5, "settled_at": 5}, BadRecord),
        ({"filed": 6, "settled_at": 5}, BadRecord),
        ({"filed": 1, "condition": "99"}, Incomplete),
        ({"filed": 1, "condition": None}, Incomplete),
        ({"sent": 1, "department": ""}, Incomplete),
    ],
)
def test_what_cannot_have_been_so(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        walk(past(**given), NOW)
