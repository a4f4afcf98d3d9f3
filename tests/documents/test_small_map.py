import re
from xml.etree import ElementTree

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.documents.small_map import HEIGHT, HOLDING, WIDTH, small_map

AT = ("事发地点", 114.5, 22.6)
WEST = ("西站", shapely.box(114.49, 22.59, 114.5, 22.61))
EAST = ("东站", shapely.box(114.5, 22.59, 114.51, 22.61))
FAR = ("远站", shapely.box(115.5, 22.59, 115.6, 22.61))


def drawn(svg: str) -> tuple[list[str], list[dict[str, str]]]:
    """Return the words of a map, each once, and its areas."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    found = [element.text for element in root.iter() if element.tag.endswith("text") and "fill" in element.attrib]
    areas = [element.attrib for element in root.iter() if element.attrib.get("fill-rule")]
    return list(dict.fromkeys(each for each in found if each)), areas


def test_cells_points_bar_arrow_and_note_are_on_it() -> None:
    svg = small_map([WEST, EAST, FAR], [("甲", 114.5001, 22.6), ("乙", 114.502, 22.601)], 1500)
    words, areas = drawn(svg)
    assert set(words) == {"西站", "东站", "甲", "乙", "200 m", "北 N", "示意图 illustrative"}
    assert [area["fill"] == HOLDING for area in areas] == [False, True]
    assert small_map([WEST, EAST, FAR], [("甲", 114.5001, 22.6), ("乙", 114.502, 22.601)], 1500) == svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_cell_is_as_large_as_it_is() -> None:
    """A thousandth of a degree of latitude is 111.32 m: of 680 pixels for 680 m, 111.3 pixels."""
    _, (area,) = drawn(small_map([("一", shapely.box(114.5, 22.6, 114.501, 22.601))], [AT], WIDTH))
    corners = [tuple(map(float, pair.split())) for pair in re.split("[MLZ]", area["d"]) if pair]
    assert {y for _, y in corners} == {200.0, 88.7}
    assert {x for x, _ in corners} == {340.0, 442.8}  # 111.32 m × cos 22.6°


def test_holes_and_parts_are_kept() -> None:
    ring = shapely.box(114.49, 22.59, 114.51, 22.61).difference(shapely.box(114.499, 22.599, 114.501, 22.601))
    both = shapely.MultiPolygon([ring, shapely.box(114.4995, 22.5995, 114.5005, 22.6005)])
    _, (area,) = drawn(small_map([("套", both)], [AT]))
    assert area["d"].count("M") == 3


@pytest.mark.parametrize(
    ("zoom_m", "bar"), [(100, "20 m"), (400, "100 m"), (1000, "200 m"), (4000, "1 km"), (20_000, "5 km"), (9, "2 m")]
)
def test_the_bar_is_of_a_round_length(zoom_m: float, bar: str) -> None:
    svg = small_map([], [AT], zoom_m)
    assert bar in drawn(svg)[0]
    length = float(re.search(r"H([\d.]+)V", svg)[1]) - 14
    metres = float(bar.split(maxsplit=1)[0]) * (1000 if "km" in bar else 1)
    assert length == pytest.approx(metres / zoom_m * WIDTH, abs=0.1)


def test_names_are_text_and_never_too_long() -> None:
    words, _ = drawn(small_map([("<b>&\x00\u2028" + "长" * 99, WEST[1])], [("<script>", 114.5, 22.6)]))
    assert "<script>" in words
    name = next(each for each in words if each.startswith("<b>&"))
    assert len(name) == 20


@given(
    st.lists(st.tuples(st.floats(114.4, 114.6), st.floats(22.5, 22.7), st.floats(0.0001, 0.1)), max_size=6),
    st.floats(114.4, 114.6),
    st.floats(22.5, 22.7),
    st.floats(20, 50_000),
)
def test_everything_stays_on_the_sheet(
    squares: list[tuple[float, float, float]], x: float, y: float, zoom_m: float
) -> None:
    cells = [(f"第{n}工作分站", shapely.box(a, b, a + side, b + side)) for n, (a, b, side) in enumerate(squares)]
    svg = small_map(cells, [("此处", x, y)], zoom_m)
    for area in drawn(svg)[1]:
        for pair in filter(None, re.split("[MLZ]", area["d"])):
            across, down = map(float, pair.split())
            assert 0 <= across <= WIDTH
            assert 0 <= down <= HEIGHT
    for across, down in re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"', svg):
        assert 0 <= float(across) <= WIDTH
        assert 0 <= float(down) <= HEIGHT
