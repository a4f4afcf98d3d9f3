import re
from importlib.resources import files

from gisgrid.coverage.told.drawn import TINTS, drawn_map
from gisgrid.maps.classes import COVERAGE, NOT_AVAILABLE
from tests.coverage.reports import GONE, SHAPES, a_report, cells


def test_the_tints_are_those_of_the_browser():
    css = files("gisgrid.maps").joinpath("static/map.css").read_text().partition("}")[0]  # what is printed is light
    assert set(TINTS) == {*(each.css for each in COVERAGE), NOT_AVAILABLE}
    assert {name: TINTS[name] for name, _ in re.findall(r"--(c\d): (#\w+)", css)} == dict(
        re.findall(r"--(c\d): (#\w+)", css)
    )


def test_the_finest_cells_are_drawn_with_their_values_and_the_borders_above():
    svg = drawn_map(a_report(*cells(SW=GONE), level="all"), SHAPES)
    assert re.findall(r'fill="([^"]*)" stroke="#5b6b7a" stroke-width="1" ', svg) == [
        TINTS["c5"],
        TINTS["c4"],
        TINTS["na"],
    ]
    for part in (">东北<", ">90.0%<", ">西北<", ">70.0%<", ">西南<", ">n/a<", ">0–20%<", ">80–100%<"):
        assert part in svg
    assert "葵涌" not in svg
    assert svg.count('stroke-width="2.2"') == 2


def test_a_cell_without_a_shape_is_not_drawn():
    svg = drawn_map(a_report(), {"NE": SHAPES["NE"]})
    assert "90.0%" in svg
    assert "70.0%" not in svg
    assert "<svg" in drawn_map(a_report(cells=[]), {})
