"""Incidents on the map and in its panel, and work that begins at a place on the map, by several people in a browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, select, update

from gisgrid.database import make_engine, session_scope
from gisgrid.incidents.kinds.stored import starter
from gisgrid.incidents.report import store_incidents
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.patrols.plans.tables import Plan, PlanArea
from gisgrid.patrols.tables import Checkpoint
from gisgrid.settings import Settings
from tests.maps.builders import SOUTH, WEST, cells, checkpoints
from tests.pages.conftest import let_in, load, session_of
from tests.service import running
from tests.staff.callers import Where

Open = Callable[..., Page]
MOVED = {"E0504": "店外经营", "L0201": "邻里纠纷", "L0101": "盗窃"}
"""Kinds of the incidents in B1, one for each test that moves one."""
STATES = ("reported", "handling", "handled", "suspended", "closed")
"""How the incidents in A0 stand, from west to east; the second is overdue."""
LEADER, WALKER = ("street_leader", "1"), ("patroller", "1B0")
STATION, OTHER_STATION = ("station_staff", "1A0"), ("station_staff", "1B1")
EAST = {"1A0": 0.005, "1B0": 0.025, "1B1": 0.035}


class Town(NamedTuple):
    """A service that runs, for all tests of this file, and its database."""

    url: str
    engine: Engine


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[Town]:
    settings = Settings(home=tmp_path_factory.mktemp("busy"))
    (settings.home / "data").mkdir()
    shutil.copyfile(spatialite_template, settings.home / "data" / "gisgrid.sqlite")
    engine = make_engine(settings.database_url)
    load(engine, settings, cells())
    happen(engine, settings)
    with running(settings.home, GISGRID_PUBLIC_VIEWER="true") as service:
        yield Town(service.url, engine)
    engine.dispose()


def happen(engine: Engine, settings: Settings) -> None:
    """Store an incident in each of some states, some more that are new, and a checkpoint."""
    now = datetime.now(UTC).replace(microsecond=0)
    east = [*(0.001 + 0.002 * number for number in range(len(STATES))), 0.032, 0.035, 0.038]
    frame = pd.DataFrame({"kind": ["E0504"] * len(STATES) + list(MOVED), "longitude": [WEST + each for each in east]})
    times = {"reported_at": pd.Timestamp(now - timedelta(hours=1)), "received_at": pd.Timestamp(now)}
    with session_scope(engine, write=True) as session:
        store_incidents(session, frame.assign(latitude=SOUTH + 0.005, description="占道", **times), settings)
        store_checkpoints(session, checkpoints("码头").assign(is_illustrative=False))
        rows = session.scalars(select(Incident.id).order_by(Incident.longitude)).all()
        for row, state in zip(rows, STATES, strict=False):
            late = {"due_at": now - timedelta(hours=2)} if state == "handling" else {}
            session.execute(update(Incident).where(Incident.id == row).values(state=state, condition="1", **late))


@pytest.fixture
def enter(page: Page, busy: Town) -> Open:
    """Open the viewer at a cell, as somebody of a role; as nobody, if none is named."""

    def entered(*roles: tuple[str, Where], at: str = "1A0", on: Page = page) -> Page:
        if roles:
            let_in(on.context, busy.url, session_of(busy.engine, *roles))
        on.goto(f"{busy.url}/?view={WEST + EAST[at]},{SOUTH + 0.006},16")
        expect(on.locator("#tools button").first).to_be_visible()  # the last that comes
        return on

    return entered


def marks(page: Page) -> Locator:
    return page.locator(".case-mark:not(.swatch)")


def opened(page: Page, kind: str) -> Locator:
    """Open the incident of a kind in the panel."""
    page.locator(f".case-mark[aria-label^='{MOVED[kind]}']").press("Enter")
    expect(page.locator(".case h2")).to_contain_text(MOVED[kind])
    return page.locator(".case")


def click_map(page: Page, across: float, down: float, **how: object) -> None:
    """Click on the map at a share of its width and height."""
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"], **how)  # type: ignore[arg-type]


SETTLED = """new Promise((done) => {
    const look = () => (map_000._panAnim?._inProgress ? requestAnimationFrame(look) : done());
    look();
})"""
"""When the map has moved so that all of the menu is seen."""


def menu_at(page: Page, across: float = 0.5, down: float = 0.7) -> Locator:
    click_map(page, across, down, button="right")
    expect(page.locator(".work-menu")).to_have_count(1)
    page.evaluate(SETTLED)
    return page.locator(".work-menu")


# --- the layer ------------------------------------------------------------------------------------


def test_incidents_are_marked_by_state_and_can_be_switched_off(enter: Open) -> None:
    page = enter(STATION)
    expect(marks(page)).to_have_count(4)
    page.locator("#layers summary").click()
    page.get_by_label("连同已办结").check()
    expect(marks(page)).to_have_count(5)
    told = ["待办", "办理中，超期", "待核查", "挂账", "已办结"]
    expect(page.locator(".case-mark[aria-label^='店外经营，']")).to_have_count(5)
    for css, words in zip(("new", "busy.late", "check", "rests", "over"), told, strict=True):
        expect(page.locator(f".case-mark.{css}:not(.swatch)")).to_have_attribute(
            "aria-label", re.compile(f"，{words}$")
        )
    expect(page.locator("#key .upon li")).to_contain_text(["待办", "办理中", "待核查", "挂账", "已办结", "超期"])
    page.get_by_label("未结事件").uncheck()
    expect(marks(page)).to_have_count(0)
    expect(page).to_have_url(re.compile("layers="))
    page.reload()
    expect(page.locator("#panel h2")).to_be_visible()
    expect(marks(page)).to_have_count(0)


def test_from_afar_they_are_counted_and_what_is_overdue_pulses_unless_that_is_not_wanted(enter: Open) -> None:
    page = enter(STATION)
    late = "getComputedStyle(document.querySelector('.case-mark.late:not(.swatch)'), '::after')"
    ring = "getComputedStyle(document.querySelector('.case-mark.late:not(.swatch)'), '::before').borderTopWidth"
    expect(marks(page)).to_have_count(4)
    assert page.evaluate(f"{late}.animationName") == "pulse"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(f"{late}.animationName") == "none"
    assert page.evaluate(ring) != "0px"
    page.evaluate("map_000.setZoom(12, { animate: false })")
    expect(page.locator(".cluster")).to_have_attribute("aria-label", "4 件事件，其中超期 1 件")
    page.locator(".cluster").press("Enter")
    expect(page.locator(".cluster[aria-label^='4']")).to_have_count(0)


def test_an_incident_that_is_open_is_in_the_address(enter: Open) -> None:
    page = enter(STATION)
    marks(page).first.press("Enter")
    expect(page.locator("#opened h2")).to_be_visible()
    expect(page).to_have_url(re.compile(r"incident=\d+"))
    page.reload()
    expect(page.locator("#opened h2")).to_be_visible()
    page.locator("#opened .back").click()
    expect(page).not_to_have_url(re.compile("incident="))


def test_back_and_forward_open_and_shut_an_incident(enter: Open) -> None:
    page = enter(STATION)
    marks(page).first.press("Enter")
    expect(page.locator("#opened h2")).to_be_visible()
    page.locator("path.cell[data-code='1A1']").press("Enter")
    expect(page.locator("#opened")).to_be_hidden()
    expect(page).to_have_url(re.compile("cell=1A1"))
    page.go_back()
    expect(page.locator("#opened h2")).to_be_visible()
    page.go_forward()
    expect(page.locator("#opened")).to_be_hidden()
    expect(page.locator("#panel h2")).to_contain_text("1A1")
    for _ in range(2):
        page.go_back()
    expect(page.locator("#opened")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("incident="))


def test_on_a_phone_an_incident_is_scrolled_to(enter: Open) -> None:
    page = enter(OTHER_STATION, at="1B1")
    page.set_viewport_size({"width": 360, "height": 640})
    opened(page, "L0101")
    expect(page.locator("#opened .case-steps")).to_be_in_viewport()


def test_an_open_incident_follows_the_language_unless_something_is_typed(enter: Open) -> None:
    page = enter(OTHER_STATION, at="1B1")
    case = opened(page, "L0101")
    page.get_by_role("button", name="English").click()
    expect(case.get_by_role("heading", name="Latest steps")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(case.get_by_role("heading", name="最近经过")).to_be_visible()
    case.locator(".more summary").click()
    page.get_by_role("button", name="上报上级").click()
    page.get_by_label("原因").fill("超出权限")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#table-title")).to_contain_text(" of 葵涌街道")
    expect(page.get_by_label("原因")).to_have_value("超出权限")


def test_too_many_are_told_by_squares(enter: Open, page: Page) -> None:
    columns = ["longitude", "latitude", "count", "overdue"]
    rows = [[WEST + 0.005, SOUTH + 0.005, 8000, 12], [WEST + 0.01, SOUTH + 0.005, 2001, 0]]
    told = {"columns": columns, "rows": rows, "square_m": 500, "numberMatched": 10_001}
    page.route("**/api/incidents/map?**", lambda route: route.fulfill(json=told))
    enter(STATION)
    expect(page.locator("#status")).to_contain_text("按 500 米方格显示")
    expect(marks(page)).to_have_count(0)
    squares = page.locator("path.case-square")
    expect(squares).to_have_count(2)
    expect(squares.first).to_have_attribute("aria-label", "8,000 件事件，其中超期 12 件")
    squares.first.press("ArrowRight")
    expect(squares.last).to_be_focused()


def test_what_is_reported_elsewhere_appears_by_itself(enter: Open, busy: Town) -> None:
    page = enter(OTHER_STATION, at="1B1")
    expect(marks(page).first).to_be_visible()
    now = pd.Timestamp(datetime.now(UTC))
    sent = {
        "kind": ["E0201"],
        "reported_at": now,
        "received_at": now,
        "longitude": WEST + 0.035,
        "latitude": SOUTH + 0.009,
    }
    with session_scope(busy.engine, write=True) as session:
        store_incidents(session, pd.DataFrame(sent), Settings())
    name = starter().kinds["E0201"].name_zh
    expect(page.locator(f".case-mark.new[aria-label^='{name}']")).to_have_count(1)


# --- the panel ------------------------------------------------------------------------------------


def test_an_incident_is_opened_and_moved_along_its_loop(enter: Open) -> None:
    page = enter(OTHER_STATION, at="1B1")
    case = opened(page, "E0504")
    expect(case).to_contain_text("已上报")
    expect(case).to_contain_text("B1工作分站")
    expect(case.get_by_role("link", name="打开完整页面")).to_have_attribute("href", re.compile(r"/incidents/\d+$"))
    case.get_by_role("button", name="立案", exact=True).click()
    case.get_by_label("立案条件").select_option("1")
    case.get_by_role("button", name="确认立案").click()
    expect(case.get_by_role("status").first).to_have_text("已办理：立案")
    expect(case).to_contain_text("剩余")
    case.get_by_role("button", name="派遣", exact=True).click()
    case.get_by_label("承办部门").select_option("urban_management")
    case.get_by_role("button", name="确认派遣").click()
    expect(case.locator(".case-state")).to_have_text("已派遣")
    expect(case.locator(".pairs")).to_contain_text("部门城")
    expect(page.locator(".case-mark.busy:not(.swatch)")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#panel h2")).to_be_visible()


def test_whoever_comes_second_is_told_and_sees_it_as_it_is(enter: Open, tolerant: Page, busy: Town) -> None:
    page = enter(OTHER_STATION, at="1B1", on=tolerant)
    opened(page, "L0201").get_by_role("button", name="不予立案").click()
    with session_scope(busy.engine, write=True) as session:
        session.execute(update(Incident).where(Incident.kind == "L0201").values(revision=7))
    page.get_by_label("原因").fill("不属实")
    page.get_by_role("button", name="确认不予立案").click()
    expect(page.locator(".case-remark")).to_contain_text("此件已变动")
    expect(page.locator(".case-state")).to_have_text("已上报")
    page.locator(".case").get_by_role("button", name="不予立案").click()
    page.get_by_label("原因").fill("不属实")
    page.get_by_role("button", name="确认不予立案").click()
    expect(page.locator(".case-state")).to_have_text("不予立案")


def test_what_the_service_refuses_is_told_in_the_form(enter: Open, tolerant: Page) -> None:
    page = enter(OTHER_STATION, at="1B1", on=tolerant)
    opened(page, "L0101").locator(".more summary").click()
    page.get_by_role("button", name="上报上级").click()
    page.get_by_label("原因").fill("   ")
    page.get_by_role("button", name="确认上报上级").click()
    expect(page.locator(".failure")).to_have_text("“上报上级”还缺：原因(reason)")
    expect(page.get_by_label("原因")).to_have_value("   ")


# --- work at a place ------------------------------------------------------------------------------


def test_an_incident_is_reported_where_the_map_was_clicked(enter: Open) -> None:
    page = enter(WALKER, at="1B0")
    menu = menu_at(page)
    expect(menu.get_by_role("button")).to_have_text(["上报事件"])
    menu.get_by_role("button", name="上报事件").click()
    expect(page.locator("path.work-place")).to_have_count(1)
    expect(page.locator(".work .when b")).to_have_text(re.compile("."))
    page.get_by_label("按名称查找类别").fill("店外经营")
    expect(page.get_by_label("类别", exact=True)).to_have_value("E0504")
    page.get_by_label("情况").fill("占道经营")
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator(".case-remark")).to_contain_text("已上报：20")
    expect(page.locator(".case-words")).to_have_text("占道经营")
    expect(page.locator("path.work-place")).to_have_count(0)
    expect(page.locator(".case-mark.new:not(.swatch)")).to_have_count(1)


def test_the_keyboard_alone_begins_work_under_the_cross(enter: Open) -> None:
    page = enter(STATION)
    page.locator("#work-here").press("Enter")
    expect(page.locator(".cross")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".cross")).to_have_count(0)
    expect(page.locator("#work-here")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="上报事件")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="设打卡点")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("编码")).to_be_focused()


def test_a_long_press_opens_the_menu_and_a_short_one_does_not(enter: Open) -> None:
    page = enter(WALKER)
    press = """([type, x]) => document.querySelector('.leaflet-container').dispatchEvent(new PointerEvent(type,
        { bubbles: true, pointerType: 'touch', isPrimary: true, clientX: x, clientY: 500 }))"""
    page.clock.install()
    for then, count in (("pointerup", 0), ("pointermove", 0), (None, 1)):
        page.evaluate(press, ["pointerdown", 300])
        page.clock.run_for(300)
        if then:
            page.evaluate(press, [then, 340])
        page.clock.run_for(400)
        expect(page.locator(".work-menu")).to_have_count(count)


def test_a_checkpoint_is_made_in_one_s_cells_and_refused_elsewhere(enter: Open, tolerant: Page, busy: Town) -> None:
    page = enter(STATION, on=tolerant)
    menu_at(page, 0.3).get_by_role("button", name="设打卡点").click()
    page.get_by_label("编码").fill("N-1")
    page.get_by_label("名称").fill("新码头")
    page.get_by_label("打卡半径（米）").fill("30")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#status")).to_have_text("打卡点已设：新码头（N-1）")
    with session_scope(busy.engine) as session:
        assert session.scalar(select(Checkpoint.radius_m).where(Checkpoint.code == "N-1")) == 30
    menu_at(page, 0.9).get_by_role("button", name="设打卡点").click()
    page.get_by_label("编码").fill("N-2")
    page.get_by_label("名称").fill("别处")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".failure")).to_have_text("此位置不在您负责的网格内")
    expect(page.get_by_label("编码")).to_have_value("N-2")


def test_the_area_of_an_operation_is_drawn_with_clicks(enter: Open, busy: Town) -> None:
    page = enter(LEADER)
    menu_at(page, 0.2, 0.3).get_by_role("button", name="画专项行动范围").click()
    for across, down in ((0.8, 0.3), (0.5, 0.5), (0.8, 0.7)):
        click_map(page, across, down)
    expect(page.locator(".work .when")).to_have_text("已画 4 个角点")
    for _ in range(2):
        page.keyboard.press("Backspace")
    expect(page.locator(".work .when")).to_have_text("已画 2 个角点")
    page.keyboard.press("Enter")  # too few
    click_map(page, 0.8, 0.7)
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + 0.2 * box["width"], box["y"] + 0.7 * box["height"])
    page.get_by_label("名称").fill("清街行动")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#status")).to_contain_text("专项行动已建：清街行动")
    expect(page.locator("path.operation")).to_have_attribute("aria-label", re.compile("^清街行动，"))
    expect(page.locator(".operation-name")).to_contain_text("清街行动")
    with session_scope(busy.engine) as session:
        assert session.scalars(select(Plan.name).join(PlanArea, PlanArea.plan_id == Plan.id)).all() == ["清街行动"]
    page.locator("path.operation").press("Enter")
    expect(page.locator(".work").get_by_role("link")).to_have_attribute("href", re.compile("/rounds/plans/1"))


def test_an_area_is_drawn_by_keyboard_or_given_up(enter: Open) -> None:
    page = enter(STATION)

    def begin() -> None:
        page.locator("#work-here").press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator(".work-menu")).to_have_count(1)  # the one before fades away
        expect(page.get_by_role("button", name="上报事件")).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")

    begin()
    expect(page.locator(".drawing .cross")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".drawing")).to_have_count(0)
    expect(page.locator("path.drawn")).to_have_count(0)
    begin()
    for corner, steps in enumerate((("Right", 0), ("Right", 0.002), ("Down", 0.002)), 1):
        page.evaluate(
            "([way, by]) => { const at = map_000.getCenter(); map_000.setView(way === 'Right' ? [at.lat, at.lng + by]"
            " : [at.lat - by, at.lng], 16, { animate: false }); }",
            steps,
        )
        page.keyboard.press("Space")
        expect(page.locator(".work .when")).to_have_text(f"已画 {corner} 个角点")
    page.keyboard.press("Enter")
    expect(page.get_by_label("名称")).to_be_focused()


def test_nobody_is_offered_what_they_may_not(enter: Open) -> None:
    page = enter(("administrator", None))
    expect(page.locator("#work-here")).to_have_count(0)
    click_map(page, 0.5, 0.5, button="right")
    expect(page.locator(".work-menu")).to_have_count(0)
    expect(page.locator("#layer-incidents, #layer-operations")).to_have_count(0)
    page.context.clear_cookies()
    page = enter()
    expect(page.locator("#work-here, #layer-incidents, #layer-operations")).to_have_count(0)
