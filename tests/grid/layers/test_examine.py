"""From files to a verdict, the way the commands go."""

import time
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gisgrid.geometry import from_metric, to_metric
from gisgrid.grid.layers.check import Rules
from gisgrid.grid.layers.examine import Examined, Wishes, examine
from gisgrid.grid.layers.gather import Reading
from gisgrid.sample.cells import sample_cells
from tests.grid.builders import METRIC, changed, densified, nested_squares, only, write_levels

CELLS = nested_squares(3, 2, 2)
RULES = Rules({"street": 1, "community": 3, "substation": 12}, 0.5, METRIC)
READING = Reading(METRIC)


def examined(cells: gpd.GeoDataFrame, folder: Path, **wishes: object) -> Examined:
    return examine(write_levels(cells, folder, ".gpkg"), READING, RULES, Wishes(**wishes))  # type: ignore[arg-type]


def kinds(found: Examined) -> list[str]:
    return [fault.kind for fault in found.faults if not fault.is_note]


def test_good_files_are_acceptable_and_sorted_by_code(tmp_path: Path) -> None:
    found = examined(CELLS, tmp_path)
    assert found.is_acceptable
    assert found.faults == []
    assert found.cells["code"].tolist() == CELLS["code"].tolist()
    assert found.cells["parent_code"].tolist() == CELLS["parent_code"].tolist()
    assert shapely.equals(found.cells.geometry.to_numpy(), CELLS.geometry.to_numpy()).all()


def test_no_file_that_can_be_read_leaves_nothing_but_faults(tmp_path: Path) -> None:
    found = examine(["nowhere.shp"], READING, RULES, Wishes())
    assert not found.is_acceptable
    assert kinds(found) == ["file"]
    assert found.cells.empty


def test_a_note_alone_is_acceptable(tmp_path: Path) -> None:
    found = examined(changed(CELLS, "440307009003", lambda _: shapely.box(4000, -2000, 6000, 0.2)), tmp_path)
    assert found.is_acceptable
    assert found.faults


def test_repair_leaves_nothing_but_rounding(tmp_path: Path) -> None:
    cells = changed(CELLS, "440307009001002", lambda _: shapely.box(1000.3, -1000, 2000, 0))
    found = examined(cells, tmp_path, repair=True)
    assert found.is_acceptable
    assert [fault for fault in found.faults if not (fault.is_note and (fault.width_m or 0) < 0.001)] == []
    assert {change.code for change in found.changes} >= {"440307009001001"}


def test_substations_alone_make_a_whole_grid(tmp_path: Path) -> None:
    found = examined(only(CELLS, "substation"), tmp_path, derive_parents=True)
    assert found.faults == []
    assert found.cells["code"].tolist() == CELLS["code"].tolist()
    assert found.cells["parent_code"].tolist() == CELLS["parent_code"].tolist()


def test_without_the_wish_two_levels_are_missing(tmp_path: Path) -> None:
    assert kinds(examined(only(CELLS, "substation"), tmp_path)) == ["count", "count"]


def test_substations_with_nothing_but_a_community_name_make_a_whole_grid(tmp_path: Path) -> None:
    layer = only(CELLS, "substation")
    named = layer.assign(所属社区=["社区" + code[11] for code in layer["code"]])[["name", "所属社区", "geometry"]]
    path = tmp_path / "网格.gpkg"
    named.to_file(path)
    wishes = Wishes(derive_parents=True, make_codes=True, street_code="440307009")
    found = examine([str(path)], READING, RULES, wishes)
    (note,) = found.faults
    assert note.is_note
    assert "not the official ones" in note.en
    assert found.cells["code"].tolist() == CELLS["code"].tolist()
    assert len(found.proposals) == 15


def test_coded_substations_with_the_name_of_their_community_need_no_other_code(tmp_path: Path) -> None:
    layer = only(CELLS, "substation")
    named = layer.assign(所属社区=["社区" + code[11] for code in layer["code"]])[
        ["code", "name", "所属社区", "geometry"]
    ]
    named.to_file(tmp_path / "网格.gpkg")
    found = examine([str(tmp_path / "网格.gpkg")], READING, RULES, Wishes(derive_parents=True))
    assert found.faults == []
    assert (
        found.cells[["code", "parent_code"]].to_numpy().tolist() == CELLS[["code", "parent_code"]].to_numpy().tolist()
    )


