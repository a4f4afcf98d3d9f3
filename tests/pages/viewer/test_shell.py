import json
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.maps.classes import COVERAGE
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import issue
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit

EVERYWHERE = ("street_leader", None)
SEES = {"grid", "coverage", "tracks", "incidents", "report"}
PLANS = SEES | {"plan"}
spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def settings_of(visitor: Visitor) -> dict[str, Any]:
    found = re.search(r'id="settings">(.*?)</script>', visitor.answer.text)
    assert found
    settings: dict[str, Any] = json.loads(found[1])
    return settings


@spatialite
def test_the_same_person_gets_the_same_bytes(visit: Visit) -> None:
    visitor = visit(EVERYWHERE)
    assert visitor.get("/").answer.text == visitor.get("/").answer.text


@spatialite
def test_the_day_of_the_service_is_told_with_its_ends(visit: Visit, settings: Settings) -> None:
    today = settings_of(visit(EVERYWHERE).get("/"))["today"]
    first, last = (datetime.fromtimestamp(today[key] / 1000, settings.zone) for key in ("from", "to"))
    assert (first.date().isoformat(), first.time(), today["zone"]) == (today["day"], time(), settings.timezone)
    assert first <= datetime.now(settings.zone) < last == first + timedelta(days=1)


@spatialite
def test_nothing_inline_that_a_strict_policy_forbids(visit: Visit) -> None:
    page = visit(EVERYWHERE, is_demonstration=True).get("/").answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", page)


@spatialite
def test_the_settings_reach_the_modules(visit: Visit) -> None:
    settings = settings_of(visit(EVERYWHERE).get("/"))
    assert settings["timezone"] == "Asia/Shanghai"
    assert settings["reachM"] == 50
    assert [item["css"] for item in settings["classes"]] == [item.css for item in COVERAGE]


@pytest.mark.parametrize(
    ("roles", "level", "may"),
    [
        ([("street_leader", None)], "street", PLANS),
        ([("street_leader", STREET)], "street", PLANS),
        ([("community_leader", COMMUNITY)], "community", PLANS),
        ([("cadre", SUBSTATION), ("cadre", COMMUNITY)], "community", SEES),
        ([("volunteer_patroller", SUBSTATION)], "substation", {"grid", "coverage", "report", "check_in"}),
        ([("administrator", None), ("auditor", None)], "street", {"grid", "coverage", "manage", "audit"}),
        ([("cadre", "440399999")], "street", SEES),
    ],
)
def test_it_opens_for_whoever_asks(visit: Visit, roles: list[Any], level: str, may: set[str]) -> None:
    settings = settings_of(visit(*roles).get("/"))
    assert (settings["level"], set(settings["may"])) == (level, may)
    assert settings["incidentsIn"] == [cell for role, cell in roles if "incidents" in ROLES[role]]
    assert (settings["isPublic"], settings["isDemonstration"]) == (False, False)


def test_a_board_and_the_public_see_it_and_a_phone_is_led_to_its_own_page(
    visit: Visit, settings: Settings, engine: Engine
) -> None:
    with session_scope(engine, write=True) as session:
        board = issue(session, "board", cell_code=COMMUNITY, name="大厅").words
        phone = issue(session, "device", cell_code=COMMUNITY, name="1 号机").words
    shown = settings_of(visit(device=board).get("/"))
    assert (shown["level"], shown["may"], shown["isPublic"]) == ("community", ["grid", "coverage"], False)
    assert visit(device=phone).get("/", 303).place == "/device"
    open_to_all = create_app(settings.model_copy(update={"public_viewer": True}))
    stranger = Visitor(open_to_all).get("/")
    assert (settings_of(stranger)["isPublic"], settings_of(stranger)["may"]) == (True, ["grid", "coverage"])
    assert ("a", "/sign-in") in [(tag, given.get("href")) for tag, given in stranger.page.elements]
    open_to_all.state.engine.dispose()


@spatialite
def test_everything_linked_is_served_with_its_type(client: TestClient, engine: Engine) -> None:
    lay(engine)
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    linked = re.findall(r'(?:src|href)="/?([^"]+\.\w+)"', client.get("/").text)
    assert len(linked) >= 6
    for address in linked:
        answer = client.get(f"/{address}")
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith(types[f".{address.rpartition('.')[2]}"])


@spatialite
@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/maps/../pages.py", "/static/maps"]
)
def test_only_the_static_folders_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
