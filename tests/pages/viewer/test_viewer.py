"""Walks through the viewer in a real browser, on the real service with a real database.

The `context` fixture fails a test on any error on the page or console and on any request to another host.
"""

import re
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect
from sqlalchemy import Engine

from gisgrid.settings import Settings
from tests.maps.builders import HOSTILE, SOUTH, WEST, cells
from tests.pages.axe import violations
from tests.pages.conftest import LONG_AGO, LoadGrid, let_in, session_of, walk
from tests.staff.callers import Where

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def viewer(page: Page, town: str) -> Page:
    page.goto(f"{town}/")
    expect(page.locator("#panel h2")).to_be_visible()
    return page


def cell(page: Page, name: str) -> Locator:
    return page.locator(f"path.cell[aria-label^='{name}']")


def figure(page: Page, term: str) -> Locator:
    return page.locator("#panel dl div", has=page.locator("dt", has_text=re.compile(f"^{term}$"))).locator("dd span")


def press(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label).check()


def during(page: Page, label: str) -> None:
    page.get_by_label("时段").select_option(label=label)


def test_it_opens_on_communities_and_the_last_thirty_days(viewer: Page) -> None:
    expect(viewer).to_have_title("网格巡查一张图")
    expect(viewer.get_by_role("heading", level=1)).to_contain_text("葵涌街道")
    expect(viewer.locator("#illustrative")).to_be_visible()
    expect(viewer.locator("path.cell")).to_have_count(2)
    expect(viewer.locator("#panel h2")).to_contain_text("葵涌街道")
    expect(figure(viewer, "打卡")).to_have_text("3")
    expect(viewer.locator("#table tbody tr")).to_have_count(2)
    expect(viewer.locator("#key .scale li")).to_have_count(7)
    expect(viewer.locator("#status")).to_be_hidden()
    expect(viewer.locator("#incidents")).to_contain_text("未结事件2")
    expect(viewer.locator("#incidents li").first).to_contain_text("盗窃")
    expect(viewer.locator(".label:not(.hidden) .label-words", has_text="A社区")).to_be_visible()
    assert "?" not in viewer.url


def test_colours_labels_and_table_agree_with_the_report(viewer: Page, town: str) -> None:
    rows = viewer.request.get(f"{town}/api/coverage?level=community").json()["cells"]
    for row in rows:
        ratio = f"{row['coverage_ratio'] * 100:.1f} %"
        expect(cell(viewer, row["name"])).to_have_class(re.compile(r"\bc0\b"))
        expect(cell(viewer, row["name"])).to_have_attribute("aria-label", re.compile(re.escape(ratio)))
        expect(viewer.locator("#table tr", has_text=row["name"])).to_contain_text(ratio)
        expect(viewer.locator(".label-words", has_text=row["name"])).to_contain_text(ratio)


def test_another_level(viewer: Page) -> None:
    press(viewer, "工作分站")
    expect(viewer.locator("path.cell")).to_have_count(4)
    expect(viewer.locator("#table tbody tr")).to_have_count(4)
    expect(viewer).to_have_url(re.compile(r"\?level=substation"))
    press(viewer, "街道")
    expect(viewer.locator("path.cell")).to_have_count(1)


def test_click_on_a_cell_shows_its_figures(viewer: Page) -> None:
    cell(viewer, "A社区").click()
    expect(viewer.locator("#panel h2")).to_contain_text("A社区")
    expect(figure(viewer, "打卡")).to_have_text("2")
    expect(viewer.locator("path.chosen")).to_have_count(1)
    expect(cell(viewer, "A社区")).to_have_attribute("aria-pressed", "true")
    expect(viewer.locator("#table tr[aria-current]")).to_contain_text("A社区")
    expect(viewer).to_have_url(re.compile("cell=1A"))


def test_the_outline_of_a_cell_that_the_address_names_lies_above_the_borders(page: Page, town: str) -> None:
    page.goto(f"{town}/?cell=1A")
    expect(page.locator("path.border.street")).to_have_count(1)
    expect(page.locator(".leaflet-lines-pane path").last).to_have_class("chosen")


