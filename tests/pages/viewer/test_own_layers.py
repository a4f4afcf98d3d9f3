"""Own layers on the map, in a real browser."""

import re
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests.grid.own.builders import put
from tests.maps.builders import HOSTILE, SOUTH, WEST, cells
from tests.pages.conftest import LoadGrid

X, Y = WEST + 0.015, SOUTH + 0.01
SHOW = """async ([url, name, zoom, place]) => {
  const { create } = await import(`${url}/static/viewer/layers/own.js`);
  const map = window[document.querySelector(".map").id];
  const settings = JSON.parse(document.getElementById("settings").textContent);
  window.told = [];
  window.layers = create({ map, settings, tell: (text) => window.told.push(text) });
  map.setView(place, zoom, { animate: false });
  await window.layers.find((it) => it.id === name).show({});
  return window.layers.map((it) => [it.id, it.title, it.isFor(settings), it.isOnAtFirst]);
}"""


@pytest.fixture
def page(page: Page, load_grid: LoadGrid, engine: Engine, served: str) -> Page:
    load_grid(cells())
    put(engine, "roads", [shapely.LineString([(X - 0.02, Y), (X + 0.02, Y)])], ["海滨路"])
    put(engine, "addresses", [shapely.Point(X, Y), shapely.Point(X + 1, Y)], [HOSTILE[2], "别处"])
    page.goto(f"{served}/")
    expect(page.locator("#tools button").first).to_be_visible()
    return page


def show(page: Page, served: str, name: str, zoom: int) -> Any:
    return page.evaluate(SHOW, [served, name, zoom, [Y, X]])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_each_is_a_layer_drawn_where_one_looks(page: Page, served: str) -> None:
    told = show(page, served, "own-roads", 15)
    assert told == [["own-addresses", "门牌地址", True, False], ["own-roads", "道路", True, False]]
    road = page.locator("path.own-is-roads")
    expect(road).to_have_count(1)
    assert road.evaluate("(it) => getComputedStyle(it).fill") == "none"
    before = road.get_attribute("d")
    page.evaluate(f"window[document.querySelector('.map').id].setView([{Y}, {X}], 17, {{ animate: false }})")
    expect(road).not_to_have_attribute("d", before or "")
    page.evaluate("window.layers[1].hide()")
    expect(road).to_have_count(0)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_addresses_are_dots_that_tell_their_name_once_near(page: Page, served: str) -> None:
    show(page, served, "own-addresses", 15)
    assert page.evaluate("window.told") == ["门牌地址：放大后显示。"]
    expect(page.locator("path.own-point")).to_have_count(0)
    page.evaluate(f"window[document.querySelector('.map').id].setView([{Y}, {X}], 17, {{ animate: false }})")
    expect(page.locator("path.own-point")).to_have_count(1)
    page.locator("path.own-point").hover()
    expect(page.locator(".leaflet-tooltip")).to_have_text(HOSTILE[2])
    assert not page.evaluate("'hacked' in window")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("window.layers[0].title") == "Addresses"
    expect(page).to_have_url(re.compile("lang=en"))
