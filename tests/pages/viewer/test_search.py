"""The search of the viewer, by keyboard and by hand, in a real browser."""

import re
from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from gisgrid.settings import Settings
from tests.grid.own.builders import put
from tests.maps.builders import HOSTILE, SOUTH, WEST, cells
from tests.pages.axe import violations
from tests.pages.conftest import LoadGrid, walk

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
X, Y = WEST + 0.015, SOUTH + 0.01


@pytest.fixture
def page(page: Page, load_grid: LoadGrid, engine: Engine, settings: Settings, served: str) -> Iterator[Page]:
    load_grid(cells())
    walk(engine, settings)
    names = ["海滨路12号", "海滨路121号", HOSTILE[2]]
    put(engine, "addresses", [shapely.Point(X, Y), shapely.Point(X + 0.001, Y), shapely.Point(X, Y)], names)
    page.goto(f"{served}/")
    expect(page.locator("#panel h2")).to_be_visible()
    yield page
    assert not page.evaluate("'hacked' in window")


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="查找")


def options(page: Page) -> Locator:
    return page.locator("#search").get_by_role("option")


def test_by_the_keyboard_alone(page: Page) -> None:
    box(page).focus()
    page.keyboard.type("社区")
    expect(options(page)).to_have_count(2)
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_contain_text("B社区")
    expect(box(page)).to_have_attribute("aria-activedescendant", "search-1")
    page.keyboard.press("ArrowDown")
    expect(box(page)).to_have_attribute("aria-activedescendant", "search-0")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text("B社区")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_value("B社区")
    expect(page).to_have_url(re.compile("cell=1B"))
    page.keyboard.press("Control+A")
    page.keyboard.type("海滨路 １２号")
    page.keyboard.press("Enter")
    expect(page.locator(".found-place")).to_have_text("海滨路12号")
    page.keyboard.press("Control+A")
    page.keyboard.type("zzz")
    expect(page.locator("#search-told")).to_have_text("没有找到“zzz”。请减少字数，或换一个说法。")
    page.keyboard.press("Escape")
    expect(page.locator("#search-told")).to_be_hidden()
    expect(box(page)).to_have_value("zzz")
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("")


def test_by_hand_in_both_languages_and_for_everybody(page: Page) -> None:
    box(page).fill("海滨路")
    found = page.get_by_role("group", name="地点")
    expect(found.get_by_role("option")).to_have_count(2)
    expect(found.get_by_role("option").first).to_contain_text("门牌地址 · 所在：葵涌街道 › A社区 › A1工作分站")
    expect(page.locator("#search-told")).to_have_text("找到 2 项。")
    assert violations(page) == []
    options(page).nth(1).click()
    expect(page.locator(".found-place")).to_have_text("海滨路121号")
    expect(page.locator("path.found-mark")).to_have_count(1)
    box(page).fill("<img")
    expect(options(page)).to_contain_text(HOSTILE[2])
    page.get_by_role("button", name="English").click()
    english = page.get_by_role("combobox", name="Search")
    expect(english).to_have_attribute("placeholder", "Cell, address, person, case no.")
    english.fill("0001")
    expect(page.get_by_role("group", name="Incidents").get_by_role("option").first).to_contain_text("In 葵涌街道")
    options(page).first.click()
    expect(page).to_have_url(re.compile(r"[?&]incident=\d+"))
    expect(page.locator("#opened h2")).to_contain_text("-0001")
