import json
import re

import pytest
from starlette.testclient import TestClient

from gisgrid.maps.classes import COVERAGE
from gisgrid.pages.shell import viewer

PAGE = viewer("Asia/Shanghai", 50.0)
LINKED = re.findall(r'(?:src|href)="([^"]+)"', PAGE)


def test_the_same_settings_give_the_same_bytes() -> None:
    assert viewer("Asia/Shanghai", 50.0) == PAGE


def test_nothing_inline_that_a_strict_policy_forbids() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", PAGE)
    assert "<style" not in PAGE
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", PAGE)


def test_the_settings_reach_the_modules() -> None:
    found = re.search(r'id="settings">(.*?)</script>', PAGE)
    assert found
    settings = json.loads(found[1])
    assert settings["timezone"] == "Asia/Shanghai"
    assert settings["reachM"] == 50
    assert [item["css"] for item in settings["classes"]] == [item.css for item in COVERAGE]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_everything_linked_is_served_with_its_type(client: TestClient) -> None:
    assert client.get("/").text == PAGE
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert len(LINKED) >= 6
    for address in LINKED:
        answer = client.get(f"/{address}")
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith(types[f".{address.rpartition('.')[2]}"])


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/maps/../pages.py", "/static/maps"]
)
def test_only_the_static_folders_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
