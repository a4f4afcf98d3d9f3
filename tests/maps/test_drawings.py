"""Maps of what is there, in a real browser."""

import pytest
import shapely
from playwright.sync_api import expect

from gisgrid.maps.drawings import draw_faults, draw_grid, draw_incidents
from tests.maps.builders import SOUTH, WEST, Fault, cells, checkpoints, drawn, incidents
from tests.maps.conftest import Show

MASK = shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)


def test_grid(show: Show) -> None:
    page = show(draw_grid(cells(), checkpoints("桥头", "渡口"), MASK, title="葵涌网格"))
    expect(page.get_by_role("heading", level=1)).to_have_text("葵涌网格")
    expect(drawn(page, "cell")).to_have_count(4)
    expect(drawn(page, "border.community")).to_have_count(1)
    expect(drawn(page, "checkpoint")).to_have_count(2)
    expect(drawn(page, "mask")).to_have_count(1)
    expect(page.locator(".label:not(.hidden) .label-words", has_text="A社区")).to_be_visible()


def test_the_sea_lies_under_the_ground(show: Show) -> None:
    sea = shapely.box(WEST - 1, SOUTH - 1, WEST, SOUTH)
    page = show(draw_grid(cells(), title="图", sea=sea))
    expect(drawn(page, "sea")).to_have_count(1)
    height = "it => Number(getComputedStyle(it.closest('.leaflet-pane')).zIndex)"
    assert drawn(page, "sea").evaluate(height) < drawn(page, "land").first.evaluate(height)
    expect(drawn(show(draw_grid(cells(), title="图")), "sea")).to_have_count(0)


def test_neighbouring_communities_have_different_tints(show: Show) -> None:
    page = show(draw_grid(cells(), title="图"))
    fills = page.locator("path.cell").evaluate_all("cells => cells.map(cell => getComputedStyle(cell).fill)")
    assert len(set(fills)) == 2


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
