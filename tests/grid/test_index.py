"""The index against the rule itself: the first polygon, in the order given, that shapely says covers the point."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.grid.index import AcrossAntimeridian, CellIndex

WINDING = np.random.default_rng(7).normal(0, 0.12, (40, 40))


def rule(polygons: Sequence[BaseGeometry], points: NDArray[np.float64]) -> NDArray[np.int64]:
    found = np.full(len(points), -1)
    asked = shapely.points(points)
    shapely.prepare(polygons)
    for row in range(len(polygons) - 1, -1, -1):
        found[shapely.covers(polygons[row], asked)] = row
    return found


def tiles(
    columns: int, rows: int, *, west: float = 114.3, south: float = 22.6, side: float = 0.02
) -> list[BaseGeometry]:
    """Squares whose shared corners are displaced, so that borders run at all angles."""

    def corner(i: int, j: int) -> tuple[float, float]:
        return (west + (i + WINDING[i, j]) * side, south + (j + WINDING[j, i + 1]) * side)

    return [
        shapely.Polygon([corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)])
        for i in range(columns)
        for j in range(rows)
    ]


def hard_points(polygons: Sequence[BaseGeometry], seed: int = 0) -> NDArray[np.float64]:
    """Vertices, their neighbours one and two ulp away, points computed on edges, and points all over."""
    vertices = shapely.get_coordinates(polygons)
    share = np.random.default_rng(seed).uniform(size=(len(vertices) - 1, 1))
    on_edges = vertices[:-1] * share + vertices[1:] * (1 - share)
    up, down = np.nextafter(vertices, np.inf), np.nextafter(vertices, -np.inf)
    beside = [up, down, np.nextafter(up, np.inf), np.nextafter(down, -np.inf), np.column_stack((up[:, 0], down[:, 1]))]
    west, south, east, north = shapely.total_bounds(polygons)
    all_over = np.random.default_rng(seed).uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (2000, 2))
    return np.vstack([vertices, on_edges, *beside, all_over])


ISLAND = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 3.0000001, 3.0000001)])
RING = shapely.Polygon(shapely.box(0, 0, 3, 3).exterior, [shapely.box(1, 1, 2, 2).exterior])
SPIKE = shapely.Polygon([(0, 0), (4, 1e-9), (4, 0), (8, 0.5), (4, 2e-9), (0, 1e-3)])

WORLDS = {
    "tiles": tiles(5, 4),
    "many": tiles(12, 12),
    "one": [shapely.Point(0, 0).buffer(1, quad_segs=1250)],
    "hole and its filling": [shapely.box(1, 1, 2, 2), RING],
    "islands": [ISLAND, shapely.box(0.5, 0.5, 3.5, 3.5)],
    "corners that touch": [shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(0, 1, 1, 2)],
    "overlaps": [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3), shapely.box(0, 0, 3, 3)],
    "children with a gap, then their parent": [
        shapely.box(0, 0, 1, 1),
        shapely.box(1.1, 0, 2, 1),
        shapely.box(0, 0, 2, 1),
    ],
    "spike": [SPIKE, shapely.box(0, -1, 8, 1)],
    "near the pole": tiles(3, 3, west=-179, south=89.9),
    "southern": tiles(3, 3, west=-70, south=-35),
}


@pytest.mark.parametrize("squares", [1, 64, 1 << 12, 1 << 18])
@pytest.mark.parametrize("world", WORLDS)
def test_the_index_follows_the_rule_on_hard_points(world: str, squares: int) -> None:
    polygons = WORLDS[world]
    points = hard_points(polygons)
    index = CellIndex.build(polygons, squares)
    expected = rule(polygons, points)
    assert np.array_equal(index.locate(*points.T), expected)
    assert [index.locate_one(*point) for point in points[:500].tolist()] == expected[:500].tolist()
    assert len(set(expected.tolist())) > 1


@pytest.mark.parametrize("world", ["tiles", "overlaps", "spike"])
def test_points_on_the_lines_between_squares_are_no_exception(world: str) -> None:
    polygons = WORLDS[world]
    index = CellIndex.build(polygons, 1 << 12)
    ruling = index._ruling
    lines_x = ruling.west + np.arange(ruling.columns) / ruling.per_degree[0]
    lines_y = ruling.south + np.arange(ruling.rows) / ruling.per_degree[1]
    crossings = np.stack(np.meshgrid(lines_x, lines_y), -1).reshape(-1, 2)
    points = np.vstack([crossings, np.nextafter(crossings, np.inf), np.nextafter(crossings, -np.inf)])
    assert np.array_equal(index.locate(*points.T), rule(polygons, points))


corners = st.integers(-20, 20)


@given(
    st.lists(st.tuples(corners, corners, st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(-44, 60), st.integers(-44, 60)), min_size=1, max_size=30),
    st.sampled_from([1, 50, 4000]),
)
def test_any_boxes_any_points_any_ruling(
    boxes: list[tuple[int, int, int, int]], halves: list[tuple[int, int]], squares: int
) -> None:
    polygons = [shapely.box(x / 10, y / 10, (x + width) / 10, (y + height) / 10) for x, y, width, height in boxes]
    points = np.array(halves) / 20
    assert np.array_equal(CellIndex.build(polygons, squares).locate(*points.T), rule(polygons, points))


def test_what_is_no_place_is_outside() -> None:
    index = CellIndex.build(tiles(2, 2))
    nowhere = [np.nan, np.inf, -np.inf, 1e308, -1e308]
    assert index.locate(nowhere, [22.6] * 5).tolist() == [-1] * 5
    assert index.locate([114.3] * 5, nowhere).tolist() == [-1] * 5
    assert [index.locate_one(value, value) for value in nowhere] == [-1] * 5


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 4), ()])
def test_the_answer_has_the_shape_of_the_question(shape: tuple[int, ...]) -> None:
    assert CellIndex.build(tiles(2, 2)).locate(np.zeros(shape), np.zeros(shape)).shape == shape


def test_more_points_than_one_chunk() -> None:
    polygons = tiles(4, 4)
    points = np.random.default_rng(3).uniform((114.29, 22.59), (114.4, 22.7), (100_000, 2))
    assert np.array_equal(CellIndex.build(polygons).locate(*points.T), rule(polygons, points))


def test_no_polygons_no_cells() -> None:
    assert CellIndex.build([]).locate([0.0, 114.4], [0.0, 22.6]).tolist() == [-1, -1]


def test_a_grid_across_the_antimeridian_is_refused() -> None:
    with pytest.raises(AcrossAntimeridian, match="180"):
        CellIndex.build([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])


@pytest.mark.parametrize("threads", [1, 2])
def test_a_lineage_answers_for_every_level_at_once(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gisgrid.grid.index.PART", 1000)
    polygons = tiles(4, 4)
    points = np.random.default_rng(4).uniform((114.28, 22.58), (114.4, 22.7), (10_000, 2))
    lineage = np.array([(row // 4, row) for row in range(16)] + [(-1, -1)], dtype=np.int16)
    found = CellIndex.build(polygons).locate(*points.T, lineage=lineage, threads=threads)
    assert np.array_equal(found, lineage[rule(polygons, points)])


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
@pytest.mark.parametrize("shape", [(0,), (3,), (2, 3), (0, 3)])
def test_a_lineage_of_any_width_and_points_of_any_shape(kind: type[np.signedinteger], shape: tuple[int, ...]) -> None:
    lineage = np.array([(7, 8, 9), (-1, -1, -1)], dtype=kind)
    found = CellIndex.build([shapely.box(0, 0, 1, 1)]).locate(np.zeros(shape), np.zeros(shape), lineage=lineage)
    assert (found.shape, found.dtype) == ((*shape, 3), kind)
    assert (found == (7, 8, 9)).all()


@pytest.mark.parametrize("world", WORLDS)
def test_a_saved_and_a_sent_index_answer_the_same(world: str, tmp_path: Path) -> None:
    polygons = WORLDS[world]
    points = hard_points(polygons)
    index = CellIndex.build(polygons, 1 << 12)
    index.save(tmp_path / "a.index")
    expected = index.locate(*points.T)
    for other in (CellIndex.open(tmp_path / "a.index"), pickle.loads(pickle.dumps(index))):  # noqa: S301 - our own
        found = other.locate(*points.T)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
        assert [other.locate_one(*point) for point in points[:200].tolist()] == expected[:200].tolist()


def test_an_opened_index_can_be_sent_and_saved_again(tmp_path: Path) -> None:
    CellIndex.build(tiles(3, 3)).save(tmp_path / "a.index")
    opened = CellIndex.open(tmp_path / "a.index")
    opened.save(tmp_path / "b.index")
    assert (tmp_path / "b.index").read_bytes() == (tmp_path / "a.index").read_bytes()
    assert pickle.loads(pickle.dumps(opened)).locate(114.31, 22.61) == opened.locate(114.31, 22.61)  # noqa: S301


def test_an_index_of_nothing_can_be_saved(tmp_path: Path) -> None:
    CellIndex.build([]).save(tmp_path / "a.index")
    assert CellIndex.open(tmp_path / "a.index").locate([114.4], [22.6]).tolist() == [-1]


def test_polygons_come_back_prepared(tmp_path: Path) -> None:
    """Unprepared, each look-up near a border would walk round the whole polygon."""
    index = CellIndex.build(tiles(2, 2))
    index.save(tmp_path / "a.index")
    for other in (CellIndex.open(tmp_path / "a.index"), pickle.loads(pickle.dumps(index))):  # noqa: S301 - our own
        assert shapely.is_prepared(other._polygons).all()
