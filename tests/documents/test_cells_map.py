import re
from xml.etree import ElementTree

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.documents.cells_map import HATCHED, WIDTH, Area, cells_map

WEST = Area("西站", "40.0%", shapely.box(114.40, 22.60, 114.44, 22.64), "#aaaaaa")
EAST = Area("东站", "n/a", shapely.box(114.44, 22.60, 114.48, 22.64), HATCHED)
TINY = Area("小站", "7.0%", shapely.box(114.48, 22.60, 114.4801, 22.6001), "#bbbbbb")
LEGEND = {"#aaaaaa": "20–40%", HATCHED: "n/a"}


def drawn(svg):
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    words = [each.text for each in root.iter() if each.tag.endswith("text") and each.attrib["fill"] != "none"]
    areas = [each.attrib for each in root.iter() if each.attrib.get("fill-rule")]
    return words, areas, float(root.attrib["height"])


def test_each_cell_has_its_tint_its_name_and_its_value():
    svg = cells_map([WEST, EAST], LEGEND, [shapely.box(114.40, 22.60, 114.48, 22.64)])
    words, areas, _ = drawn(svg)
    assert [area["fill"] for area in areas] == ["#aaaaaa", HATCHED]
    assert words == ["西站", "40.0%", "东站", "n/a", "2 km", "北 N", "20–40%", "n/a"]
    assert svg.count('stroke-width="2.2"') == 1
    assert 'id="hatched"' in svg
    assert cells_map([WEST, EAST], LEGEND, [shapely.box(114.40, 22.60, 114.48, 22.64)]) == svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_cell_too_small_for_its_name_has_a_number_and_stands_below():
    words, areas, height = drawn(cells_map([WEST, EAST, TINY], LEGEND))
    assert len(areas) == 3
    assert words[4] == "1"
    assert words[-1] == "1  小站  7.0%"
    assert height > drawn(cells_map([WEST, EAST], LEGEND))[2]


def test_neighbours_keep_their_common_border():
    _, (west, east), _ = drawn(cells_map([WEST, EAST], LEGEND))
    pairs = [{pair for pair in re.split("[MLZ]", area["d"]) if pair} for area in (west, east)]
    assert len(pairs[0] & pairs[1]) == 2


@pytest.mark.parametrize("name", ["<script>", "a&b", "\x00\u2028甲", "长" * 99])
def test_names_are_text_and_never_too_long(name):
    words, _, _ = drawn(cells_map([Area(name, "1%", WEST.shape, "#aaaaaa")], LEGEND))
    assert all(len(word) <= 30 for word in words)


def test_no_cells_are_an_empty_map():
    assert drawn(cells_map([], LEGEND))[1] == []


@given(
    st.lists(
        st.tuples(st.floats(114.4, 114.6), st.floats(22.5, 22.7), st.floats(0.0001, 0.1), st.floats(0.0001, 0.1)),
        min_size=1,
        max_size=30,
    )
)
def test_everything_stays_on_the_sheet(boxes):
    cells = [
        Area(f"第{n}站", f"{n}.0%", shapely.box(x, y, x + a, y + b), "#aaaaaa") for n, (x, y, a, b) in enumerate(boxes)
    ]
    svg = cells_map(cells, LEGEND)
    words, areas, height = drawn(svg)
    for area in areas:
        for pair in filter(None, re.split("[MLZ]", area["d"])):
            across, down = map(float, pair.split())
            assert -0.1 <= across <= WIDTH + 0.1
            assert -0.1 <= down <= height + 0.1
    for across, down in re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"', svg):
        assert 0 <= float(across) <= WIDTH
        assert 0 <= float(down) <= height
    shown = " ".join(words)
    assert all(f"{n}.0%" in shown for n in range(len(boxes)))
