"""Maps of heat in a real browser."""

import pytest
import shapely
from playwright.sync_api import expect

from gisgrid.maps.heat import DAYS, draw_heat
from gisgrid.maps.pages import GridMap
from tests.maps.builders import SOUTH, WEST, cells, drawn, squares, squares_of
from tests.maps.conftest import Show


def heat(*days: int, **more: object) -> GridMap:
    seen = squares_of(**{"1A0": len(days), "1A1": 0})
    return draw_heat(cells(), squares(*days), seen, side_m=100, of_days=30, title="热力", period_text="11月", **more)  # type: ignore[arg-type]


def test_the_labels_of_the_classes() -> None:
    assert [(item.css, item.label) for item in DAYS] == [
        ("h0", "1"),
        ("h1", "2–3"),
        ("h2", "4–7"),
        ("h3", "8–14"),
        ("h4", "≥ 15"),
    ]


def test_squares_are_drawn_by_class(show: Show) -> None:
    page = show(heat(1, 2, 3, 4, 7, 8, 14, 15, 30))
    rings = "shape => shape.getAttribute('d').split('M').length - 1"
    assert [drawn(page, f"h{number}").evaluate(rings) for number in range(5)] == [1, 2, 2, 2, 2]
    for css in ("h0", "h4"):
        swatch = page.locator(f".swatch.{css}").evaluate("it => getComputedStyle(it).backgroundColor")
        assert drawn(page, css).evaluate("it => getComputedStyle(it).fill") == swatch
    expect(page.locator(".legend")).to_contain_text("100 m，共 of 30 天 days")


def test_what_is_pointed_at_is_told(show: Show) -> None:
    page = show(heat(30, 12))
    line = page.locator(".pointed")
    expect(line).to_contain_text("Point at or tap")
    box = drawn(page, "h3").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(line).to_contain_text("30 天中见到 12 天")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 100)
    expect(line).to_contain_text("Point at or tap")


def test_cells_tell_of_their_squares_by_keyboard(show: Show) -> None:
    page = show(heat(1, 2, mask=shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01), foreign=["1B0"]))
    page.get_by_role("button", name="A0工作分站").focus()
    expect(page.locator(".card")).to_contain_text("20.0 %")
    expect(drawn(page, "foreign")).to_have_count(1)
    expect(drawn(page, "mask")).to_have_count(1)


@pytest.mark.parametrize("days", [(), (1,)])
def test_few_squares_or_none(show: Show, days: tuple[int, ...]) -> None:
    expect(drawn(show(heat(*days)), "square")).to_have_count(len(days))
