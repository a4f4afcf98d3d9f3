"""What one looks at on the map, and the tools beside it: figures, groups, patterns, ruler, dark, print, the wall."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from tests.laid import SUBSTATION
from tests.pages.conftest import let_in, session_of
from tests.pages.viewer.test_viewer import cell, during, figure
from tests.patrols.plans.worlds import planned, settle_down, today


@pytest.fixture
def viewer(page: Page, town: str) -> Page:
    page.goto(f"{town}/")
    expect(page.locator("#panel .headline")).to_be_visible()
    return page


def tool(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_any_figure_colours_the_map_and_leads_the_table(viewer: Page, town: str) -> None:
    viewer.get_by_label("指标").select_option(label="打卡")
    expect(viewer).to_have_url(re.compile("metric=check_ins"))
    expect(viewer.locator("#key h2")).to_have_text("打卡")
    expect(viewer.locator("#panel .headline")).to_contain_text("3打卡")
    expect(figure(viewer, "到达率")).to_contain_text("%")
    expect(viewer.locator("#panel dt", has_text="结案率").first).to_have_attribute("title", re.compile("应结案"))
    expect(viewer.locator("#key .scale li")).to_have_text(["0", "1", "2", "无数据"])
    expect(cell(viewer, "A社区")).to_have_class(re.compile(r"\bc5\b"))
    expect(viewer.locator("#table thead button").nth(1)).to_have_text("打卡")
    expect(viewer.locator("#table tbody th")).to_have_text(["B社区", "A社区"])
    viewer.get_by_label("指标").select_option(label="本期未关闭漏巡")
    expect(cell(viewer, "A社区")).to_have_class(re.compile(r"\bw0\b"))
    viewer.reload()
    expect(viewer.locator("#key h2")).to_have_text("本期未关闭漏巡")


def test_a_change_since_the_period_before_is_told_everywhere_alike(viewer: Page) -> None:
    viewer.get_by_label("指标").select_option(label="打卡")
    during(viewer, "近 7 天")
    expect(figure(viewer, "打卡")).to_have_text("2")
    change = viewer.locator("#panel dl div", has_text="打卡").locator(".change")
    expect(change).to_have_text("▲ 1")
    changes = viewer.locator("#table tbody td.change")
    expect(changes).to_have_text(["▼ 1", "▲ 2"])
    tool(viewer, "环比")
    tool(viewer, "环比")
    expect(viewer.locator("#table tbody th")).to_have_text(["A社区", "B社区"])
    expect(viewer).to_have_url(re.compile("sort=-change"))


def test_classes_have_patterns_for_whoever_cannot_tell_colours(viewer: Page) -> None:
    shape = cell(viewer, "A社区")
    assert "url" not in shape.evaluate("it => getComputedStyle(it).fill")
    viewer.get_by_label("加花纹区分").check()
    assert "pattern-c0" in shape.evaluate("it => getComputedStyle(it).fill")
    expect(viewer).to_have_url(re.compile("patterns=1"))
    expect(viewer.get_by_label("加花纹区分")).to_be_focused()


def test_a_layer_that_is_on_is_in_the_address_and_in_the_legend(viewer: Page) -> None:
    viewer.get_by_text("图层", exact=True).click()
    viewer.get_by_label("巡查范围").check()
    expect(viewer).to_have_url(re.compile(r"layers=[\w,]*mask"))
    expect(viewer.locator("#key .upon")).to_contain_text("巡查范围")
    viewer.reload()
    expect(viewer.locator("#key .upon")).to_contain_text("巡查范围")
    viewer.get_by_text("图层", exact=True).click()
    viewer.get_by_label("巡查范围").uncheck()
    expect(viewer).not_to_have_url(re.compile("mask"))


def test_figures_of_those_who_walk_for_one_plan(
    page: Page, served: str, engine: Engine, context: BrowserContext
) -> None:
    settle_down(engine)
    planned(engine, name="码头巡查", first_day=today())
    let_in(context, served, session_of(engine))
    page.goto(f"{served}/?cell={SUBSTATION}")
    expect(page.locator("#panel .headline")).to_be_visible()
    page.locator("select[name=group]").select_option(label="码头巡查")
    expect(page.locator("#panel .when strong")).to_have_text(re.compile("码头巡查"))
    expect(page).to_have_url(re.compile(r"group=plan:\d+"))
    page.reload()
    expect(page.locator("select[name=group]")).to_have_value(re.compile(r"plan:\d+"))


# --- tools ----------------------------------------------------------------------------------------


def test_the_ruler_measures_by_keyboard(viewer: Page) -> None:
    tool(viewer, "测距")
    expect(viewer.locator("#status")).to_contain_text("空格在中心取点")
    expect(viewer.locator(".map")).to_be_focused()
    viewer.keyboard.press("Space")
    viewer.evaluate("map_000.panBy([100, 0], { animate: false })")
    viewer.keyboard.press("Space")
    metres = viewer.evaluate(
        "map_000.containerPointToLatLng([0, 0]).distanceTo(map_000.containerPointToLatLng([100, 0]))"
    )
    said = viewer.locator("#status").inner_text()
    found = re.search(r"共 ([\d.,]+) (米|公里)", said)
    assert found, said
    measured = float(found[1].replace(",", "")) * (1 if found[2] == "米" else 1000)
    assert measured == pytest.approx(metres, rel=0.02)
    viewer.keyboard.press("Enter")
    expect(viewer.get_by_role("button", name="测距")).to_have_attribute("aria-pressed", "false")
    expect(viewer.locator("#status")).to_contain_text("共")


def test_dark_is_remembered(viewer: Page) -> None:
    light = viewer.evaluate("getComputedStyle(document.body).backgroundColor")
    tool(viewer, "深色")
    expect(viewer.locator("html")).to_have_attribute("data-theme", "dark")
    assert viewer.evaluate("getComputedStyle(document.body).backgroundColor") != light
    viewer.reload()
    expect(viewer.locator("html")).to_have_attribute("data-theme", "dark")
    expect(viewer.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")


def test_what_is_printed_is_the_map_and_the_figures(viewer: Page) -> None:
    viewer.emulate_media(media="print")
    expect(viewer.locator("#controls")).to_be_hidden()
    expect(viewer.locator("#tools")).to_be_hidden()
    for shown in (".map", "#panel .headline", "#table", "#key .scale"):
        expect(viewer.locator(shown)).to_be_visible()
    assert viewer.locator(".side").evaluate("it => getComputedStyle(it).overflow") == "visible"


def test_the_wall_goes_round_until_somebody_touches_it(page: Page, town: str) -> None:
    page.clock.install()
    page.goto(f"{town}/?wall=1")
    expect(page.locator("#panel h2")).to_contain_text("葵涌街道")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#controls")).to_be_hidden()
    expect(page.locator("#link")).to_be_visible()
    for name in ("A社区", "B社区", "葵涌街道", "A社区"):
        page.clock.run_for(12_000)
        expect(page.locator("#panel h2")).to_contain_text(name)
    page.keyboard.press("Escape")
    expect(page.locator("#controls")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page).not_to_have_url(re.compile("wall"))


def test_whoever_leaves_the_wall_is_back_where_they_were(viewer: Page) -> None:
    cell(viewer, "B社区").click()
    viewer.wait_for_timeout(500)  # until the map stands still
    before = viewer.url
    viewer.locator("#tools button").first.wait_for()
    tool(viewer, "大屏")
    expect(viewer.locator("#tools")).to_be_hidden()
    expect(viewer.locator("#panel h2")).to_contain_text("葵涌街道")
    expect(viewer.locator(".wall-clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    viewer.keyboard.press("x")
    expect(viewer.locator("#panel h2")).to_contain_text("B社区")
    assert viewer.url.split("&view")[0] == before.split("&view")[0]