@pytest.mark.parametrize("repair", [False, True])
def test_parents_without_codes_are_not_taken_for_one_another(tmp_path: Path, repair: bool) -> None:
    coded = CELLS["level"] != "community"
    found = examined(CELLS.assign(code=CELLS["code"].where(coded, ""), parent_code=""), tmp_path, repair=repair)
    assert kinds(found) == ["code"], "no false trespass"
    assert found.changes == []


def test_a_file_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    paths = write_levels(CELLS[CELLS["level"] != "substation"], tmp_path, ".gpkg")
    (tmp_path / "substation.gpkg").touch()
    assert kinds(examine([*paths, str(tmp_path / "substation.gpkg")], READING, RULES, Wishes())) == ["file"]


def with_hole(width_m: float) -> gpd.GeoDataFrame:
    """Substations with a hole across the border of two."""
    hole = shapely.box(1000 - width_m / 2, -600, 1000 + width_m / 2, -400)
    layer = only(CELLS, "substation")
    for code in ("440307009001001", "440307009001002"):
        layer = changed(layer, code, lambda shape: shape.difference(hole))
    return layer


def test_a_hole_between_substations_is_a_gap_unless_it_is_meant(tmp_path: Path) -> None:
    found = examined(with_hole(50), tmp_path, derive_parents=True)
    assert kinds(found) == ["gap"]
    lake = examined(with_hole(50), tmp_path, derive_parents=True, keep_holes=True)
    assert kinds(lake) == []
    assert len(only(lake.cells, "street").geometry[0].interiors) == 1


def test_a_hairline_hole_is_closed_before_parents_are_dissolved(tmp_path: Path) -> None:
    found = examined(with_hole(0.3), tmp_path, derive_parents=True, repair=True)
    assert found.faults == []
    assert not only(found.cells, "street").geometry[0].interiors


def test_a_parent_that_cannot_be_derived_is_a_fault_among_the_others(tmp_path: Path) -> None:
    layer = only(CELLS, "substation")[["name", "geometry"]]
    path = tmp_path / "substation.gpkg"
    layer.to_file(path)
    found = examine([str(path)], READING, RULES, Wishes(derive_parents=True))
    assert kinds(found)[0] == "parent"
    assert "count" in kinds(found)


@pytest.mark.parametrize("make_codes", [False, True])
def test_codes_are_made_only_when_asked(tmp_path: Path, make_codes: bool) -> None:
    paths = write_levels(CELLS[CELLS["level"] != "substation"], tmp_path, ".gpkg")
    only(CELLS, "substation")[["name", "geometry"]].to_file(tmp_path / "substation.gpkg")
    found = examine([*paths, str(tmp_path / "substation.gpkg")], READING, RULES, Wishes(make_codes=make_codes))
    assert found.is_acceptable == make_codes
    assert set(kinds(found)) == (set() if make_codes else {"code"})


@pytest.mark.long
def test_fifty_megabytes_are_judged_within_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "big.geojson"
    cells = densified(sample_cells(), 90)
    cells.to_file(path, COORDINATE_PRECISION=15)
    assert path.stat().st_size > 49_000_000
    rules = Rules({"street": 1, "community": 9, "substation": 22}, 0.5, METRIC)
    start = time.monotonic()
    assert examine([str(path)], READING, rules, Wishes()).faults == []
    row = cells.index[cells["code"] == "440307009005"][0]
    cells.loc[row, "geometry"] = from_metric(to_metric(cells.geometry[row], METRIC).buffer(2), METRIC)
    cells.to_file(path, COORDINATE_PRECISION=15)
    found = examine([str(path)], READING, rules, Wishes())
    assert set(kinds(found)) == {"overlap", "outside"}
    assert time.monotonic() - start < 120, "two checks and one more writing"
