"""Which unit squares there are, whose each is, and which were seen."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.coverage.ground.squares import Squares, block_of, boxes
from gisgrid.geometry import points_to_metric
from tests.coverage.worlds import ORIGIN, SETTINGS, SQUARES, box, on_earth, world

GRID = world()
WHOLE = Squares(GRID, None, SETTINGS.metric_crs)


def at(*places):
    """Return the numbers of the squares that hold places of the world, in order."""
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    return np.sort(Squares.number(x + ORIGIN[0], y + ORIGIN[1]))


def every(squares, level="substation"):
    return squares.count(level, np.empty(0, dtype=np.int64))[0]


def test_a_square_kilometre_has_a_hundred():
    assert every(WHOLE) == dict.fromkeys(SQUARES, 100)
    assert every(WHOLE, "community") == {"N": 200, "S": 200}
    assert every(WHOLE, "street") == {"X": 400}
    assert np.all(np.diff(WHOLE.numbers) > 0)


@pytest.mark.parametrize(
    ("edge", "west", "east"), [(1000, 100, 100), (1049, 100, 100), (1051, 110, 90), (1149, 110, 90), (940, 90, 110)]
)
def test_a_square_is_of_the_cell_that_covers_its_centre(edge, west, east):
    grid = world(SW=box(0, 0, edge, 1000), SE=box(edge, 0, 2000, 1000))
    found = every(Squares(grid, None, SETTINGS.metric_crs))
    assert (found["SW"], found["SE"]) == (west, east)


def test_a_centre_on_a_border_is_of_one_cell_as_points_are():
    """Of the one with the lowest code, as wherever a point is located."""
    edge = on_earth(box(0, 0, 1000, 1000))
    grid = world()
    shared = grid.locate(*np.array(edge.exterior.coords)[[150]].T).codes[0]
    assert shared[2] in ("NW", "SE", "SW", "NE")
    for moved in (1049.9999, 1050.0001):
        found = every(
            Squares(world(SW=box(0, 0, moved, 1000), SE=box(moved, 0, 2000, 1000)), None, SETTINGS.metric_crs)
        )
        assert found["SW"] + found["SE"] == 200
    overlapping = world(SW=box(0, 0, 1200, 1000), SE=box(1000, 0, 2000, 1000))
    found = every(Squares(overlapping, None, SETTINGS.metric_crs))
    assert (found["SE"], found["SW"]) == (100, 100)  # what both cover is counted once, for SE


@pytest.mark.parametrize(
    ("mask", "left"),
    [
        (box(0, 0, 540, 1000), {"SW": 50}),
        (box(0, 0, 560, 1000), {"SW": 60}),
        (box(40, 40, 60, 60), {"SW": 1}),
        (box(51, 51, 99, 99), {}),
        (box(-500, -500, 3000, 3000) - box(500, 500, 1500, 1500), dict.fromkeys(SQUARES, 75)),
        (box(5000, 5000, 6000, 6000), {}),
    ],
)
def test_only_what_lies_under_the_mask_is_patrollable(mask, left):
    masked = Squares(GRID, on_earth(mask), SETTINGS.metric_crs)
    assert every(masked) == left
    assert sum(every(masked, "street").values()) == sum(left.values())


def test_what_lies_in_no_cell_is_nobodys():
    gap = Squares(world(SW=box(0, 0, 500, 1000)), None, SETTINGS.metric_crs)
    assert every(gap)["SW"] == 50
    assert every(gap, "street") == {"X": 400}


def test_seen_squares_are_counted_where_they_are_patrollable():
    seen = np.unique(at((10, 10), (99, 99), (101, 10), (1500, 1500), (-10, 10), (5000, 5000)))
    assert len(seen) == 5
    assert WHOLE.count("substation", seen)[1] == {"SW": 2, "NE": 1}
    masked = Squares(GRID, on_earth(box(100, 0, 2000, 2000)), SETTINGS.metric_crs)
    assert masked.count("substation", seen)[1] == {"SW": 1, "NE": 1}


PLACES = st.tuples(st.integers(-600_000, 600_000), st.integers(-2_600_000, 600_000))


@given(st.lists(PLACES, max_size=12))
def test_two_points_have_one_number_if_they_lie_in_one_square(places):
    """South of the equator and west of the zone, too."""
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    numbers = Squares.number(x, y).tolist()
    squares = [(a // 100, b // 100) for a, b in places]
    assert [numbers.index(each) for each in numbers] == [squares.index(each) for each in squares]
    assert sorted(range(len(places)), key=lambda n: numbers[n]) == sorted(range(len(places)), key=lambda n: squares[n])


def test_numbers_rise_with_the_column_and_the_row_and_points_without_a_place_have_none():
    numbers = at((-150, 0), (-50, -150), (-50, -50), (50, 0))
    assert (
        numbers.tolist()
        == Squares.number(np.array([-150, -50, -50, 50]) + ORIGIN[0], np.array([0, -150, -50, 0]) + ORIGIN[1]).tolist()
    )
    x, y = np.array([np.nan, np.inf, 5.0, -250.0]), np.array([5.0, 5.0, np.nan, -250.0])
    assert len(Squares.number(x, y)) == 1


def test_each_code_is_of_a_square_that_lies_there():
    half = 1 << 31
    for number, codes in zip(WHOLE.numbers[::37], WHOLE.codes[::37], strict=True):
        x, y = (each * 100 + 50 for each in (int(number) >> 32, (int(number) & (2 * half - 1)) - half))
        centre = shapely.Point(x - ORIGIN[0], y - ORIGIN[1])
        west, south = SQUARES[codes[2]]
        assert shapely.box(west, south, west + 1000, south + 1000).covers(centre)


# --- where they lie ------------------------------------------------------------------------------

places = st.integers(-30_000, 30_000)


@given(places, places)
def test_a_box_lies_where_its_square_does(column, row):
    x, y = ORIGIN[0] + 100 * column, ORIGIN[1] + 100 * row
    numbers = Squares.number(np.array([x + 50.0]), np.array([y + 50.0]))
    found = boxes(numbers, 100, SETTINGS.metric_crs)
    middle = (found.west + found.east) / 2, (found.south + found.north) / 2
    metres = points_to_metric(*middle, SETTINGS.metric_crs)
    assert np.allclose(np.ravel(metres), [x + 50, y + 50], atol=0.5)


@given(places, places)
def test_a_block_holds_its_squares(column, row):
    x, y = np.array([100.0 * column + 50]), np.array([100.0 * row + 50])
    (block,) = block_of(Squares.number(x, y), 5)
    assert Squares.number(np.floor(x / 500) * 100 + 1, np.floor(y / 500) * 100 + 1) == block


def test_a_box_of_a_block_is_as_large():
    numbers = block_of(at((50, 50), (450, 450), (550, 50)), 5)
    assert len(set(numbers.tolist())) == 2
    found = boxes(numbers[:1], 500, SETTINGS.metric_crs)
    one = boxes(at((50, 50)), 100, SETTINGS.metric_crs)
    assert (found.east - found.west) / (one.east - one.west) == pytest.approx(5, rel=1e-4)
    assert found.south == pytest.approx(one.south, abs=1e-5)
