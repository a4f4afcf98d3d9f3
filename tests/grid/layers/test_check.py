import dataclasses

import pytest
import shapely

from gisgrid.geometry import from_metric
from gisgrid.grid.layers.check import Rules, check_cells
from gisgrid.sample.cells import sample_cells
from tests.grid.builders import METRIC, changed, nested_squares

RULES = Rules({"street": 1, "community": 3, "substation": 6}, 0.5, METRIC)
CELLS = nested_squares()


def test_a_good_set_has_neither_faults_nor_notes() -> None:
    assert check_cells(CELLS, RULES) == []


def test_the_sample_is_a_good_set() -> None:
    assert check_cells(sample_cells(), Rules({"street": 1, "community": 9, "substation": 22}, 0.5, METRIC)) == []


def test_all_kinds_of_fault_are_told_at_once() -> None:
    cells = changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0))
    bow_tie = shapely.Polygon([(4000, 0), (5000, -1000), (5000, 0), (4000, -1000)])
    cells = changed(cells, "440307009003001", lambda _: bow_tie)
    cells = cells[cells["code"] != "440307009002001"].replace({"code": {"440307009003002": "7"}})
    assert [(fault.kind, fault.level) for fault in check_cells(cells, RULES) if not fault.is_note] == [
        ("count", "substation"),
        ("code", "substation"),
        ("ring", "substation"),
        ("overlap", "community"),
        *[("gap", "substation")] * 3,  # beside both lobes of the bow-tie, and where a cell is missing
    ]


@pytest.mark.parametrize(("any_code", "kinds"), [(False, {"code"}), (True, set())])
def test_the_form_of_codes_is_a_rule(any_code: bool, kinds: set[str]) -> None:
    cells = CELLS.replace({"code": {"440307009003002": "7"}})
    found = check_cells(cells, dataclasses.replace(RULES, any_code=any_code))
    assert {fault.kind for fault in found} == kinds


def test_measures_are_metres_whatever_the_metric_system() -> None:
    """EPSG:3857 would stretch two metres to 2.17 here; the rules name a system that does not."""
    cells = changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0))
    for metric_crs in (METRIC, "EPSG:4526", "EPSG:32650"):
        (fault,) = [f for f in check_cells(cells, dataclasses.replace(RULES, metric_crs=metric_crs)) if not f.is_note]
        assert fault.width_m == pytest.approx(2, rel=0.01)


def test_a_set_without_a_parent_column_of_text_is_taken_too() -> None:
    assert check_cells(CELLS.astype({"parent_code": "str"}), RULES) == []


def test_places_are_degrees() -> None:
    cells = changed(CELLS, "440307009001", lambda _: shapely.box(0, -1000, 2002, 0))
    fault = check_cells(cells, RULES)[0]
    there = from_metric(shapely.Point(502_001, 2_505_500), METRIC)
    assert (fault.longitude, fault.latitude) == pytest.approx((there.x, there.y), abs=0.005)
