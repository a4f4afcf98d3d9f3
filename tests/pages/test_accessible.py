"""Every page there is, in a real browser: fit for everybody, in both languages, light and dark, large and small."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from gisgrid.pages.frame import FOLDER
from tests.pages.axe import violations
from tests.pages.test_frame import PAGES, filled
from tests.pages.worlds import Filled, serve_filled

OFFICE, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=360, height=640)
PURPOSE = "?purpose=fit+for+everybody"
VIEWER = "/?period=today"
MORE = ["/nowhere", *(f"{path}{PURPOSE}" for path in ("/live", "/doubts", "/doubts/unread", "/me/track"))]
"""What is not at the address of a page alone: a mistake, and what is shown for a purpose."""
ADDRESSES = [VIEWER, "/docs", *(filled(path) for path in PAGES), *MORE]
LANGUAGES = {"/docs": ("zh-CN",)}
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that a page may keep when it is light and break when it is dark."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[Filled]:
    with serve_filled(tmp_path_factory.mktemp("filled"), spatialite_template) as world:
        yield world


@pytest.fixture(scope="module")
def screen(browser: Browser, world: Filled) -> Iterator[Page]:
    """One page for all tests, in which somebody is signed in who may see everything."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=OFFICE)
    cookies = {"gisgrid": world.session, "gisgrid-device": world.device}
    context.add_cookies([{"name": name, "value": value, "url": world.url} for name, value in cookies.items()])
    yield context.new_page()
    context.close()


def show(screen: Page, world: Filled, path: str, language: str = "zh-CN") -> None:
    """Open a page, light and large, with all that can be unfolded."""
    screen.set_viewport_size(OFFICE)
    screen.context.add_cookies([{"name": "gisgrid-language", "value": language, "url": world.url}])
    screen.goto(f"{world.url}{path}{f'&lang={language}' if path == VIEWER else ''}")
    for at, what in ((VIEWER, "#tools button"), ("/docs", ".opblock"), ("/patrol", "#places li")):  # come last
        if path == at:
            expect(screen.locator(what).first).to_be_visible()
    screen.evaluate("document.querySelectorAll('details:not(.account)').forEach((each) => each.open = true)")
    turn(screen, "light")


def turn(screen: Page, theme: str) -> None:
    screen.evaluate("(name) => { document.documentElement.dataset.theme = name; }", theme)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_page_is_fit_for_everybody(screen: Page, world: Filled, path: str) -> None:
    found: list[Any] = []
    for language in LANGUAGES.get(path, ("zh-CN", "en")):
        show(screen, world, path, language)
        found += [(language, *each) for each in violations(screen)]
        turn(screen, "dark")
        found += [(language, "dark", *each) for each in violations(screen, *OF_COLOURS)]
    screen.set_viewport_size(PHONE)
    found += [("phone", *each) for each in violations(screen)]
    width = screen.evaluate("document.documentElement.scrollWidth")
    assert (found, width) == ([], PHONE["width"])


@pytest.mark.parametrize("path", ["/me", "/patrol"])
def test_a_button_makes_pages_dark_and_they_stay_so_but_on_paper(screen: Page, world: Filled, path: str) -> None:
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
    show(screen, world, path)
    screen.get_by_role("button", name="深色").click()
    screen.reload()
    expect(screen.locator("html")).to_have_attribute("data-theme", "dark")
    assert screen.evaluate(ground) == "#172027"
    screen.emulate_media(media="print")
    assert screen.evaluate(ground) == "#fff"
    screen.emulate_media(media="screen")
    screen.get_by_role("button", name="浅色").click()
    expect(screen.locator("html")).to_have_attribute("data-theme", "light")


# --- by the keyboard alone -------------------------------------------------------------------------

STOPS = """
() => {
    const ofGroup = (each) => !(each.type === "radio" && !each.checked
        && document.querySelector(`input[name="${each.name}"]:checked`)?.form === each.form);
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
        (each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true })
            && ofGroup(each));
    const hasOutline = (each) => each && getComputedStyle(each).outlineStyle !== "none";
    const isSeen = (each) => hasOutline(each) || hasOutline(each.nextElementSibling)
        || (each.matches("path") && parseFloat(getComputedStyle(each).strokeWidth) >= 3);
    window.stops = { all, met: [], unseen: new Set() };
    document.addEventListener("focusin", ({ target }) => {
        if (!window.stops.met.includes(target)) window.stops.met.push(target);
        if (!isSeen(target)) window.stops.unseen.add(target.outerHTML.slice(0, 200));
    });
    const several = all.filter((each) => /^(date|time|month)/.test(each.type)).length;
    document.body.tabIndex = -1;
    document.body.focus();
    return all.length + 7 * several + 10; // a date has several stops, and so has what scrolls or comes late
}
"""
MET = """
() => {
    const { all, met, unseen } = window.stops;
    const told = (each) => each.outerHTML.slice(0, 200);
    const places = met.map((each) => all.indexOf(each)).filter((place) => place >= 0);
    const back = places.find((place, at) => at && place < places[at - 1]);
    return {
        missed: all.filter((each) => each.isConnected && !met.includes(each)).map(told),
        unseen: [...unseen],
        back: back === undefined ? [] : [told(all[back])],
    };
}
"""
KINDS = [
    *(
        VIEWER,
        "/incidents",
        "/incidents/1",
        "/incidents/new",
        "/emergencies/1",
        f"/live{PURPOSE}",
        "/patrol",
        "/device",
    ),
    *("/rounds", "/rounds/plans", "/reports", "/me", "/sign-in", "/admin/people/1", "/surveys", "/audit", "/manual"),
]


@pytest.mark.parametrize("path", KINDS)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(screen: Page, world: Filled, path: str) -> None:
    show(screen, world, path)
    for _ in range(screen.evaluate(STOPS)):
        screen.keyboard.press("Tab")
    assert screen.evaluate(MET) == {"missed": [], "unseen": [], "back": []}


# --- the palette -----------------------------------------------------------------------------------

STYLES = [path for folder in ("pages", "patroller", "viewer") for path in (FOLDER / "static" / folder).glob("*.css")]
APART = re.compile(r":root[^{]*\{[^}]*\}|[^{}]*::backdrop *\{[^}]*\}")
"""Where colours are named: what has a name can be changed for the dark. A backdrop knows no names in older browsers."""


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_colours_are_named_so_that_they_can_be_dark(path: Path) -> None:
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[^{}]*\})|\brgb\([^)]*\)", APART.sub("", path.read_text())) == []
