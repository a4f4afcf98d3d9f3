"""The figures against plain counting, and what must hold of them whatever happened."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gisgrid.incidents.clock import may_extend, reading
from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.figures.measure import (
    COUNTS,
    KEYS,
    SHARES,
    by_cell,
    came_again,
    is_overdue_at,
    measure,
    share,
)
from gisgrid.incidents.lifecycle import RULES
from gisgrid.incidents.loop.steps import Done, ticks
from tests.incidents.figures.records import CALENDAR, TEN, a_record, at, hours, steps

CELLS = [("S", f"C{community}", f"C{community}-{number}") for community in (1, 2) for number in (1, 2)]


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Draw a walk through the loop, by its table, an hour or more to a step."""
    state, hour = "reported", draw(st.integers(0, 20))
    words = [f"report {hour}"]
    for _ in range(draw(st.integers(0, 9))):
        move = draw(st.sampled_from([name for name, rule in RULES.items() if state in rule.leads]))
        hour += draw(st.integers(1, 8))
        state = RULES[move].leads[state]
        words.append(f"{move} {hour}")
    return " ".join(words)


@st.composite
def many(draw: st.DrawFn) -> list[Record]:
    """Draw records of all sorts."""
    told: list[dict[str, Any]] = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "line": lines(),
                    "cells": st.sampled_from([*CELLS, (None, None, None), ("S", None, None)]),
                    "level": st.sampled_from(["street", "community", "substation"]),
                    "department": st.sampled_from([None, "fire", "police"]),
                    "kind": st.sampled_from(["E0102", "L0101"]),
                    "counted_as": st.sampled_from(["", "case", "dispute"]),
                    "source": st.sampled_from(["patrol", "phone", "staff"]),
                    "is_patrolled": st.booleans(),
                    "longitude": st.sampled_from([114.0, 114.0003, 114.01]),
                    "latitude": st.just(22.6),
                }
            ),
            max_size=12,
        )
    )
    return [a_record(**each, number=number) for number, each in enumerate(told)]


PERIODS = st.tuples(st.integers(0, 40), st.integers(0, 60)).map(lambda pair: hours(pair[0], pair[0] + pair[1]))


@given(many(), PERIODS)
def test_the_parts_add_up_to_the_whole(records: list[Record], period: Any) -> None:
    again = came_again(records)
    total = measure(records, period, at(1000), again=again).total
    keys = [*KEYS.values(), by_cell(lambda _: True, None), by_cell(lambda _: True, "S"), by_cell(lambda _: True, "C1")]
    for key in keys:
        measured = measure(records, period, at(1000), again=again, group=key)
        assert +sum(measured.groups.values(), Counter()) == +total == +measured.total
    for code in ("S", "C1", "C1-1"):
        inside = [each for each in records if code in each.cells]
        below = measure(inside, period, at(1000), again=again, group=by_cell(lambda _: True, code))
        for child, tally in below.groups.items():
            if child is not None:
                own = [each for each in records if child in each.cells]
                assert +measure(own, period, at(1000), again=again).total == +tally


@given(many(), PERIODS, st.randoms(use_true_random=False))
def test_the_order_changes_nothing(records: list[Record], period: Any, chance: random.Random) -> None:
    shuffled = chance.sample(records, len(records))
    assert came_again(records) == came_again(shuffled)
    for key in KEYS.values():
        first, second = (measure(each, period, at(1000), group=key) for each in (records, shuffled))
        assert first == second


@given(many(), PERIODS)
def test_every_share_is_one(records: list[Record], period: Any) -> None:
    total = measure(records, period, at(1000), again=came_again(records)).total
    for name in SHARES:
        found = share(total, name)
        assert 0 <= found.numerator <= found.denominator
        assert (found.ratio is None) == (found.denominator == 0)
    assert set(COUNTS) <= {*total, *COUNTS}


@given(lines(), PERIODS)
def test_it_agrees_with_plain_counting(line: str, period: Any) -> None:
    """The same by looking at each hour, with the clock of the loop itself."""
    walked = steps(line)
    asked = [number for number, step in enumerate(walked) if step.move == "extend"]
    assume(all(may_extend(shown(walked[:number], walked[number].at)) for number in asked))  # as the loop does
    record = a_record(line)
    total = measure([record], period, at(1000)).total
    inside = [step for step in walked if period.start <= step.at < period.end]
    assert total["reported"] == sum(step.move == "report" for step in inside)
    assert total["dispatched"] == sum(step.move == "dispatch" for step in inside)
    assert total["handled"] == sum(step.move == "finish" for step in inside)
    assert total["suspended"] == sum(step.move == "suspend" for step in inside)
    if not any(step.move in ("reopen", "fail") for step in walked):
        ends = [step for step in walked if step.move in ("pass", "settle")][:1]
        closed = [step for step in ends if step in inside and step.move == "pass"]
        assert total["closed"] == len(closed)
        for step in closed:
            assert total["in_time"] == (not shown(walked, step.at).is_overdue)
        gone = [step.at for step in walked if step.to_state in ("closed", "settled", "merged", "rejected")]
        before = [step for step in walked if step.at < period.end]
        is_overdue = bool(before) and shown(before, period.end).is_overdue
        assert total["overdue"] == (is_overdue and not any(moment < period.end for moment in gone))


