"""The small grid: communities of 2 × 1 km side by side, each of two substations of a square kilometre."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gisgrid.geometry import to_metric
from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.nest import _holder, enclosed_gaps, nest_faults, net_of
from gisgrid.grid.layers.pieces import Limits, Piece
from gisgrid.sample.cells import sample_cells
from tests.grid.builders import METRIC, NORTH, WEST, changed, nested_squares, only, write_levels

LIMITS = Limits(0.5, METRIC)
CELLS = nested_squares()
FIRST, SECOND = "440307009001001", "440307009001002"


def told(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cells.assign(file=cells["level"] + ".shp", row=1, parent_code=cells["parent_code"].fillna(""))


def found_in(cells: gpd.GeoDataFrame) -> tuple[list[Fault], list[Fault]]:
    """Return faults and notes."""
    found = nest_faults(told(cells), LIMITS)
    return [fault for fault in found if not fault.is_note], [fault for fault in found if fault.is_note]


def metres(fault: Fault) -> tuple[int, int]:
    """Return a fault's place in metres from the north-west corner."""
    there = to_metric(shapely.Point(fault.longitude, fault.latitude), METRIC)
    return round(there.x - WEST), round(there.y - NORTH)


def test_nested_squares_nest() -> None:
    assert found_in(CELLS) == ([], [])


def test_cells_with_vertices_of_their_own_on_a_straight_border_nest() -> None:
    corner = np.array([114.0, 22.0])
    west, east = shapely.box(0, 0, 1, 1), shapely.Polygon([(1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5)])
    cells = CELLS.iloc[2:4].assign(geometry=shapely.transform([west, east], lambda xy: corner + xy / 128))
    assert found_in(cells) == ([], []), "nothing between them, though their vertices differ"


@pytest.mark.parametrize("overlap_m", [0.6, 2.0, 50.0])
def test_an_overlap_is_measured_and_placed(overlap_m: float) -> None:
    wider = changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2000 + overlap_m, 0))
    (fault,), _ = found_in(wider)
    assert (fault.kind, fault.level, fault.file) == ("overlap", "community", "community.shp")
    assert fault.codes == ("440307009001", "440307009002")
    assert fault.width_m == pytest.approx(overlap_m, rel=0.01)
    assert fault.area_m2 == pytest.approx(1000 * overlap_m, rel=0.001)
    assert metres(fault)[0] == pytest.approx(2000 + overlap_m / 2, abs=1)
    assert "440307009001 社区1 与 440307009002 社区2 重叠" in fault.zh
    assert fault.geometry is not None
    assert fault.geometry.geom_type == "MultiPolygon"


def test_an_overlap_within_the_tolerance_is_a_note() -> None:
    faults, notes = found_in(changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2000.4, 0)))
    assert faults == []
    (note,) = [note for note in notes if note.kind == "overlap"]
    assert "1 place" in note.en
    assert (note.codes, note.file) == (("440307009001", "440307009002"), "community.shp")
    assert note.width_m == pytest.approx(0.4, rel=0.01)


@pytest.mark.parametrize(("communities", "named"), [(5, 20), (6, 0)])
def test_a_note_names_cells_where_they_are_few(communities: int, named: int) -> None:
    cells = nested_squares(communities, 2, 2)
    for code in cells.loc[cells["level"] == "substation", "code"]:
        cells = changed(cells, code, lambda shape: shape.buffer(-0.1, join_style="mitre"))
    _, notes = found_in(cells)
    (note,) = [note for note in notes if note.kind == "gap"]
    assert (note.level, len(note.codes), note.file) == ("substation", named, "substation.shp")
    assert "--repair" in note.remedy_zh


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:32650", "EPSG:4526"])
def test_a_level_that_was_projected_and_back_nests_with_the_others(crs: str, tmp_path: Path) -> None:
    cells = sample_cells()
    (path,) = write_levels(only(cells, "substation"), tmp_path, ".gpkg", crs)
    there_and_back = gpd.read_file(path).to_crs(cells.crs).set_index("code").geometry
    shapes = [there_and_back.get(code, old) for code, old in zip(cells["code"], cells.geometry, strict=True)]
    assert found_in(cells.assign(geometry=shapes).set_crs(cells.crs)) == ([], [])


def test_a_trespass_never_leads_into_the_parent_itself() -> None:
    parents = only(CELLS, "community")
    there = parents.geometry[0].representative_point()
    on_the_spot = Piece(there, 1.0, 1.0, there.x, there.y)
    net = net_of(told(CELLS), "community")
    assert _holder(net, on_the_spot).startswith("440307009001 ")
    assert _holder(net, on_the_spot, but=0) == ""


def test_the_tolerance_decides() -> None:
    wider = told(changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2000.4, 0)))
    assert [f.kind for f in nest_faults(wider, Limits(0.3, METRIC)) if not f.is_note] == ["overlap"]


def test_several_places_of_a_pair_are_one_fault() -> None:
    teeth = [shapely.box(1999, -300, 2004, -200), shapely.box(1999, -700, 2007, -600)]
    jagged = shapely.union_all([shapely.box(0, -1000, 2000, 0), *teeth])
    (fault,), _ = found_in(changed(CELLS, "440307009001", lambda _: jagged))
    assert "2 places, 7.00 m at the widest" in fault.en
    assert fault.area_m2 == pytest.approx(1100, rel=0.001)
    assert metres(fault)[1] == pytest.approx(-650, abs=50)


