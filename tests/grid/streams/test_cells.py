import numpy as np
import pytest
import shapely
from numpy.testing import assert_array_equal

from gisgrid.geometry import UnknownCrs
from gisgrid.grid.locate import Grid
from gisgrid.grid.streams.cells import Cells, Joined
from tests.grid.builders import changed, nested_squares

GRID = Grid(nested_squares())
X = np.array([*GRID.cells.geometry.representative_point().x, 0, np.nan, np.inf, 114.0])
Y = np.array([*GRID.cells.geometry.representative_point().y, 0, 22.6, 22.6, np.nan])


def test_numbers_stand_for_the_codes_that_locating_gives() -> None:
    cells = Cells(GRID, "EPSG:4326")
    numbers, counts = cells.numbers(X, Y)
    columns = [column.to_pylist() for column in cells.columns(numbers)]
    assert_array_equal(np.array(columns, dtype=object).T, GRID.locate(X, Y).codes)
    assert numbers.dtype == np.int8
    assert counts == Joined(len(X), 4, 3)


def test_a_point_in_no_substation_but_in_a_community_is_not_outside() -> None:
    code = "440307009001001"
    there = GRID.cells.set_index("code").geometry[code].representative_point()
    grid = Grid(changed(nested_squares(), code, lambda shape: shapely.box(0, 0, 1, 1)))
    numbers, counts = Cells(grid, "EPSG:4326").numbers(np.array([there.x]), np.array([there.y]))
    assert numbers.tolist() == [[0, 0, -1]]
    assert counts == Joined(1)


def test_levels_have_their_own_codes() -> None:
    assert [len(codes) for codes in Cells(GRID, "wgs84").codes] == [1, 3, 6]


def test_more_cells_than_a_byte_can_number() -> None:
    grid = Grid(nested_squares(communities=2, columns=20, rows=5))
    cells = Cells(grid, "EPSG:4326")
    inside = grid.cells.geometry.representative_point()
    numbers, _ = cells.numbers(inside.x.to_numpy(), inside.y.to_numpy())
    assert numbers.dtype == np.int16
    columns = [column.to_pylist() for column in cells.columns(numbers)]
    assert_array_equal(np.array(columns, dtype=object).T, grid.locate(inside.x, inside.y).codes)


def test_no_points() -> None:
    cells = Cells(GRID, "EPSG:4326")
    numbers, counts = cells.numbers(np.empty(0), np.empty(0))
    assert numbers.shape == (0, 3)
    assert counts == Joined()
    assert [len(column) for column in cells.columns(numbers)] == [0, 0, 0]


def test_an_unknown_system_is_told_at_once() -> None:
    with pytest.raises(UnknownCrs):
        Cells(GRID, "EPSG:1")


def test_the_fingerprint_tells_grids_apart() -> None:
    moved = changed(nested_squares(), "440307009001001", lambda shape: shape.buffer(-1))
    renamed = nested_squares().replace({"440307009001001": "440307009001009"})
    prints = [Cells(Grid(cells), "EPSG:4326").fingerprint() for cells in (nested_squares(), moved, renamed)]
    prints.append(Cells(GRID, "gcj02").fingerprint())
    assert len(set(prints)) == 4
    assert prints[0] == Cells(GRID, "wgs84").fingerprint()


def test_counts_add_up() -> None:
    counts = Joined(3, 2, 1, continued_from=3)
    counts.add(Joined(10, 5, 4))
    assert counts == Joined(13, 7, 5, continued_from=3)
