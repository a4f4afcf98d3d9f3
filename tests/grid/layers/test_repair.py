"""No border may move further than the tolerance: measured here anew, by distances between the old and new borders."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as doses
from hypothesis import strategies as st

from gisgrid.geometry import from_metric, to_metric
from gisgrid.grid.layers.check import Rules, check_cells
from gisgrid.grid.layers.nest import nest_faults
from gisgrid.grid.layers.pieces import Limits
from gisgrid.grid.layers.repair import Change, Plane, repair
from gisgrid.grid.tables import LEVELS
from gisgrid.sample.cells import sample_cells
from tests.doses import dose
from tests.grid.builders import METRIC, changed, nested_squares, only

LIMITS = Limits(0.5, METRIC)
CELLS = nested_squares(2, 2, 2)


def largest_move(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> float:
    """Return the largest distance in metres from a vertex of one border to the other border, either way."""
    before = shapely.boundary(to_metric(old.geometry.to_numpy(), METRIC))
    after = shapely.boundary(to_metric(new.geometry.to_numpy(), METRIC))
    moves = [0.0]
    for one, other in zip(before, after, strict=True):
        for vertices, border in ((one, other), (other, one)):
            moves.append(float(shapely.distance(shapely.points(shapely.get_coordinates(vertices)), border).max()))
    return max(moves)


def notes_and_faults(cells: gpd.GeoDataFrame) -> list[str]:
    told = cells.assign(file="", row=1, parent_code=cells["parent_code"].fillna(""))
    return [fault.zh for fault in nest_faults(told, LIMITS)]


def test_a_good_set_is_not_touched() -> None:
    repaired, changes = repair(CELLS, LIMITS)
    assert changes == []
    assert all(new is old for new, old in zip(repaired.geometry, CELLS.geometry, strict=True))


def test_gaps_and_overlaps_within_the_tolerance_are_closed_on_all_levels() -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.2, -1000, 1999.7, 0.1))
    assert notes_and_faults(cells)
    repaired, changes = repair(cells, LIMITS)
    assert notes_and_faults(repaired) == []
    assert 0 < largest_move(cells, repaired) <= 0.5
    told = {change.code: change for change in changes}
    assert told["440307009001001"] == Change("substation", "440307009001001", 2, pytest.approx(0.2, abs=0.001), False)
    assert max(change.largest_move_m for change in changes) == pytest.approx(largest_move(cells, repaired), abs=1e-6)


def test_what_is_changed_is_told_and_nothing_else_changes() -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.2, -1000, 2000, 0))
    repaired, changes = repair(cells, LIMITS)
    differing = [
        code for code, old, new in zip(cells["code"], cells.geometry, repaired.geometry, strict=True) if old is not new
    ]
    assert sorted(change.code for change in changes) == differing
    assert "440307009002002" not in differing


def test_coordinates_are_those_of_the_files() -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.2, -1000, 2000, 0))
    repaired, _ = repair(cells, LIMITS)
    before = {tuple(xy) for xy in shapely.get_coordinates(cells.geometry.to_numpy())}
    after = {tuple(xy) for xy in shapely.get_coordinates(repaired.geometry.to_numpy())}
    assert len(after - before) <= 2, "but where edges cross"


def test_cells_far_from_a_gap_keep_every_bit() -> None:
    cells = sample_cells()
    code = "440307009005001"
    row = cells.index[cells["code"] == code][0]
    cells.loc[row, "geometry"] = from_metric(to_metric(cells.geometry[row], METRIC).buffer(-0.1), METRIC)
    repaired, changes = repair(cells, LIMITS)
    near = cells["code"][shapely.dwithin(cells.geometry.to_numpy(), cells.geometry[row], 1e-5)]
    assert code in {change.code for change in changes} <= set(near)
    before = {tuple(xy) for xy in shapely.get_coordinates(cells.geometry.to_numpy())}
    after = {tuple(xy) for xy in shapely.get_coordinates(repaired.geometry.to_numpy())}
    assert after <= before, "no coordinate is new where no edges cross"


@given(st.lists(st.tuples(st.floats(113.5, 115), st.floats(22, 23)), min_size=3, max_size=50))
def test_the_way_back_from_the_plane_is_exact(corners: list[tuple[float, float]]) -> None:
    line = shapely.LineString(corners)
    plane = Plane(shapely.get_coordinates(line))
    assert shapely.get_coordinates(plane.back(plane.there(line))).tolist() == [list(corner) for corner in corners]


def test_what_is_wider_than_the_tolerance_stays_and_the_rest_is_repaired() -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.2, -1000, 2000, 0))
    cells = changed(cells, "440307009002004", lambda _: shapely.box(2997, -2000, 4000, -1000))
    repaired, changes = repair(cells, LIMITS)
    assert [change.code for change in changes if change.is_kept] == ["440307009002004"]
    assert largest_move(cells, repaired) <= 0.5
    (fault,) = [fault for fault in notes_and_faults(repaired) if "宽 3.00 m" in fault]
    assert "重叠" in fault


def grown(cells: gpd.GeoDataFrame, code: str, by_m: float) -> gpd.GeoDataFrame:
    """One cell larger by some metres all round."""
    larger = from_metric(to_metric(cells.geometry[cells["code"] == code].iloc[0], METRIC).buffer(by_m), METRIC)
    shapes = [larger if own == code else old for own, old in zip(cells["code"], cells.geometry, strict=True)]
    return cells.assign(geometry=shapes).set_crs(cells.crs)


def wrongs(cells: gpd.GeoDataFrame) -> dict[tuple[str, str], float]:
    """Return square metres by kind and level, and the number of cells that do not match their neighbours."""
    told = cells.assign(file="", row=1, parent_code=cells["parent_code"].fillna(""))
    found: dict[tuple[str, str], float] = {}
    for fault in nest_faults(told, LIMITS):
        key = (fault.kind, str(fault.level))
        found[key] = found.get(key, 0) + (fault.area_m2 or 0)
    for level in LEVELS:
        edges = shapely.coverage_invalid_edges(only(cells, level).geometry.to_numpy())
        found["unmatched", level] = int((~shapely.is_empty(edges)).sum())
    return found


def assert_no_worse(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> None:
    old = wrongs(before)
    for key, size in wrongs(after).items():
        assert size <= old.get(key, 0) * 1.001, (key, size, old.get(key, 0))


@doses(max_examples=dose(4))
@given(st.sampled_from(only(sample_cells(), "substation")["code"].tolist()), st.floats(0.01, 0.6))
def test_no_level_is_worse_after_repair(code: str, by_m: float) -> None:
    cells = grown(sample_cells(), code, by_m)
    repaired, changes = repair(cells, LIMITS)
    assert_no_worse(cells, repaired)
    if any(change.is_kept for change in changes):
        assert [change.code for change in changes if not change.is_kept] == []


def test_where_a_child_is_kept_its_parents_and_neighbours_are_too() -> None:
    cells = changed(CELLS, "440307009001002", lambda shape: shape.buffer(0.25))
    cells = changed(cells, "440307009002001", lambda _: shapely.box(2003, -1000, 3000, 0))
    repaired, changes = repair(cells, LIMITS)
    assert any(change.is_kept for change in changes)
    assert_no_worse(cells, repaired)
    same = [old is new for old, new in zip(cells.geometry, repaired.geometry, strict=True)]
    assert all(same), "all that was to change borders on it"


def test_changes_below_a_millimetre_are_not_made() -> None:
    cells = sample_cells()
    is_finest = (cells["level"] == "substation").to_numpy()
    there_and_back = cells.geometry[is_finest].to_crs(METRIC).to_crs(cells.crs).to_numpy()
    noisy = cells.copy()
    noisy.loc[is_finest, "geometry"] = there_and_back
    repaired, changes = repair(noisy, LIMITS)
    assert changes == []
    assert all(old is new for old, new in zip(noisy.geometry, repaired.geometry, strict=True))


def test_a_real_change_does_not_draw_rounding_after_it() -> None:
    cells = sample_cells()
    is_finest = (cells["level"] == "substation").to_numpy()
    cells.loc[is_finest, "geometry"] = cells.geometry[is_finest].to_crs(METRIC).to_crs(cells.crs).to_numpy()
    cells = grown(cells, "440307009005001", -0.1)
    repaired, changes = repair(cells, LIMITS)
    assert changes
    assert min(change.largest_move_m for change in changes) >= 0.001
    told = {change.code for change in changes}
    moved = {
        code for code, old, new in zip(cells["code"], cells.geometry, repaired.geometry, strict=True) if old is not new
    }
    assert told <= moved
    assert len(moved) < len(cells) / 2


def test_bow_ties_are_left_alone() -> None:
    bow_tie = shapely.Polygon([(1000, 0), (2000, -1000), (2000, 0), (1000, -1000)])
    cells = changed(CELLS, "440307009001002", lambda _: bow_tie)
    repaired, _ = repair(cells, LIMITS)
    row = cells.index[cells["code"] == "440307009001002"][0]
    assert repaired.geometry[row] is cells.geometry[row]


@pytest.mark.parametrize("levels", [["substation"], ["street", "substation"], ["street"]])
def test_levels_may_be_missing(levels: list[str]) -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.2, -1000, 2000, 0))
    some = cells[cells["level"].isin(levels)].reset_index(drop=True)
    repaired, _ = repair(some, LIMITS)
    assert largest_move(some, repaired) <= 0.5
    finest = only(repaired, "substation").geometry.to_numpy()
    assert shapely.coverage_is_valid(finest)


def shifted(cells: gpd.GeoDataFrame, far_m: float, seed: int) -> gpd.GeoDataFrame:
    """Every cell on its own, moved a little and every vertex of it a little more: no border is shared any longer."""
    numbers = np.random.default_rng(seed)

    def move(xy: np.ndarray) -> np.ndarray:
        moved = xy + numbers.uniform(-far_m / 2, far_m / 2, 2) + numbers.uniform(-far_m / 4, far_m / 4, xy.shape)
        moved[-1] = moved[0]
        return moved

    shapes = [from_metric(shapely.transform(to_metric(shape, METRIC), move), METRIC) for shape in cells.geometry]
    return cells.assign(geometry=shapes).set_crs(cells.crs)


@doses(max_examples=dose(6))
@given(far_m=st.floats(0.001, 2.0), seed=st.integers(0, 2**32 - 1), tolerance_m=st.sampled_from([0.1, 0.5, 1.0]))
def test_no_border_moves_further_than_the_tolerance(far_m: float, seed: int, tolerance_m: float) -> None:
    cells = shifted(CELLS, far_m, seed)
    repaired, changes = repair(cells, Limits(tolerance_m, METRIC))
    assert largest_move(cells, repaired) <= tolerance_m + 1e-9
    for change in changes:
        assert change.is_kept == (change.largest_move_m > tolerance_m)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))])
def test_a_real_net_whose_cells_were_drawn_one_by_one_nests_after_repair(seed: int) -> None:
    cells = shifted(sample_cells(), 0.2, seed)
    rules = Rules({"street": 1, "community": 9, "substation": 22}, 0.5, METRIC)
    assert check_cells(cells, rules)
    repaired, changes = repair(cells, LIMITS)
    assert [change for change in changes if change.is_kept] == []
    assert check_cells(repaired, rules) == []
    assert largest_move(cells, repaired) <= 0.5