@pytest.mark.parametrize("inner", [shapely.box(200, -800, 800, -200), shapely.box(0, -1000, 1000, 0)])
def test_a_cell_inside_another_and_one_drawn_twice_overlap(inner: shapely.Geometry) -> None:
    faults, _ = found_in(changed(CELLS, SECOND, lambda _: inner))
    assert {fault.kind for fault in faults} == {"overlap", "gap"}
    (overlap,) = [fault for fault in faults if fault.kind == "overlap"]
    assert overlap.codes == (FIRST, SECOND)
    assert overlap.area_m2 == pytest.approx(inner.area, rel=0.001)


def test_a_gap_is_measured_placed_and_its_neighbours_named() -> None:
    narrower = changed(CELLS, SECOND, lambda _: shapely.box(1000, -1000, 1997, 0))
    (fault,), _ = found_in(narrower)
    assert (fault.kind, fault.level) == ("gap", "substation")
    assert fault.codes == (FIRST, SECOND, "440307009002001")
    assert fault.width_m == pytest.approx(3, rel=0.01)
    assert fault.area_m2 == pytest.approx(3000, rel=0.001)
    assert metres(fault)[0] in (1998, 1999)
    assert "440307009001 社区1" in fault.zh


def test_a_missing_substation_is_a_gap_as_large_as_it_was() -> None:
    (fault,), _ = found_in(CELLS[CELLS["code"] != SECOND])
    assert fault.kind == "gap"
    assert fault.area_m2 == pytest.approx(1e6, rel=0.001)


def test_a_community_without_substations_is_a_gap() -> None:
    (fault,), _ = found_in(CELLS[CELLS["parent_code"] != "440307009002"])
    assert fault.area_m2 == pytest.approx(2e6, rel=0.001)
    assert "440307009002 社区2" in fault.en


def test_a_community_that_reaches_out_of_the_street_is_told_once() -> None:
    (fault,), _ = found_in(changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2000, 30)))
    assert (fault.kind, fault.codes) == ("outside", ("440307009001", "440307009"))


def test_a_missing_community_is_told_once() -> None:
    cells = CELLS[~CELLS["code"].str.startswith("440307009002")]
    (fault,), _ = found_in(cells)
    assert (fault.kind, fault.level) == ("gap", "community")


def test_a_cell_that_reaches_out_of_its_parent_is_told_with_where_it_reaches() -> None:
    cells = changed(CELLS, SECOND, lambda _: shapely.box(1000, -1000, 2030, 0))
    cells = changed(cells, "440307009002001", lambda _: shapely.box(2030, -1000, 3000, 0))
    (fault,), _ = found_in(cells)
    assert (fault.kind, fault.codes) == ("outside", (SECOND, "440307009001"))
    assert "into 440307009002 社区2, 30.00 m wide" in fault.en
    assert fault.area_m2 == pytest.approx(30_000, rel=0.001)


def test_a_cell_in_another_parent_than_it_says_lies_outside_it_altogether() -> None:
    cells = CELLS.assign(parent_code=CELLS["parent_code"].where(CELLS["code"] != FIRST, "440307009003"))
    (fault,), _ = found_in(cells)
    assert (fault.kind, fault.codes) == ("outside", (FIRST, "440307009003"))
    assert fault.area_m2 == pytest.approx(1e6, rel=0.001)


def test_a_lake_left_out_on_all_levels_is_no_gap() -> None:
    lake = shapely.box(900, -600, 1100, -400)  # across the border of two substations
    cells = CELLS
    for code in (FIRST, SECOND, "440307009001", "440307009"):
        cells = changed(cells, code, lambda shape: shape.difference(lake))
    faults, notes = found_in(cells)
    assert faults == []
    assert all(note.width_m is not None and note.width_m < 1e-3 for note in notes), "at most rounding"


def test_a_lake_left_out_below_alone_is_a_gap() -> None:
    lake = shapely.box(900, -600, 1100, -400)
    cells = CELLS
    for code in (FIRST, SECOND):
        cells = changed(cells, code, lambda shape: shape.difference(lake))
    (fault,), _ = found_in(cells)
    assert (fault.kind, fault.level) == ("gap", "substation")
    assert fault.area_m2 == pytest.approx(40_000, rel=0.001)


def test_everything_is_told_at_once() -> None:
    cells = changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0))
    bow_tie = shapely.Polygon([(4000, 0), (5000, -1000), (5000, 0), (4000, -1000)])
    cells = changed(cells, "440307009003001", lambda _: bow_tie)
    cells = changed(cells, "440307009003002", lambda _: shapely.box(5000, -1000, 6000, 3))
    faults, _ = found_in(cells[cells["code"] != "440307009002001"])
    assert sorted((fault.kind, fault.level) for fault in faults) == [
        ("gap", "substation"),  # beside both lobes of the bow-tie
        ("gap", "substation"),
        ("gap", "substation"),  # the missing cell
        ("outside", "substation"),
        ("overlap", "community"),
    ]


def test_gaps_between_cells_without_a_level_above() -> None:
    hole = shapely.box(900, -600, 1100, -400)
    cells = CELLS
    for code in (FIRST, SECOND):
        cells = changed(cells, code, lambda shape: shape.difference(hole))
    cells = changed(cells, "440307009003001", lambda shape: shape.difference(shapely.box(4400, -600, 4500, -500)))
    (fault,) = enclosed_gaps(net_of(told(cells), "substation"), LIMITS)
    assert fault.codes == (FIRST, SECOND), "the lake inside one cell is none"
    assert fault.area_m2 == pytest.approx(40_000, rel=0.001)


@pytest.mark.parametrize("levels", [["street"], ["substation"], ["community", "substation"], []])
def test_levels_may_be_missing(levels: list[str]) -> None:
    assert found_in(CELLS[CELLS["level"].isin(levels)]) == ([], [])
