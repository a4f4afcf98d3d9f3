"""The order of a round: never too long, nowhere twice, nearly the best there is, and no two alike."""

from collections.abc import Sequence
from itertools import permutations
from math import ceil, hypot
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.patrols.suggest.solve import MOST, best_order, shaken

Place = tuple[int, int, int, int]
"""Where, for how much gain, and how long one stays."""
PLACES = st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 40), st.integers(0, 600))


def walks(places: Sequence[Place]) -> list[list[int]]:
    """Return the seconds between (0, 0), where all begin, and places: a metre a second."""
    at = [(0, 0), *((x, y) for x, y, _, _ in places)]
    return [[ceil(hypot(x - a, y - b)) for a, b in at] for x, y in at]


def solved(places: Sequence[Place], time_s: int) -> list[int]:
    return best_order([each[2] for each in places], [each[3] for each in places], walks(places), time_s)


def taken(order: Sequence[int], places: Sequence[Place]) -> int:
    """Return how long a round takes, to the end of its last stay."""
    walk, here, total = walks(places), 0, 0
    for place in order:
        total += walk[here][place + 1] + places[place][3]
        here = place + 1
    return total


def gain(order: Sequence[int], places: Sequence[Place]) -> int:
    return sum(places[place][2] for place in order)


def best(places: Sequence[Place], time_s: int) -> int:
    """Return the most that can be gained: of all orders there are."""
    orders = (order for count in range(len(places) + 1) for order in permutations(range(len(places)), count))
    return max(gain(order, places) for order in orders if taken(order, places) <= time_s)


@given(st.lists(PLACES, max_size=6), st.integers(0, 5000))
@settings(max_examples=40, deadline=None)
def test_it_takes_no_longer_visits_nothing_twice_and_is_nearly_the_best(places: list[Place], time_s: int) -> None:
    order = solved(places, time_s)
    assert taken(order, places) <= time_s
    assert len(set(order)) == len(order)
    assert set(order) <= set(range(len(places)))
    assert gain(order, places) >= 0.7 * best(places, time_s)
    assert solved(places, time_s) == order


@pytest.mark.parametrize(
    ("places", "time_s", "order"),
    [
        ([], 100, []),
        ([(100, 0, 5, 0)], 99, []),
        ([(100, 0, 5, 0)], 100, [0]),
        ([(100, 0, 5, 60)], 159, []),
        ([(200, 0, 5, 0), (100, 0, 5, 0), (300, 0, 5, 0)], 300, [1, 0, 2]),
        ([(100, 0, 5, 0), (-100, 0, 9, 0)], 150, [1]),
    ],
)
def test_orders_in_ones_head(places: list[Place], time_s: int, order: list[int]) -> None:
    assert solved(places, time_s) == order


def test_as_many_as_are_looked_at() -> None:
    rng = Random(3)
    places = [(rng.randrange(3000), rng.randrange(3000), rng.randrange(1, 40), 60) for _ in range(MOST)]
    order = solved(places, 3600)
    assert taken(order, places) <= 3600
    assert len(order) >= 8


def test_gains_are_shaken_by_what_is_drawn() -> None:
    gains = [10.0] * 20
    first = shaken(gains, Random(1))
    assert first == shaken(gains, Random(1))
    assert first != shaken(gains, Random(2))
    assert all(7 <= each <= 13 for each in first)