def test_the_keyboard_alone_reaches_a_cell_and_its_parts(viewer: Page) -> None:
    cell(viewer, "A社区").focus()
    viewer.keyboard.press("ArrowRight")
    viewer.keyboard.press("Enter")
    expect(viewer.locator("#panel h2")).to_contain_text("B社区")
    viewer.get_by_role("button", name="看下级").press("Enter")
    expect(viewer.locator("path.cell")).to_have_count(4)
    expect(viewer.locator("#panel h2")).to_contain_text("B社区")
    expect(viewer.locator("#table tbody tr")).to_have_count(2)
    viewer.get_by_role("button", name="葵涌街道").press("Enter")
    expect(viewer.locator("#panel h2")).to_contain_text("葵涌街道")
    expect(viewer.locator("#table tbody tr")).to_have_count(4)


def test_every_cell_and_choice_is_a_tab_stop(viewer: Page) -> None:
    reached = set()
    for _ in range(60):
        viewer.keyboard.press("Tab")
        reached.add(
            viewer.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        )
    assert any(name and name.startswith("A社区，") for name in reached)
    assert {"English", "A社区", "B社区", "放大到此", "到达率"} <= reached


def test_periods(viewer: Page) -> None:
    during(viewer, "近 7 天")
    expect(figure(viewer, "打卡")).to_have_text("2")
    expect(viewer).to_have_url(re.compile(r"\?period=7d"))
    during(viewer, "自选")
    day = LONG_AGO.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    viewer.get_by_label("从").fill(day)
    viewer.get_by_label("到", exact=True).fill(day)
    expect(figure(viewer, "打卡")).to_have_text("1")
    expect(viewer.locator("#panel .when:not(.seen)")).to_have_text(f"{day} – {day}")
    viewer.get_by_label("从").fill("2099-01-01")
    expect(viewer.locator("#status")).to_contain_text("起日不得晚于止日")
    expect(viewer.locator("#status")).to_contain_text(f"仍显示 {day} – {day}")
    expect(viewer.locator("#panel .when:not(.seen)")).to_have_text(f"{day} – {day}")
    expect(figure(viewer, "打卡")).to_have_text("1")


def test_nothing_of_another_period_is_shown_while_one_is_awaited(viewer: Page) -> None:
    held: list[Route] = []
    viewer.route("**/api/coverage?**", lambda route: held.append(route))  # noqa: PLW0108  # playwright marks it
    during(viewer, "近 7 天")
    expect(viewer.locator("#panel")).to_contain_text("正在计算")
    expect(viewer.locator("#panel dl")).to_have_count(0)
    expect(viewer.locator("path.cell.pending")).to_have_count(2)
    expect(viewer.locator("path.cell.na")).to_have_count(0)
    expect(viewer.locator("#figures")).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    expect(figure(viewer, "打卡")).to_have_text("2")
    expect(viewer.locator("path.cell.pending")).to_have_count(0)
    expect(viewer.locator("#figures")).to_have_attribute("aria-busy", "false")


def test_a_period_that_is_refused_leaves_the_last_in_view(town: str, tolerant: Page) -> None:
    tolerant.goto(f"{town}/?period=custom&from={LONG_AGO.date()}&to=2099-01-01")
    expect(figure(tolerant, "打卡")).to_have_text("3")
    tolerant.get_by_label("到", exact=True).fill("1999-01-02")
    tolerant.get_by_label("从").fill("1999-01-01")
    expect(tolerant.locator("#status")).to_contain_text("生效")
    expect(tolerant.locator("#status")).to_contain_text(f"仍显示 {LONG_AGO.date()} – 2099-01-01")
    expect(tolerant.locator("#panel .when:not(.seen)")).to_have_text(f"{LONG_AGO.date()} – 2099-01-01")
    expect(figure(tolerant, "打卡")).to_have_text("3")


def test_an_empty_period_says_what_to_do(viewer: Page, town: str) -> None:
    viewer.goto(f"{town}/?period=custom&from=2021-01-01&to=2021-01-02")
    expect(viewer.locator("#status")).to_contain_text("没有打卡记录")
    expect(figure(viewer, "打卡")).to_have_text("0")
    expect(viewer.locator("#incidents")).to_contain_text("未结事件2")  # whatever the period


