"""Maps of coverage in a real browser: all of a period, its parts in turn, and two periods."""

import pytest
from playwright.sync_api import Page, expect

from gisgrid.maps.choropleths import WHOLE, draw_comparison, draw_coverage
from gisgrid.maps.pages import GridMap
from tests.maps.builders import cells, drawn, figures
from tests.maps.conftest import Show

RATIOS = {"1": 0.5, "1A": 0.1, "1B": 0.95, "1A0": 0.05, "1A1": float("nan")}
LATER = {"1": 0.5, "1A": 0.25, "1B": 0.9}


def test_coverage_has_one_level_at_a_time(show: Show) -> None:
    page = show(draw_coverage(cells(), figures(RATIOS), title="到达率", period_text="2026-11-01 – 2026-11-30"))
    expect(drawn(page, "cell")).to_have_count(2)
    expect(drawn(page, "c0")).to_have_count(1)
    expect(drawn(page, "c5")).to_have_count(1)
    page.locator(".leaflet-control-layers").hover()
    page.get_by_label("工作分站 Substation", exact=True).check()
    expect(drawn(page, "cell")).to_have_count(4)
    expect(drawn(page, "na")).to_have_count(3)  # one not a number, two without a row
    expect(page.get_by_text("2026-11-01 – 2026-11-30")).to_be_visible()


def test_legend_and_cells_have_the_same_colours(show: Show) -> None:
    page = show(draw_coverage(cells(), figures(RATIOS), title="图", period_text=""))
    for css in ("c0", "c5"):
        swatch = page.locator(f".swatch.{css}").evaluate("it => getComputedStyle(it).backgroundColor")
        assert drawn(page, css).evaluate("it => getComputedStyle(it).fill") == swatch


def test_a_cell_answers_to_mouse_and_keyboard(show: Show) -> None:
    page = show(draw_coverage(cells(), figures(RATIOS), title="图", period_text=""))
    cell = page.get_by_role("button", name="A社区")
    cell.hover()
    expect(page.locator(".card", has_text="10.0 %")).to_be_visible()
    page.mouse.move(5, 5)
    expect(page.locator(".card")).to_have_count(0)
    cell.focus()
    expect(page.locator(".card", has_text="1.00 km²")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="95.0 %")).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("B社区")


@pytest.mark.parametrize(("width", "form"), [(1366, ""), (180, "small"), (130, "brief")])
def test_a_narrow_cell_keeps_at_least_its_figure(show: Show, width: int, form: str) -> None:
    page = show(draw_coverage(cells(name="东西南北中发白一二三四五"), figures(RATIOS), title="图", period_text=""))
    page.set_viewport_size({"width": width, "height": 500})
    page.reload()
    label = page.locator(".label.community", has_text="10.0 %")
    expect(label.locator("small")).to_be_visible()
    assert (set(label.get_attribute("class").split()) & {"small", "brief"} or {""}) == {form}


# --- through time --------------------------------------------------------------------------------


def of_two_days() -> GridMap:
    parts = [("11-01", figures({"1A": 0.95})), ("11-02", figures({"1A": 0.5, "1B": 0.3}))]
    return draw_coverage(
        cells(), figures(RATIOS), title="图", period_text="11-01 – 11-02", parts=parts, foreign=["1B1"]
    )


def classes(page: Page) -> list[str]:
    """Return the classes of coverage of A and B, and what their labels say."""
    shapes = page.locator("path.cell").evaluate_all(
        "cells => cells.map(cell => [...cell.classList].find(css => /^(c.|na)$/.test(css)))"
    )
    return [*shapes, *page.locator(".label.community small").all_inner_texts()]


def test_keys_lead_through_the_days_on_the_same_shapes(show: Show) -> None:
    page = show(of_two_days())
    told, through = page.locator(".timeline output"), page.get_by_role("slider")
    expect(told).to_have_text(f"{WHOLE}　11-01 – 11-02")
    page.evaluate("window.shape = document.querySelector('path.cell')")
    assert classes(page) == ["c0", "c5", "10.0 %", "95.0 %"]
    through.press("ArrowRight")
    expect(told).to_have_text("11-01")
    assert classes(page) == ["c5", "na", "95.0 %", "n/a"]
    through.press("End")
    expect(through).to_have_attribute("aria-valuetext", "11-02")
    assert classes(page) == ["c2", "c1", "50.0 %", "30.0 %"]
    assert "到达率 Coverage 50.0 %" in (page.locator("path.cell").first.get_attribute("aria-label") or "")
    through.press("Home")
    assert classes(page) == ["c0", "c5", "10.0 %", "95.0 %"]
    assert page.evaluate("window.shape === document.querySelector('path.cell')")


