"""Tiles over HTTP, and under the cells in a browser."""

import re
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.app import create_app
from gisgrid.maps.tiles.tile_set import BadTiles
from gisgrid.pages.viewer.tiles import base_told
from gisgrid.settings import Settings
from tests.grid.own.builders import put
from tests.maps.builders import SOUTH, WEST, cells
from tests.maps.tiles.builders import picture, write_folder, write_mbtiles
from tests.pages.conftest import LoadGrid

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
TIANDITU = {"base_layer": "wmts:https://t0.tianditu.gov.cn/vec_w/wmts?tk=abc", "base_layer_attribution": "天地图"}


@pytest.fixture
def chosen() -> dict[str, str]:
    """What the settings say of the base layer, unless a test says something else."""
    return {"base_layer": "mbtiles:base.mbtiles", "base_layer_attribution": "测绘院", "map_approval": "粤S(2026)001号"}


@pytest.fixture
def settings(settings: Settings, chosen: dict[str, str]) -> Settings:
    """An installation with a base layer."""
    write_mbtiles(settings.home / "base.mbtiles")
    write_folder(settings.home / "base", [(12, x, y) for x in range(3347, 3353) for y in range(1781, 1787)])
    return settings.model_copy(update=chosen)


@spatialite
def test_a_tile_is_sent_once(client: TestClient) -> None:
    first = client.get("/tiles/2/3/1")
    assert (first.status_code, first.headers["content-type"], first.content) == (200, "image/png", picture((2, 3, 1)))
    assert first.headers["cache-control"] == "private, max-age=86400"
    again = client.get("/tiles/2/3/1", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/tiles/2/3/1", headers={"If-None-Match": '"other"'}).status_code == 200


@spatialite
@pytest.mark.parametrize(
    ("path", "status"),
    [("2/0/0", 204), ("0/1/1", 204), ("30/0/0", 204), ("31/0/0", 422), ("2/-1/0", 422), ("2/a/0", 422)],
)
def test_where_there_is_none(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/tiles/{path}")
    assert answer.status_code == status
    assert (answer.content == b"") == (status == 204)


@spatialite
@pytest.mark.parametrize("chosen", [{"base_layer": "land"}, TIANDITU])
def test_without_tiles_of_this_machine_there_is_none(client: TestClient) -> None:
    answer = client.get("/tiles/0/0/0")
    assert (answer.status_code, answer.headers["cache-control"]) == (204, "no-store")


@spatialite
def test_it_is_for_whoever_may_see_the_grid(client: TestClient) -> None:
    stranger = client.get("/tiles/0/0/0", headers={"Authorization": "Bearer nobody"}, follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"].partition("?")[0]) == (303, "/sign-in")


@spatialite
@pytest.mark.parametrize("chosen", [{"base_layer": "pmtiles:nowhere"}])
def test_the_service_does_not_start_without_its_tiles(settings: Settings) -> None:
    with pytest.raises(BadTiles, match="GISGRID_BASE_LAYER"):
        create_app(settings)


@spatialite
@pytest.mark.parametrize(
    ("chosen", "pictures"),
    [
        ({"base_layer": "land"}, "'self' data:"),
        ({"base_layer": "mbtiles:base.mbtiles"}, "'self' data:"),
        (TIANDITU, "'self' data: https://t0.tianditu.gov.cn"),
    ],
)
def test_browsers_may_load_pictures_of_that_host_and_nothing_else(client: TestClient, pictures: str) -> None:
    policy = client.get("/healthz").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("img-src") == pictures
    assert set(rules.values()) == {"'self'", "'none'"}


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({}, {"kind": "land", "attribution": "", "approval": ""}),
        ({"base_layer": "none", "map_approval": "x"}, {"kind": "none", "attribution": "", "approval": "x"}),
        (
            {"base_layer": "xyz:https://a.cn/{z}/{x}/{y}", "base_layer_attribution": "甲"},
            {
                **{"kind": "tiles", "url": "https://a.cn/{z}/{x}/{y}", "attribution": "甲", "approval": ""},
                **{"minZoom": 0, "maxZoom": 18, "bounds": None},
            },
        ),
    ],
)
def test_what_the_viewer_is_told(chosen: dict[str, Any], told: dict[str, Any]) -> None:
    assert base_told(Settings(**chosen), None) == told


# --- in the browser --------------------------------------------------------------------------------


@spatialite
@pytest.mark.parametrize(
    "chosen", [{"base_layer": "folder:base", "base_layer_attribution": "测绘院", "map_approval": "粤S(2026)001号"}]
)
def test_the_cells_lie_over_the_tiles(page: Page, load_grid: LoadGrid, served: str) -> None:
    load_grid(cells())
    page.goto(f"{served}/")
    expect(page.locator("#panel h2")).to_be_visible()
    tile = page.locator(".leaflet-tile-pane img.leaflet-tile-loaded").first
    expect(tile).to_have_attribute("src", re.compile(r"^tiles/12/\d+/\d+\?v="))
    assert tile.evaluate("(it) => it.naturalWidth") == 16
    expect(page.locator("path.land")).to_be_hidden()
    assert page.locator("path.cell").first.evaluate("(it) => Number(getComputedStyle(it).fillOpacity)") < 1
    expect(page.locator(".sources")).to_have_text("底图：测绘院审图号：粤S(2026)001号")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".sources")).to_have_text("Base map: 测绘院Map approval No. 粤S(2026)001号")


@spatialite
@pytest.mark.parametrize("chosen", [{"base_layer": "land"}])
def test_the_sea_is_drawn_where_it_was_loaded(page: Page, load_grid: LoadGrid, served: str, engine: Engine) -> None:
    load_grid(cells())
    put(engine, "sea", [shapely.box(WEST - 1, SOUTH - 1, WEST, SOUTH)])
    page.goto(f"{served}/")
    expect(page.locator("path.sea")).to_have_count(1)
    expect(page.locator(".leaflet-sea-pane path.sea")).to_have_css("fill-opacity", "1")
    page.get_by_text("图层", exact=True).click()
    expect(page.locator("#layer-list")).not_to_contain_text("海域")  # it is the base, and no layer over it


@spatialite
@pytest.mark.parametrize("chosen", [{"base_layer": "none"}])
def test_where_there_is_no_base_there_is_no_sea(page: Page, load_grid: LoadGrid, served: str, engine: Engine) -> None:
    load_grid(cells())
    put(engine, "sea", [shapely.box(WEST - 1, SOUTH - 1, WEST, SOUTH)])
    page.goto(f"{served}/")
    expect(page.locator("#tools button").first).to_be_visible()
    expect(page.locator("path.sea")).to_have_count(0)


@spatialite
@pytest.mark.parametrize("chosen", [{"base_layer": "land"}])
def test_own_land_is_drawn_of_itself(page: Page, load_grid: LoadGrid, served: str) -> None:
    load_grid(cells())
    page.goto(f"{served}/")
    expect(page.locator("path.land").first).to_be_visible()
    expect(page.locator(".leaflet-tile-pane img, .sources")).to_have_count(0)