def test_english_and_back(viewer: Page) -> None:
    viewer.get_by_role("button", name="English").click()
    expect(viewer.locator("html")).to_have_attribute("lang", "en")
    expect(viewer).to_have_title("Grid patrol map")
    expect(figure(viewer, "Check-ins")).to_have_text("3")
    expect(viewer.locator("#incidents li").first).to_contain_text("theft")
    viewer.locator("#definitions summary").click()
    expect(viewer.locator("#definitions")).to_contain_text("Check-ins located in the cell")
    viewer.reload()
    expect(viewer.locator("html")).to_have_attribute("lang", "en")
    viewer.get_by_role("button", name="中文").click()
    expect(figure(viewer, "打卡")).to_have_text("3")


def test_sorting(viewer: Page) -> None:
    names = viewer.locator("#table tbody th")
    viewer.get_by_role("button", name="打卡", exact=True).click()
    expect(names).to_have_text(["B社区", "A社区"])
    viewer.get_by_role("button", name="打卡", exact=True).click()
    expect(names).to_have_text(["A社区", "B社区"])
    expect(viewer.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    expect(viewer).to_have_url(re.compile("sort=-check_ins"))


def test_back_and_a_link_reproduce_the_view(viewer: Page, town: str) -> None:
    cell(viewer, "A社区").click()
    press(viewer, "工作分站")
    expect(viewer.locator("path.cell")).to_have_count(4)
    viewer.go_back()
    expect(viewer.locator("path.cell")).to_have_count(2)
    expect(viewer.locator("#panel h2")).to_contain_text("A社区")
    viewer.go_back()
    expect(viewer.locator("#panel h2")).to_contain_text("葵涌街道")
    viewer.goto(f"{town}/?level=substation&cell=1B&period=7d&lang=en&view=114.42000,22.61000,14")
    expect(viewer.locator("#panel h2")).to_contain_text("B社区")
    expect(viewer.locator("#table-title")).to_have_text("Substations of B社区")
    assert viewer.evaluate("map_000.getZoom()") == 14


def test_back_goes_to_where_the_map_was(viewer: Page) -> None:
    whole = viewer.evaluate("map_000.getZoom()")
    cell(viewer, "A社区").click()
    viewer.get_by_role("button", name="看下级").click()
    expect(viewer).to_have_url(re.compile("view="))  # once the map stands still
    assert viewer.evaluate("map_000.getZoom()") > whole
    viewer.go_back()
    expect(viewer.locator("path.cell")).to_have_count(2)
    assert viewer.evaluate("map_000.getZoom()") == whole


@spatialite
def test_the_map_opens_on_ones_own_ground(page: Page, load_grid: LoadGrid, served: str, engine: Engine) -> None:
    load_grid(cells())
    let_in(page.context, served, session_of(engine, ("station_staff", "1A0")))
    page.goto(f"{served}/")
    expect(page.locator("#panel .headline")).to_be_visible()
    middle = page.evaluate("({ ...map_000.getCenter() })")
    assert (middle["lng"], middle["lat"]) == pytest.approx((WEST + 0.005, SOUTH + 0.01), abs=0.002)


def test_zooming_goes_into_the_address(viewer: Page) -> None:
    before = viewer.evaluate("map_000.getZoom()")
    viewer.get_by_role("button", name="放大 Zoom in").click()
    expect(viewer).to_have_url(re.compile(r"view=114\.\d+,22\.\d+,"))
    viewer.reload()
    expect(viewer.locator("#panel h2")).to_be_visible()
    assert viewer.evaluate("map_000.getZoom()") > before


def test_an_unknown_cell_in_the_address(viewer: Page, town: str) -> None:
    viewer.goto(f"{town}/?cell=nowhere")
    expect(viewer.locator("#status")).to_contain_text("没有编码为 nowhere 的网格")
    expect(viewer.locator("#panel h2")).to_contain_text("葵涌街道")


@spatialite
def test_the_grid_is_that_of_the_period(page: Page, load_grid: LoadGrid, served: str) -> None:
    load_grid(cells())
    load_grid(cells(name="新网格"), first_day=date(2026, 1, 1))
    page.goto(f"{served}/?period=custom&from=2025-01-01&to=2025-01-31")
    expect(cell(page, "A社区")).to_have_count(1)
    during(page, "近 7 天")
    expect(cell(page, "新网格")).to_have_count(2)
    expect(cell(page, "A社区")).to_have_count(0)


NEEDS_A_GRID = ["#controls", "#search input", "#files", "#layers", "#key", "#stage", "#link"]


@spatialite
def test_without_a_grid_it_says_how_to_load_one(served: str, tolerant: Page, load_grid: LoadGrid) -> None:
    tolerant.goto(f"{served}/")
    commands = [f".venv/bin/gisgrid {each} 文件…" for each in ("check", "load")]
    expect(tolerant.locator("#panel code")).to_have_text([*commands, "GISGRID_HOME=/tmp/gisgrid make run"])
    links = ["人员与岗位", "登记手机", "在手机上安装", "打开手册", "接口文档"]
    expect(tolerant.locator("#panel .steps a")).to_have_text(links)
    expect(tolerant.locator("#tools button:visible")).to_have_text(["深色"])
    for unfit in NEEDS_A_GRID:
        expect(tolerant.locator(unfit)).to_be_hidden()
    assert violations(tolerant) == []
    tolerant.set_viewport_size({"width": 360, "height": 640})
    assert tolerant.evaluate("document.documentElement.scrollWidth") == 360
    expect(tolerant.locator("#stage")).to_be_hidden()  # nor does it take room
    load_grid(cells())
    tolerant.get_by_role("button", name="已载入，刷新").click()
    expect(tolerant.locator("path.cell")).to_have_count(2)
    for fit in NEEDS_A_GRID:
        expect(tolerant.locator(fit)).to_be_visible()


def test_a_service_that_is_away_can_be_tried_again(town: str, tolerant: Page) -> None:
    tolerant.route("**/api/**", lambda route: route.abort())
    tolerant.goto(f"{town}/")
    expect(tolerant.locator("#status")).to_contain_text("连不上服务")
    tolerant.unroute_all()
    tolerant.get_by_role("button", name="重试").click()
    expect(tolerant.locator("path.cell")).to_have_count(2)


@spatialite
def test_hostile_names_do_not_run(page: Page, load_grid: LoadGrid, served: str) -> None:
    frame = cells()
    names = dict(zip(frame["code"], [HOSTILE[0] + HOSTILE[7], *HOSTILE[1:7]], strict=True))
    load_grid(frame.assign(name=frame["code"].map(names)))
    for code, level in zip(frame["code"], frame["level"], strict=True):
        page.goto(f"{served}/?cell={code}&level={level}")
        expect(page.locator("#panel h2")).to_contain_text(code)
        assert page.locator("#panel h2").evaluate("it => it.firstChild.data") == names[code]
        shape = page.locator("path.cell[aria-pressed=true]")
        shape.focus()
        expect(page.locator(".card strong")).to_be_visible()
        assert page.locator(".card strong").evaluate("it => it.textContent") == names[code]
        assert page.evaluate("window.hacked") is None


def test_it_works_under_a_strict_policy(page: Page, town: str) -> None:
    def strict(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "Content-Security-Policy": "default-src 'self'"})

    page.route(f"{town}/", strict)
    page.goto(f"{town}/")
    expect(page.locator("#panel h2")).to_be_visible()
    expect(page.locator(".label:not(.hidden) .label-words").first).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1366, 768)])
