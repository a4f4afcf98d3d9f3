"""Every generated map in a real browser, from disk; the `context` fixture fails on any error or foreign request."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect

from gisgrid.maps.drawings import MOST_DOTS, draw_coverage, draw_faults, draw_grid, draw_incidents, draw_track
from gisgrid.maps.pages import GridMap, write
from tests.maps.builders import HOSTILE, SOUTH, WEST, Fault, cells, checkpoints, figures, fixes, incidents

Show = Callable[[GridMap], Page]

MASK = shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)
RATIOS = {"1": 0.5, "1A": 0.1, "1B": 0.95, "1A0": 0.05, "1A1": float("nan")}


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Show:
    """Open a map from disk."""

    def opened(drawing: GridMap) -> Page:
        page.goto(write(drawing, tmp_path / "map.html").as_uri())
        return page

    return opened


def drawn(page: Page, css: str) -> Locator:
    return page.locator(f".leaflet-pane path.{css}")


def test_grid(show: Show) -> None:
    page = show(draw_grid(cells(), checkpoints("桥头", "渡口"), MASK, title="葵涌网格"))
    expect(page.get_by_role("heading", level=1)).to_have_text("葵涌网格")
    expect(drawn(page, "cell")).to_have_count(4)
    expect(drawn(page, "border.community")).to_have_count(1)
    expect(drawn(page, "checkpoint")).to_have_count(2)
    expect(drawn(page, "mask")).to_have_count(1)
    expect(page.locator(".label:not(.hidden) .label-words", has_text="A社区")).to_be_visible()


def test_neighbouring_communities_have_different_tints(show: Show) -> None:
    page = show(draw_grid(cells(), title="图"))
    fills = page.locator("path.cell").evaluate_all("cells => cells.map(cell => getComputedStyle(cell).fill)")
    assert len(set(fills)) == 2


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


def test_incidents_cluster_and_tell(show: Show) -> None:
    names = {"kind_name": "盗窃", "class_name": "公共治安"}
    page = show(draw_incidents(cells(), incidents("失窃一", "失窃二", longitude=WEST + 0.01, **names), title="事件"))
    page.locator(".map .cluster").press("Enter")
    page.locator(".mark.incident").first.press("Enter")
    expect(page.locator(".leaflet-popup .card")).to_contain_text("失窃")
    expect(page.locator(".leaflet-popup .card")).to_contain_text("2026-11-01 0")
    expect(page.locator(".legend")).to_contain_text("公共治安 2")


def test_too_many_incidents_are_said_to_be_left_out(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gisgrid.maps.drawings.MOST_POINTS", 2)
    page = show(draw_incidents(cells(), incidents("旧", "新", "最新"), title="事件"))
    expect(page.locator(".notes")).to_contain_text("另有 1 件")
    expect(page.locator(".legend")).to_contain_text("（2）")


def test_no_incidents(show: Show) -> None:
    page = show(draw_incidents(cells(), incidents(), title="事件"))
    expect(page.locator(".legend")).to_contain_text("（0）")


def test_track(show: Show) -> None:
    both = pd.concat([fixes(0, 60, 2000), fixes(0, 60, patrol_id=2, start="2026-11-02T00:00:00Z")])
    page = show(draw_track(cells(), both, title="轨迹"))
    expect(drawn(page, "track")).to_have_count(2)
    expect(drawn(page, "silence")).to_have_count(1)
    expect(drawn(page, "fix")).to_have_count(5)
    expect(page.locator(".mark.start")).to_have_count(2)
    expect(page.locator(".legend")).to_contain_text("2026-11-01 08:00 – 08:33")
    drawn(page, "fix").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="2026-11-01 08:01:00")).to_be_visible()


def test_the_legend_shows_one_patrol_alone_and_all_again(show: Show) -> None:
    both = pd.concat([fixes(0, 60), fixes(0, 60, patrol_id=2, start="2026-11-02T00:00:00Z")])
    page = show(draw_track(cells(), both, title="轨迹"))
    second = page.locator(".legend button").nth(1)
    second.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".map .patrol-1:not(.aside)")).to_have_count(6)  # a line, two fixes, three marks
    expect(page.locator(".map .patrol-0:not(.aside)")).to_have_count(0)
    second.press("Enter")
    expect(page.locator(".map .aside")).to_have_count(0)


@pytest.mark.parametrize(("width", "form"), [(1366, ""), (180, "small"), (130, "brief")])
def test_a_narrow_cell_keeps_at_least_its_figure(show: Show, width: int, form: str) -> None:
    page = show(draw_coverage(cells(name="东西南北中发白一二三四五"), figures(RATIOS), title="图", period_text=""))
    page.set_viewport_size({"width": width, "height": 500})
    page.reload()
    label = page.locator(".label.community", has_text="10.0 %")
    expect(label.locator("small")).to_be_visible()
    assert (set(label.get_attribute("class").split()) & {"small", "brief"} or {""}) == {form}


def test_names_stand_beside_marks(show: Show) -> None:
    middle = WEST + 0.01
    page = show(draw_incidents(cells(), incidents("失窃", longitude=middle), title="事件"))
    name, mark = (page.locator(css).bounding_box() for css in (".label-words:has-text('A社区')", ".mark.incident"))
    assert name
    assert mark
    assert name["y"] + name["height"] <= mark["y"] or mark["y"] + mark["height"] <= name["y"]


def test_classes_that_share_a_colour_are_listed_apart(show: Show) -> None:
    page = show(
        draw_incidents(
            cells(), incidents(*"甲乙丙丁戊己庚辛壬癸子", class_name=list("甲乙丙丁戊己庚辛壬癸子")), title="事件"
        )
    )
    expect(page.locator(".legend section").nth(1)).to_contain_text("Other classes")
    expect(page.locator(".legend section").nth(1).locator("li")).to_have_count(1)


def test_one_wrong_fix_does_not_make_the_rest_a_speck(show: Show) -> None:
    walk = fixes(*range(0, 12000, 60))
    walk.loc[100, ["longitude", "latitude"]] = [115.4, 23.6]
    page = show(draw_track(cells(), walk, title="轨迹"))
    expect(drawn(page, "silence")).to_have_count(1)
    width = drawn(page, "track").evaluate("it => it.getBoundingClientRect().width")
    assert width > 600


def test_a_single_fix_is_a_track_without_a_line(show: Show) -> None:
    page = show(draw_track(cells(), fixes(0), title="轨迹"))
    expect(drawn(page, "track")).to_have_count(0)
    expect(drawn(page, "fix")).to_have_count(1)


def test_very_many_fixes_are_a_line_only(show: Show) -> None:
    page = show(draw_track(cells(), fixes(*range(MOST_DOTS + 1)), title="轨迹"))
    expect(drawn(page, "track")).to_have_count(1)
    expect(drawn(page, "fix")).to_have_count(0)
    expect(page.locator(".notes")).to_contain_text(str(MOST_DOTS + 1))


def test_no_fixes(show: Show) -> None:
    page = show(draw_track(cells(), fixes(), title="轨迹"))
    expect(drawn(page, "border.street")).to_have_count(1)


def test_the_list_of_faults_leads_to_each_place(show: Show) -> None:
    overlap = Fault("重叠 2 m", geometry=shapely.box(WEST + 0.02, SOUTH, WEST + 0.02001, SOUTH + 0.02))
    page = show(draw_faults(cells(), [overlap, Fault("缺一个工作分站")], title="检查"))
    expect(page.locator(".places li")).to_have_count(2)
    expect(page.locator(".mark.fault")).to_have_text("1")
    page.get_by_role("button", name="重叠 2 m").last.click()
    expect(page.locator(".leaflet-control-scale-line")).to_contain_text(" m")
    page.locator(".mark.fault").click()
    expect(page.locator(".leaflet-popup")).to_contain_text("重叠 2 m")


def test_faults_of_cells_that_are_barely_cells(show: Show) -> None:
    broken = cells()
    east, north = WEST + 0.01, SOUTH + 0.02
    bow_tie = shapely.Polygon([(WEST, SOUTH), (east, north), (east, SOUTH), (WEST, north)])
    broken.loc[broken["code"] == "1A0", "geometry"] = bow_tie
    broken.loc[broken["code"] == "1A1", "geometry"] = None
    substations = broken[broken["level"] == "substation"]
    page = show(draw_faults(substations, [Fault("蝴蝶结", geometry=shapely.Point(WEST, SOUTH))], title="检查"))
    expect(page.locator(".mark.fault")).to_have_count(1)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_not_run(show: Show, text: str) -> None:
    frame = cells(name=text)
    drawings = [
        draw_grid(frame, checkpoints(text), title=text),
        draw_coverage(frame, figures(RATIOS), title=text, period_text=text, notes=[text]),
        draw_incidents(frame, incidents(text, text, kind_name=text, class_name=text), title=text, subtitle=text),
        draw_track(frame, fixes(0, 60), title=text),
        draw_faults(frame, [Fault(text, text, shapely.Point(WEST, SOUTH), (text,))], title=text),
    ]
    for drawing in drawings:
        page = show(drawing)
        for reachable in page.locator("path[role=button], .mark, .cluster").all():
            reachable.dispatch_event("click")
        assert page.evaluate("window.hacked") is None
        assert page.get_by_role("heading", level=1).evaluate("it => it.textContent") == text.replace("\r", "\n")
        assert "49" not in page.locator("body").inner_text()  # {{ 7 * 7 }}
