import numpy as np
import pytest
import shapely

from gisgrid.sample.walk import Walk, beats, walk
from tests.sample.worlds import blocks, crossing_at, ladder

CELLS = np.array([shapely.box(-10, -10, 1010, 600)])


def a_walk(seed: int, lasts_s: float = 5000) -> Walk:
    net = blocks()
    (beat,) = beats(net, CELLS, CELLS, np.array([[0.0, 500.0], [600.0, 310.0]]))
    return walk(net, beat, lasts_s, 0.4, np.random.default_rng(seed))


def test_a_beat_starts_at_the_first_checkpoint() -> None:
    net = ladder()
    (beat,) = beats(net, CELLS, CELLS, np.array([[1000.0, 510.0], [0.0, 500.0], [5000.0, 5000.0]]))
    assert beat.home == crossing_at(net, 1000, 500)
    assert beat.targets == [beat.home, crossing_at(net, 0, 500)]


def test_a_beat_without_checkpoints_starts_from_the_middle_of_its_ground() -> None:
    net = ladder()
    ground = np.array([shapely.box(800, 400, 1000, 600)])
    (beat,) = beats(net, CELLS, ground, np.empty((0, 2)))
    assert beat.home == crossing_at(net, 1000, 500)


def test_positions_between_stops_by_hand() -> None:
    walked = Walk(
        np.array([0.0, 100, 160, 260]), np.array([0.0, 125, 125, 250]), np.array([[0.0, 0], [200, 0], [200, 50]])
    )
    assert walked.at(np.array([0.0, 40, 100, 130, 160, 220, 260])).tolist() == [
        [0, 0], [50, 0], [125, 0], [125, 0], [125, 0], [200, 0], [200, 50]
    ]  # fmt: skip
    assert walked.is_still(np.array([50.0, 110, 120, 160, 161])).tolist() == [False, False, True, True, False]


@pytest.mark.parametrize("seed", range(20))
def test_people_walk_at_the_pace_of_people_on_the_ways(seed: int) -> None:
    walked = a_walk(seed)
    pace = np.diff(walked.metres) / np.diff(walked.seconds)
    moving = pace[pace > 0]
    assert len(moving) > 3
    assert (moving > 0.97).all()
    assert (moving < 1.5).all()
    ways = shapely.MultiLineString([step.points for steps in blocks().steps for step in steps])
    places = walked.at(np.arange(0, walked.seconds[-1], 10))
    assert shapely.distance(shapely.points(places), ways).max() < 1e-6


def test_people_come_home_unless_it_gets_late() -> None:
    net = blocks()
    home = net.crossings[crossing_at(net, 0, 500)]
    ends = [a_walk(seed) for seed in range(30)]
    assert all((walked.at(np.zeros(1)) == home).all() for walked in ends)
    assert all(walked.seconds[-1] <= 1.3 * 5000 for walked in ends)
    back = [bool((walked.at(walked.seconds[-1:]) == home).all()) for walked in ends]
    assert np.mean(back) > 0.7


def test_walks_last_about_as_long_as_asked() -> None:
    lasted = [a_walk(seed, 4000).seconds[-1] for seed in range(40)]
    assert 3200 < np.mean(lasted) < 4800
