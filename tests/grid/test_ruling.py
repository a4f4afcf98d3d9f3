import numpy as np
import pytest
import shapely

from gisgrid.grid.ruling import Ruling, Touched, touched

LEFT, RIGHT = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 2)
WHOLE = shapely.box(0, 0, 2, 2)
RULING = Ruling.over(np.array([0.0, 0, 2, 2]), 100)


def square_of(x: float, y: float) -> int:
    (column,), (row,) = RULING.squares(np.array([x]), np.array([y]))
    return int(row * RULING.columns + column)


def marks(shape: shapely.Geometry, x: float, y: float) -> tuple[int, int] | None:
    """What marks the border of a shape in the square of a point; None where it does not touch it."""
    found = touched(RULING, shape)
    here = np.flatnonzero(found.square == square_of(x, y))
    return (int(found.ahead[here[0]]), int(found.back[here[0]])) if here.size else None


def test_squares_cover_the_extent_and_what_is_beyond_is_in_the_outermost() -> None:
    assert (RULING.columns, RULING.rows) == (16, 16)
    nowhere = np.array([np.nan, np.inf, -np.inf, 1e300, 50.0])
    with np.errstate(all="ignore"):
        column, _ = RULING.squares(nowhere, np.zeros(5))
    assert set(column.tolist()) <= {0, RULING.columns - 1}
    middle = RULING.middle(np.array([square_of(0.3, 1.9)]))
    assert np.array(middle).ravel() == pytest.approx([0.3, 1.9], abs=0.2)


def test_only_the_squares_along_the_border_are_touched() -> None:
    assert marks(LEFT, 0.5, 1.05) is None
    assert marks(LEFT, 0.05, 1.05) is not None
    assert np.all(np.diff(touched(RULING, WHOLE).square) > 0)


def test_neighbours_along_one_border_are_each_others_other_side() -> None:
    left, right = marks(LEFT, 1.0, 1.05), marks(RIGHT, 1.0, 1.05)
    assert left is not None
    assert left == right[::-1]  # type: ignore[index]
    assert left[0] != left[1]


def test_a_child_and_its_parent_are_alike_where_they_share_the_very_same_piece() -> None:
    halves = shapely.unary_union([LEFT, RIGHT]).segmentize(1)
    child, parent = LEFT.segmentize(1), halves
    assert marks(child, 0.0, 1.55) == marks(parent, 0.0, 1.55) != marks(LEFT, 0.0, 1.55)


@pytest.mark.parametrize("turned", [LEFT.reverse(), shapely.Polygon([(0, 0), (0, 2), (1, 2), (1, 0)])])
def test_the_direction_in_which_a_ring_was_drawn_does_not_matter(turned: shapely.Polygon) -> None:
    assert shapely.equals(turned, LEFT)
    assert marks(turned, 1.0, 1.05) == marks(LEFT, 1.0, 1.05)


def test_what_is_not_valid_is_marked_like_nothing_else() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 2), (1, 0), (0, 2)])
    assert marks(bow_tie, 1.0, 1.05) != marks(LEFT, 1.0, 1.05)
    ours, theirs = (touched(RULING, shape) for shape in (bow_tie, shapely.Polygon(bow_tie.exterior)))
    assert not np.array_equal(ours.ahead, theirs.ahead)


def test_an_empty_shape_touches_nothing() -> None:
    assert [part.size for part in touched(RULING, shapely.Polygon())] == [0, 0, 0]
    assert isinstance(touched(RULING, shapely.MultiPolygon()), Touched)
