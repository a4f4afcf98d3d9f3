"""What is doubtful about a fix: tables of fixes and flags, and what holds for all of them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.patrols.judge import (
    ALONE,
    AMONG,
    MEANINGS,
    QUARANTINED,
    Facts,
    Flag,
    Track,
    distance_m,
    doubts,
    in_event_order,
    judge_alone,
    judge_among,
    names_of,
)
from gisgrid.settings import Settings

SETTINGS = Settings()
HOUR = 3600.0
HERE = (114.4, 22.6)
WEEKS_S = 1024 * 7 * 86_400
NO_PLACE = {"longitude": np.nan, "latitude": np.nan, "is_outside": True}
BOOLEANS = [name for name in Facts._fields if name.startswith("is_")]


def alone(ahead_s: float = -1.0, **changes: Any) -> Flag:
    """Return the flags of a fix that is dated so far ahead of its arrival."""
    given = {"x": HERE[0], "y": HERE[1], "accuracy_m": 8.0, **dict.fromkeys(BOOLEANS, False), **changes}
    given = {"longitude": given["x"], "latitude": given["y"], **given}
    given |= {"received_us": 1_800_000_000_000_000, "fix_us": 1_800_000_000_000_000 + int(ahead_s * 1e6)}
    with np.errstate(all="raise"):
        (flags,) = judge_alone(Facts(**{name: np.array([given[name]]) for name in Facts._fields}), SETTINGS)
    return Flag(int(flags))


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        ({}, Flag(0)),
        ({"ahead_s": 300}, Flag(0)),
        ({"ahead_s": 301}, Flag.AHEAD),
        ({"ahead_s": 24 * HOUR}, Flag.AHEAD),
        ({"ahead_s": 24 * HOUR + 1}, Flag.AHEAD | Flag.FAR_AHEAD),
        ({"ahead_s": -7 * 24 * HOUR}, Flag(0)),
        ({"ahead_s": -7 * 24 * HOUR - 1}, Flag.OLD),
        ({"ahead_s": -WEEKS_S}, Flag.OLD | Flag.ROLLOVER),
        ({"ahead_s": -WEEKS_S - 39 * 24 * HOUR}, Flag.OLD | Flag.ROLLOVER),
        ({"ahead_s": -WEEKS_S - 41 * 24 * HOUR}, Flag.OLD),
        ({"accuracy_m": 100.0}, Flag(0)),
        ({"accuracy_m": 100.5}, Flag.COARSE),
        ({"accuracy_m": np.nan}, Flag(0)),
        ({"is_mock": True}, Flag.MOCK),
        ({"is_untimed": True}, Flag.UNTIMED),
        ({"is_sealed": True}, Flag.SEALED),
        ({"is_near_edge": True}, Flag.NEAR_EDGE),
        ({"is_outside": True}, Flag.OUTSIDE),
        ({"is_outside": True, "is_inside_unshifted": True}, Flag.OUTSIDE | Flag.GCJ02),
        ({"is_outside": True, "is_inside_swapped": True}, Flag.OUTSIDE | Flag.SWAPPED),
        ({"x": 22.6, "y": 114.4, **NO_PLACE, "is_inside_swapped": True}, Flag.SWAPPED),
        ({"x": 0.0, "y": 0.0, "is_outside": True}, Flag.NULL_ISLAND | Flag.OUTSIDE),
        ({"x": np.inf, "y": 1.0, **NO_PLACE}, Flag.NOT_FINITE),
        ({"x": np.nan, "y": 1.0, **NO_PLACE}, Flag.NOT_FINITE),
        ({"x": 181.0, "y": 1.0, **NO_PLACE}, Flag.NOT_ON_EARTH),
    ],
)  # fmt: skip
def test_what_a_fix_shows_by_itself(fix: dict[str, Any], expected: Flag) -> None:
    assert alone(**fix) == expected


def test_every_flag_has_words_and_a_judge() -> None:
    assert set(MEANINGS) == set(Flag)
    assert set(ALONE) | set(AMONG) == set(Flag)
    told = doubts(int(Flag(sum(Flag))), SETTINGS)
    assert [each["flag"] for each in told] == names_of(sum(Flag))
    assert all("{" not in each["zh"] + each["en"] for each in told)
    assert doubts(Flag.COARSE, Settings(coarse_m=80))[0]["en"] == "accuracy worse than 80 m"
    assert not AMONG & QUARANTINED  # or a neighbour could take a fix out of the figures


# --- among neighbours ------------------------------------------------------------------------------

METRE = 1 / 111_195.0


def track(*fixes: tuple[float, float], sender: int = 1, accuracy_m: float = 5.0) -> Track:
    """Return a track of (seconds, metres north)."""
    seconds, north = np.array(fixes, dtype=float).reshape(-1, 2).T
    many = len(seconds)
    return Track(
        np.full(many, sender),
        (seconds * 1e6).astype(np.int64),
        np.full(many, HERE[0]),
        HERE[1] + north * METRE,
        np.full(many, accuracy_m),
    )


def flags_of(its: Track) -> list[int]:
    return [int(flags) for flags in judge_among(its, SETTINGS)]


T, F = int(Flag.TELEPORT), int(Flag.FROZEN)


@pytest.mark.parametrize(
    ("fixes", "expected"),
    [
        ([], []),
        ([(0, 0)], [0]),
        ([(0, 0), (60, 90), (120, 180)], [0, 0, 0]),
        ([(0, 0), (60, 90_000), (120, 180)], [0, T, 0]),  # a spike: its neighbours reach each other
        ([(0, 0), (60, 90_000)], [T, T]),  # which of two is wrong nobody can tell
        ([(0, 0), (60, 0.5), (120, 90_000), (180, 90_001)], [0, 0, 0, 0]),  # a jump: each has a neighbour in reach
        ([(0, 0), (601, 90_000)], [0, 0]),  # too long apart to be compared
        ([(0, 0), (0, 9)], [0, 0]),  # within their accuracies
        ([(0, 0), (0, 500)], [T, T]),
    ],
)
def test_out_of_reach_of_every_neighbour(fixes: list[tuple[float, float]], expected: list[int]) -> None:
    assert flags_of(track(*fixes)) == expected


def test_the_speed_above_which_nobody_walks_is_a_setting_and_accuracy_gives_slack() -> None:
    fixes = track((0, 0), (60, 2670), (120, 5340))  # 160.2 km/h
    assert flags_of(fixes) == [0, 0, 0]
    sharp = fixes._replace(accuracy_m=np.zeros(3))
    assert flags_of(sharp) == [T, T, T]
    assert [int(flags) for flags in judge_among(sharp, Settings(top_kmh=161))] == [0, 0, 0]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([0, 150, 300, 450, 600], [F] * 5),
        ([0, 150, 300, 450, 599], [0] * 5),
        ([0, 200, 400, 600], [0] * 4),  # too few to be sure
        (range(0, 1201, 60), [F] * 21),
    ],
)
def test_the_very_same_position_for_long_is_frozen(seconds: list[int], expected: list[int]) -> None:
    assert flags_of(track(*((second, 7) for second in seconds))) == expected


def test_a_fix_elsewhere_ends_what_is_frozen() -> None:
    still = [(60 * number, 0.0) for number in range(11)]
    assert flags_of(track(*still)) == [F] * 11
    assert flags_of(track(*still[:5], (299, 0.4), *still[5:])) == [0] * 12


def test_senders_are_judged_apart() -> None:
    here, there = track((0, 0), (60, 10)), track((30, 90_000), (90, 90_010), sender=2)
    both = Track(*(np.concatenate(pair) for pair in zip(here, there, strict=True)))
    order = in_event_order(both)
    assert order.tolist() == [0, 1, 2, 3]
    assert flags_of(Track(*(column[order] for column in both))) == [0, 0, 0, 0]


moments = st.lists(
    st.tuples(st.integers(0, 40).map(lambda step: step * 60.0), st.sampled_from([0.0, 3.0, 50_000.0])), max_size=24
)


@given(moments, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(fixes: list[tuple[float, float]], chance: Any) -> None:
    shuffled = chance.sample(fixes, len(fixes))
    judged = []
    for arrived in (fixes, shuffled):
        its = track(*arrived)
        order = in_event_order(its)
        judged.append(flags_of(Track(*(column[order] for column in its))))
    assert judged[0] == judged[1]


@given(moments)
def test_nothing_further_away_than_twice_the_reach_matters(fixes: list[tuple[float, float]]) -> None:
    whole = track(*sorted(fixes))
    for middle in range(0, 2401, 600):
        near = np.abs(whole.fix_us - middle * 1_000_000) <= 1_200_000_000
        close = np.abs(whole.fix_us[near] - middle * 1_000_000) <= 600_000_000
        part = Track(*(column[near] for column in whole))
        assert np.array_equal(judge_among(part, SETTINGS)[close], judge_among(whole, SETTINGS)[near][close])


def test_distances_are_those_of_a_sphere() -> None:
    found = distance_m(*(np.array([value]) for value in (114.0, 22.0, 114.0, 23.0)))
    assert found == pytest.approx([111_195], abs=1)
    across = distance_m(*(np.array([value]) for value in (114.0, 60.0, 115.0, 60.0)))
    assert across == pytest.approx([111_195 / 2], rel=1e-4)