def shown(walked: list[Any], moment: Any) -> Any:
    done = [
        Done(number, step.move, None, step.to_state, step.at, None, None, "", {}, None, None)
        for number, step in enumerate(walked)
    ]
    return reading(ticks(done), TEN, CALENDAR, moment)


def test_nothing_is_no_share() -> None:
    total = measure([], hours(0, 10), at(10)).total
    assert all(share(total, name).ratio is None for name in SHARES)


@pytest.mark.parametrize(("moment", "is_so"), [(11, False), (11.5, True), (30, True), (30.5, False)])
def test_overdue_at_the_end_of_a_period(moment: float, is_so: bool) -> None:
    record = a_record("report 0 file 1 dispatch 2 accept 3 finish 12 pass 30")
    assert is_overdue_at(record, at(moment)) == is_so


def test_a_month_closed_and_due() -> None:
    """Two closed in time, one late, one open and overdue, one open with time left, one settled on the spot."""
    records = [
        *(a_record(f"report 0 file {at} dispatch {at} accept {at} finish 8 pass 9", at) for at in (1, 2)),
        a_record("report 0 file 1 dispatch 2 accept 3 finish 15 pass 16", 3),
        a_record("report 0 file 1", 4),
        a_record("report 0 file 18", 5),
        a_record("report 0 settle 2", 6),
    ]
    total = measure(records, hours(0, 20), at(20)).total
    assert (share(total, "closing"), share(total, "closed_in_time")) == ((3, 4), (2, 4))
    assert share(total, "filing") == (5, 5)
    assert total["on_the_spot"] == 1


def test_reopening_one_changes_what_was_closed() -> None:
    lines = ["report 0 file 1 dispatch 2 accept 3 finish 8 pass 9"] * 3
    records = [a_record(line, number) for number, line in enumerate(lines)]
    assert share(measure(records, hours(0, 20), at(90)).total, "closing") == (3, 3)
    records[0] = a_record(f"{lines[0]} reopen 50", 0)
    assert share(measure(records, hours(0, 20), at(90)).total, "closing") == (2, 3)


@pytest.mark.parametrize(
    ("hour", "longitude", "given", "is_again"),
    [
        (31, 114.0, {}, True),
        (31, 114.0004, {}, True),  # 41 m
        (31, 114.0006, {}, False),  # 62 m
        (8, 114.0, {}, False),  # before the closing
        (9, 114.0, {}, False),
        (9 + 30 * 24, 114.0, {}, True),
        (10 + 30 * 24, 114.0, {}, False),
        (31, 114.0, {"kind": "L0101"}, False),
        (31, 114.0, {"is_merged": True}, False),
        (31, 114.0, {"is_placed": False}, False),
    ],
)
def test_what_came_again(hour: int, longitude: float, given: dict[str, Any], is_again: bool) -> None:
    closed = a_record("report 0 file 1 dispatch 2 accept 3 finish 8 pass 9", 1, longitude=114.0, latitude=22.6)
    other = a_record(f"report {hour}", 2, longitude=longitude, latitude=22.6, **given)
    assert came_again([other, closed]) == ({1} if is_again else set())


def test_what_came_again_by_brute_force() -> None:
    chance = random.Random(6)
    records = [
        a_record(
            f"report {start} file {start} dispatch {start} accept {start} finish {start} pass {start + 1}",
            number,
            longitude=114 + chance.random() / 50,
            latitude=22.6,
            kind=chance.choice(["E0102", "L0101"]),
            now=5000,
        )
        for number, start in enumerate(chance.randrange(2000) for _ in range(100))
    ]
    found = {
        one.id
        for one in records
        for two in records
        if one.kind == two.kind
        and 0 < (two.reported_at - one.course.closed_at).total_seconds() <= 30 * 86400  # type: ignore[operator]
        and abs(one.longitude - two.longitude) * 111_194.93 * 0.923_210_3 <= 50
    }
    assert came_again(records) == found
    assert 10 < len(found) < 90
