import numpy as np
import pytest
import shapely

from gisgrid.sample.network import NoWays, Step, network
from tests.sample.worlds import CROSSING, crossing_at, ladder


def follow(first: list[Step | None], here: int) -> float:
    metres = 0.0
    while (step := first[here]) is not None:
        metres, here = metres + step.length_m, step.end
    return metres


def test_crossings_and_ways() -> None:
    net = ladder()
    places = {(0, 0), (1000, 0), (0, 500), (1000, 500), (0, 1000), (1000, 1000)}
    # corners where two lines only meet end to end are no crossings: one may walk on
    assert {tuple(place) for place in net.crossings} <= places
    assert {(0, 500), (1000, 500)} <= {tuple(place) for place in net.crossings}
    assert sum(step.length_m for steps in net.steps for step in steps) / 2 == pytest.approx(5000)


def test_each_way_leads_there_and_back() -> None:
    net = ladder()
    for here, steps in enumerate(net.steps):
        for step in steps:
            assert (step.points[0] == net.crossings[here]).all()
            assert (step.points[-1] == net.crossings[step.end]).all()
            assert any(back.way == step.way and back.end == here for back in net.steps[step.end])


def test_signposts_show_the_shortest_way() -> None:
    net = ladder()
    west, east = crossing_at(net, 0, 500), crossing_at(net, 1000, 500)
    first = net.towards(east)
    assert first[east] is None
    assert follow(first, west) == 1000
    assert (first[west].points[0] == (0, 500)).all()


def test_ways_that_nearly_meet_are_joined() -> None:
    near = [shapely.LineString([(0, 0), (1000, 0)]), shapely.LineString([(500, 1.5), (500, 1000)])]
    assert len(network(near).crossings) == 4


def test_scraps_are_left_out_but_a_second_net_stays() -> None:
    scrap = shapely.LineString([(9000, 0), (9100, 0)])
    other = shapely.LineString([(20_000, 0), (23_000, 0)])
    net = network([*CROSSING, scrap, other])
    assert net.crossings[:, 0].max() == 23_000
    assert not (net.crossings[:, 0] == 9000).any()
    far = crossing_at(net, 20_000, 0)
    assert net.towards(crossing_at(net, 0, 500))[far] is None


def test_short_ways_alone_are_better_than_none() -> None:
    assert len(network([shapely.LineString([(0, 0), (100, 0)])]).steps) == 2


def test_nearest_crossing() -> None:
    net = ladder()
    assert net.nearest(np.array([[-20.0, 480.0], [1040.0, 520.0]])).tolist() == [
        crossing_at(net, 0, 500),
        crossing_at(net, 1000, 500),
    ]


def test_no_ways() -> None:
    with pytest.raises(NoWays, match="no ways to walk on"):
        network([])
