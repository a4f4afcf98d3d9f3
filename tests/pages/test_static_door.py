"""Scripts, styles and pictures: from memory, compressed where that is a gain, and unchanged where they are known."""

import gzip
import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from gisgrid.maps.assets import STATIC as MAP_STATIC
from gisgrid.pages.frame import FOLDER
from gisgrid.pages.static_door import KeptFiles, static_door

LEAFLET = "vendor/leaflet/leaflet.js"
door = TestClient(static_door)


@pytest.mark.parametrize(
    ("path", "file", "media_type"),
    [
        ("/static/viewer/main.js", FOLDER / "static" / "viewer" / "main.js", "text/javascript"),
        (f"/static/maps/{LEAFLET}", MAP_STATIC / LEAFLET, "text/javascript"),
        ("/static/viewer/icon.svg", FOLDER / "static" / "viewer" / "icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_comes_as_it_is_or_packed(path: str, file: Path, media_type: str) -> None:
    plain = door.get(path, headers={"Accept-Encoding": "identity"})
    assert plain.headers["content-type"].startswith(media_type)
    assert plain.content == file.read_bytes()
    with door.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["vary"] == "Accept-Encoding"
    is_packed = answer.headers.get("content-encoding") == "gzip"
    assert is_packed is (len(plain.content) >= 1000)
    assert (gzip.decompress(raw) if is_packed else raw) == plain.content


def test_who_has_a_file_is_told_that_it_is_unchanged() -> None:
    first = door.get("/static/viewer/main.js")
    for known in ({"If-None-Match": first.headers["etag"]}, {"If-Modified-Since": first.headers["last-modified"]}):
        again = door.get("/static/viewer/main.js", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    assert door.head("/static/viewer/main.js").content == b""


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await files.get_response(scope["path"].lstrip("/"), scope)
        await answer(scope, receive, send)

    (tmp_path / "a.css").write_text("one")
    assert TestClient(app).get("/a.css").text == "one"
    (tmp_path / "a.css").write_text("two")
    os.utime(tmp_path / "a.css", ns=(1, 1))
    assert TestClient(app).get("/a.css").text == "two"