def test_nothing_sticks_out(viewer: Page, width: int, height: int) -> None:
    viewer.set_viewport_size({"width": width, "height": height})
    assert viewer.evaluate("document.documentElement.scrollWidth") <= width
    expect(viewer.locator("#key")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_bar_holds_a_long_name(context: BrowserContext, walked: tuple[str, str], width: int, language: str) -> None:
    let_in(context, *walked)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{walked[0]}/?lang={language}")
    expect(page.locator("#illustrative")).to_be_visible()
    page.locator(".who").evaluate("it => { it.textContent = '城管执法队人员(演示)城管执法队人员' }")
    middles = page.locator(".bar-end > :not([hidden])").evaluate_all(
        "all => all.map((it) => it.getBoundingClientRect()).map((box) => box.top + box.height / 2)"
    )
    assert max(middles) - min(middles) <= 2  # one line
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        assert page.locator(".bar").evaluate("it => it.getBoundingClientRect().height") < 100


# --- whoever answers for a part ------------------------------------------------------------------


@pytest.fixture
def as_someone(
    page: Page, served: str, context: BrowserContext, engine: Engine, settings: Settings, load_grid: LoadGrid
) -> Callable[..., Page]:
    """Open the viewer at an address as somebody of these roles, on a walked grid."""
    load_grid(cells())
    walk(engine, settings)

    def open_it(search: str, *roles: tuple[str, Where]) -> Page:
        let_in(context, served, session_of(engine, *roles))
        page.goto(f"{served}/{search}")
        expect(page.locator("#panel h2")).to_be_visible()
        return page

    return open_it


def test_a_cell_of_others_has_no_figures_and_a_class_of_its_own(as_someone: Callable[..., Page]) -> None:
    page = as_someone("?level=substation", ("station_staff", "1A0"))
    expect(page.locator("#incidents")).to_contain_text("未结事件2")
    expect(cell(page, "A0")).to_have_class(re.compile(r"\bc\d\b"))
    expect(page.locator("path.cell.foreign")).to_have_count(3)
    expect(page.locator("path.cell.na")).to_have_count(0)
    expect(cell(page, "B1")).to_have_attribute("aria-label", "B1工作分站，不归您负责")
    expect(page.locator("#key .scale li")).to_have_text([re.compile("%")] * 6 + ["无数据", "不归您负责"])
    expect(page.locator("#table tbody tr")).to_have_count(1)
    expect(page.locator("#foreign")).to_have_text("不归您负责、不显示数字的网格：3 个。")
    for code in ("1B1", "1A", "1"):  # beside, above, and the whole street
        page.goto(f"{page.url.partition('?')[0]}?level=substation&cell={code}")
        expect(page.locator("#panel h2")).to_contain_text(code)
        expect(page.locator("#panel .awaited")).to_have_text(re.compile("负责"))
        page.wait_for_load_state("networkidle")
        expect(page.locator("#incidents")).to_be_empty()
        assert not re.search("事件|打卡", page.locator("#panel").inner_text())
    page.get_by_role("button", name="English").click()
    expect(page.locator("#key .scale li").last).to_have_text("Not yours")


@spatialite
def test_incidents_are_counted_where_one_answers_for_incidents(as_someone: Callable[..., Page]) -> None:
    page = as_someone("?cell=1B", ("volunteer_patroller", None), ("cadre", "1A"))
    expect(figure(page, "打卡")).to_have_text("1")
    expect(page.locator("#incidents")).to_have_text(re.compile("不归您负责"))
    cell(page, "A社区").click()
    expect(page.locator("#incidents")).to_contain_text("未结事件2")
    page = as_someone("?cell=1B", ("confidential_handler", "1A"))
    expect(page.locator("#incidents")).to_have_text(re.compile("不归您负责"))
    cell(page, "A社区").click()
    expect(page.locator("#incidents")).to_contain_text("未结事件0")


# --- figures that are not known -------------------------------------------------------------------


@pytest.mark.parametrize("known", [{"coverage_low": None, "coverage_high": None}, {}])
def test_limits_that_are_not_known_are_not_named(page: Page, town: str, known: dict[str, None]) -> None:
    def sealed(route: Route) -> None:
        answer = route.fetch()
        report = answer.json()
        bare = [{k: v for k, v in row.items() if k not in ("coverage_low", "coverage_high")} for row in report["cells"]]
        route.fulfill(response=answer, json={**report, "cells": [{**row, **known} for row in bare]})

    page.route("**/api/coverage?**", sealed)
    page.goto(f"{town}/")
    expect(page.locator("#panel .headline strong")).to_have_text(re.compile("%"))
    assert "介于" not in page.locator("#panel").inner_text()
