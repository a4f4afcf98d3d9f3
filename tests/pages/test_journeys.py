"""What people do on the pages from beginning to end, in a real browser on the real service."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.pages.own.sign_in import LINK
from gisgrid.staff.people import person_of
from gisgrid.staff.sign_in import issue_link
from tests.browser import faults_of
from tests.maps.builders import cells
from tests.pages.conftest import LoadGrid, let_in, session_of
from tests.staff.builders import BETTER, GOOD, hire
from tests.staff.callers import person

pytestmark = [
    pytest.mark.parametrize("database_url", ["spatialite"], indirect=True),
]

PHONE = {"width": 360, "height": 640}


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Another browser: that of a phone."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=PHONE)  # type: ignore[arg-type]
    faults = faults_of(context)
    yield context.new_page()
    context.close()
    assert faults == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        if len(key) > 1 and key[0] in "+":
            page.keyboard.insert_text(key[1:])
        else:
            page.keyboard.press(key)


def focused(page: Page) -> str:
    """Return what has the focus: its label or its text."""
    return str(page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus, and see that the focus shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"{name} is no tab stop")


def test_the_keyboard_alone_from_a_one_time_link_to_a_new_person(
    page: Page, served: str, load_grid: LoadGrid, engine: Engine
) -> None:
    load_grid(cells())
    page.context.clear_cookies()
    with session_scope(engine, write=True) as session:
        chief = person(session, ("administrator", None), name="guanli")
        words = issue_link(session, OPERATOR, person_of(session, chief.id)).words
    page.goto(f"{served}{LINK}#{words}")
    expect(page).to_have_url(f"{served}{LINK}")
    tab_to(page, "进入系统")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("设置口令")
    expect(page.get_by_label("新口令")).to_be_focused()
    press(page, f"+{GOOD}", "Tab", f"+{GOOD}", "Enter")
    expect(page.get_by_role("status")).to_contain_text("口令已设置")
    tab_to(page, "账户：guanli")
    press(page, "Enter")
    tab_to(page, "退出登录")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.get_by_label("登录名")).to_be_focused()
    press(page, "+guanli", "Tab", f"+{GOOD}", "Enter")
    page.wait_for_url(f"{served}/")
    page.goto(f"{served}/admin/people")
    press(page, "Tab", "Enter")
    assert page.evaluate("location.hash") == "#main"
    tab_to(page, "登录名")
    while focused(page) != "登录名":
        tab_to(page, "登录名")
    press(page, "+wangwu", "Tab", "+王五", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("王五")
    expect(page.get_by_label("链接", exact=True)).to_have_value(re.compile(f"{LINK}#gg_link_"))


def test_an_administrator_brings_in_a_patroller_and_a_phone(
    page: Page, phone: Page, served: str, load_grid: LoadGrid, context: BrowserContext, engine: Engine
) -> None:
    load_grid(cells())
    page.goto(f"{served}/admin/people")
    page.get_by_label("登录名", exact=True).fill("wangwu")
    page.get_by_label("姓名", exact=True).fill("王五")
    page.get_by_role("button", name="添加").click()
    page.get_by_role("combobox", name="角色").select_option("patroller")
    page.get_by_label("网格（含其下级）").select_option(label="A社区 1A")
    page.get_by_role("button", name="授予").click()
    expect(page.get_by_role("status")).to_have_text("已授予角色")
    expect(page.locator(".rows")).to_contain_text("巡查员 · A社区")
    page.get_by_text("重置 PIN 码").click()
    page.get_by_role("button", name="确定").locator("visible=true").click()
    pin = page.get_by_label("PIN 码", exact=True).input_value()
    page.get_by_role("link", name="管理").first.click()
    page.get_by_role("link", name="手机与大屏").click()
    page.get_by_label("名称").fill("葵丰 1 号机")
    page.get_by_label("所属网格").select_option(label="A社区 1A")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_alt_text("登记地址的二维码")).to_be_visible()
    address = page.get_by_label("登记地址").input_value()

    phone.goto(f"{served}{address[address.index('/device') :]}")
    expect(phone.get_by_role("status")).to_contain_text("登记成功")
    assert "gg_device" not in phone.evaluate("location.href + document.documentElement.outerHTML")
    phone.get_by_label("登录名").fill("wangwu")
    phone.get_by_label("PIN 码").fill(pin)
    phone.get_by_role("button", name="签到").click()
    phone.get_by_label("我已阅读并接受").check()
    phone.get_by_label("PIN 码").fill(pin)
    phone.get_by_role("button", name="接受并签到").click()
    expect(phone.locator(".duty")).to_contain_text("王五")
    phone.goto(f"{served}/")
    expect(phone).to_have_url(f"{served}/device")
    phone.get_by_role("button", name="签退", exact=True).click()
    expect(phone.locator(".duty")).to_contain_text("无人在岗")

    let_in(context, served, session_of(engine, ("auditor", None)))
    page.goto(f"{served}/audit")
    expect(page.locator("tbody tr").first).to_contain_text("签退")
    page.get_by_label("行为").select_option("shift.on")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("手机 葵丰 1 号机")
    page.get_by_role("link", name="查验是否完好").click()
    expect(page.get_by_role("status")).to_contain_text("完好")


def test_without_scripts_all_but_the_map_works(browser: Browser, served: str, engine: Engine) -> None:
    hire(engine, "guanli", password=GOOD)
    newcomer = hire(engine, "wangwu")
    with session_scope(engine, write=True) as session:
        words = issue_link(session, OPERATOR, person_of(session, newcomer)).words
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/me")
    page.get_by_label("Name").fill("guanli")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("guanli")
    page.get_by_role("link", name="Change the password").click()
    page.get_by_label("Old password").fill(GOOD)
    page.get_by_label("New password").fill(BETTER)
    page.get_by_label("Once more").fill(BETTER)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("status")).to_contain_text("The password is changed")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_text("退出全部登录").click()
    page.get_by_role("button", name="确定").locator("visible=true").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    page.goto(f"{served}{LINK}#{words}")
    page.get_by_label("链接中 # 之后的内容").fill(words)
    page.get_by_role("button", name="进入系统").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("设置口令")
    context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_sticks_out_of_a_phone(
    page: Page, served: str, load_grid: LoadGrid, context: BrowserContext, engine: Engine, language: str
) -> None:
    load_grid(cells(name="一个名字很长很长很长很长的社区"))
    hire(engine, "somebody-with-a-rather-long-name-for-one")
    context.add_cookies([{"name": "gisgrid-language", "value": language, "url": served}])
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    people = ("/admin/people", "/admin/people/1", "/admin/devices", "/admin/names")
    for path in (*people, "/audit", "/audit/chain", "/me", "/me/track", "/me/password", "/sign-in", "/device"):
        page.goto(f"{served}{path}")
        for summary in page.locator("main summary").all():
            summary.click()
        assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, PHONE["width"])


# --- the viewer, by who looks ----------------------------------------------------------------------


def test_a_leader_of_a_community_sees_its_figures_and_is_told_where_there_are_none(
    page: Page, served: str, load_grid: LoadGrid, context: BrowserContext, engine: Engine
) -> None:
    load_grid(cells())
    let_in(context, served, session_of(engine, ("community_leader", "1B")))
    page.goto(f"{served}/")
    expect(page.locator("#panel h2")).to_contain_text("B社区")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    expect(page.locator("path.cell.c0")).to_have_count(1)
    page.locator("path.cell[aria-label^='A社区']").click()
    expect(page.locator("#panel")).to_contain_text("不归您负责")
    page.get_by_role("radio", name="街道").check()
    expect(page.locator("#status")).to_contain_text("街道一级没有您负责的网格")
    page.get_by_role("radio", name="工作分站").check()
    expect(page.locator("#table tbody tr")).to_have_count(2)
    expect(page.locator("#incidents")).to_contain_text("没有未结事件")


def test_who_answers_for_several_is_asked_to_choose(
    page: Page, served: str, load_grid: LoadGrid, context: BrowserContext, engine: Engine
) -> None:
    load_grid(cells())
    let_in(context, served, session_of(engine, ("attached_leader", "1A"), ("attached_leader", "1B")))
    page.goto(f"{served}/")
    expect(page.locator("#panel")).to_contain_text("您负责社区 2 个")
    page.locator("path.cell[aria-label^='A社区']").click()
    expect(page.locator("#panel h2")).to_contain_text("A社区")
    expect(page.locator("#panel dl").first).to_be_visible()


@pytest.mark.parametrize(
    ("role", "has_figures", "has_incidents"),
    [("volunteer_patroller", True, False), ("confidential_handler", False, True), ("street_leader", True, True)],
)
def test_nothing_is_asked_for_that_one_may_not_see(
    page: Page,
    served: str,
    load_grid: LoadGrid,
    context: BrowserContext,
    engine: Engine,
    role: str,
    has_figures: bool,
    has_incidents: bool,
) -> None:
    load_grid(cells())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    let_in(context, served, session_of(engine, (role, None)))
    page.goto(f"{served}/")
    expect(page.locator("#panel h2")).to_contain_text("葵涌街道")
    expect(page.locator("#figures")).to_be_visible(visible=has_figures)
    expect(page.locator("#key .scale")).to_be_visible(visible=has_figures)
    if has_incidents:
        expect(page.locator("#incidents")).to_contain_text("没有未结事件")
    assert any("/api/coverage" in each for each in asked) == has_figures
    assert any("/api/incidents?" in each for each in asked) == has_incidents


def test_the_menu_over_the_map(
    page: Page, served: str, load_grid: LoadGrid, context: BrowserContext, engine: Engine
) -> None:
    load_grid(cells())
    let_in(context, served, session_of(engine, ("street_leader", None), ("auditor", None)))
    page.goto(f"{served}/")
    menu = page.locator("details.account")
    menu.locator("summary").click()
    expect(menu).to_contain_text("街道领导 · 全部网格")
    page.get_by_role("button", name="English").click()
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").press("Enter")
    expect(menu).to_contain_text("street leader · everywhere")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").press("Enter")
    menu.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")  # the choice of the map holds for all pages
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_map_whose_session_is_over_leads_to_sign_in_and_back(
    tolerant: Page, served: str, load_grid: LoadGrid, engine: Engine
) -> None:
    load_grid(cells())
    hire(engine, "lingdao", password=GOOD)
    let_in(tolerant.context, served, session_of(engine))
    tolerant.goto(f"{served}/?level=substation")
    expect(tolerant.locator("path.cell")).to_have_count(4)
    tolerant.context.clear_cookies()
    tolerant.get_by_role("radio", name="街道").check()
    tolerant.get_by_role("button", name="登录").click()
    expect(tolerant).to_have_url(re.compile(re.escape("/sign-in?next=%2F%3Flevel%3Dstreet")))