def test_it_plays_to_the_last_day_and_stops(show: Show, page: Page) -> None:
    page.clock.install()
    show(of_two_days())
    play = page.get_by_role("button", name="播放 Play")
    play.press("Enter")
    page.clock.run_for(100)
    expect(page.locator(".timeline output")).to_have_text("11-01")
    page.get_by_role("button", name="暂停 Pause").click()
    page.clock.run_for(5000)
    expect(page.locator(".timeline output")).to_have_text("11-01")
    play.click()
    page.clock.run_for(1000)
    expect(page.locator(".timeline output")).to_have_text("11-02")
    expect(play).to_have_attribute("aria-pressed", "false")


def test_another_level_shows_the_same_day(show: Show) -> None:
    page = show(of_two_days())
    page.get_by_role("slider").press("ArrowRight")
    page.locator(".leaflet-control-layers").hover()
    page.get_by_label("街道 Street", exact=True).check()
    expect(drawn(page, "cell")).to_have_count(1)
    expect(drawn(page, "na")).to_have_count(1)


def test_cells_of_others_are_said_to_be(show: Show) -> None:
    page = show(draw_coverage(cells(), figures({"1A": 0.1}), title="图", period_text="", foreign=["1", "1B"]))
    expect(drawn(page, "foreign")).to_have_count(1)
    expect(page.locator(".legend")).to_contain_text("非本人负责 Not yours")


# --- two periods ---------------------------------------------------------------------------------


VIEWS = """Object.values(window).filter(each => each instanceof L.Map)
    .map(map => [map.getCenter().lng, map.getCenter().lat, map.getZoom()])"""
"""Where the maps look: the same but for what rounding to a pixel makes."""


def compared() -> GridMap:
    pair = (figures(RATIOS), figures(LATER))
    return draw_comparison((cells(), cells()), pair, title="对比", period_texts=("10月", "11月"))


def test_the_later_map_tells_what_has_changed(show: Show) -> None:
    page = show(compared())
    before, after = page.locator(".half").all()
    expect(before.get_by_role("heading")).to_have_text("前 Before　10月")
    expect(after.get_by_role("heading")).to_have_text("后 After　11月")
    assert before.locator(".label.community small").all_inner_texts() == ["10.0 %", "95.0 %"]
    assert after.locator(".label.community small").all_inner_texts() == ["25.0 %\n▲ 15.0", "90.0 %\n▼ 5.0"]
    after.get_by_role("button", name="B社区").focus()
    expect(page.locator(".card")).to_contain_text("−5.0 百分点 pp")
    expect(before.locator("path.twin")).to_have_count(1)


def test_two_maps_move_and_change_level_together(show: Show) -> None:
    page = show(compared())
    before, after = page.locator(".half").all()
    opened = page.evaluate(VIEWS)
    after.get_by_role("button", name="放大 Zoom in").click()
    page.wait_for_function(f"views => `${{({VIEWS})[1]}}` !== `${{views[1]}}`", arg=opened)
    zoomed = page.evaluate(VIEWS)
    after.locator(".map").press("ArrowLeft")
    page.wait_for_function(f"views => `${{({VIEWS})[1]}}` !== `${{views[1]}}`", arg=zoomed)
    for views in (opened, zoomed, page.evaluate(VIEWS)):
        assert views[0] == pytest.approx(views[1], abs=1e-4)
    before.locator(".leaflet-control-layers").hover()
    before.get_by_label("工作分站 Substation", exact=True).check()
    expect(before.locator("path.cell")).to_have_count(4)
    expect(after.locator("path.cell")).to_have_count(4)
    before.get_by_label("社区界 Community", exact=True).uncheck()
    expect(page.locator("path.border.community")).to_have_count(0)


def test_where_nothing_was_known_before_a_label_has_its_figure_alone(show: Show) -> None:
    unknown = figures(RATIOS).assign(coverage_ratio=float("nan"))
    pair, texts = (unknown, figures(LATER)), ("10月", "11月")
    page = show(draw_comparison((cells(), cells()), pair, title="对比", period_texts=texts))
    _, after = page.locator(".half").all()
    assert after.locator(".label.community small").all_inner_texts() == ["25.0 %", "90.0 %"]


@pytest.mark.parametrize(("height", "is_above"), [(1.0, True), (3.0, False)])
def test_ground_that_is_wider_than_high_stands_one_above_the_other(show: Show, height: float, is_above: bool) -> None:
    ground = cells()
    ground["geometry"] = ground.geometry.scale(1, height, origin=(114.4, 22.6))
    pair, texts = (figures(RATIOS), figures(LATER)), ("10月", "11月")
    page = show(draw_comparison((ground, ground), pair, title="对比", period_texts=texts))
    before, after = (each.bounding_box() for each in page.locator(".half").all())
    assert before
    assert after
    assert (before["y"] + before["height"] <= after["y"]) == is_above
    assert (before["x"] + before["width"] <= after["x"]) == (not is_above)


def test_on_a_phone_they_stand_one_above_the_other(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    show(compared())
    first, second = (side.bounding_box() for side in page.locator(".half .map").all())
    assert first
    assert second
    assert first["y"] + first["height"] < second["y"]
    assert first["width"] > 300
    assert min(first["height"], second["height"]) > 100
