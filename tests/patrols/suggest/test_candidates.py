"""What a place gains, which of them are one, and which are looked at."""

from random import Random

import numpy as np
import pytest

from gisgrid.patrols.suggest.candidates import Candidate, at_spot, blocks, chosen, gap_gain, merged
from gisgrid.patrols.suggest.solve import MOST
from tests.patrols.plans.builders import a_spot

DAY_S = 86_400


@pytest.mark.parametrize(("age_s", "gain"), [(0, 30), (DAY_S, 40), (7 * DAY_S, 100), (70 * DAY_S, 100), (-5, 30)])
def test_older_gaps_gain_more(age_s: float, gain: float) -> None:
    assert gap_gain(age_s) == gain


def test_a_place_is_visited_once_for_all_that_is_due_there() -> None:
    spot = a_spot(dwell_s=90.5)
    (one,) = merged([at_spot(spot, "gap", 40), at_spot(spot, "round", 30), at_spot(spot, "gap", 30)])
    assert (one.why, one.gain, one.stay_s) == (("gap", "round"), 100, 91)


def test_squares_are_visited_in_blocks() -> None:
    squares = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [9, 9]])
    first, second = blocks(squares, np.array([1.0, 1.0, 0.5, 0.2, 0.0]), 1.25)
    assert (first.x, first.y, first.gain, first.stay_s, first.squares) == (150, 50, 7.5, 240, 3)
    assert (second.x, second.squares, second.gain) == (350, 1, pytest.approx(0.6))
    assert blocks(squares, np.zeros(5), 1.25) == []


def ground(count: int) -> list[Candidate]:
    return [Candidate(("unseen",), "block", "", "", n, n, 1 + n % 9, 60, 3) for n in range(count)]


def test_what_is_looked_at_is_bounded_and_drawn() -> None:
    places = [at_spot(a_spot(), "gap", gain) for gain in range(40)]
    found = chosen(places, ground(500), Random(1))
    assert (len(found), found[:40]) == (MOST, places[::-1])
    assert found == chosen(places, ground(500), Random(1))
    assert found != chosen(places, ground(500), Random(2))
    assert len(chosen([], ground(10), Random(1))) == 8
    assert len(chosen(places * 3, ground(10), Random(1))) == MOST
