import errno
import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from gisgrid.logs import RequestLog, configure_logs

PRIVATE = "114.5432109"


class Lines(StringIO):
    """Standard error, line by line."""

    def read_all(self) -> list[dict[str, object]]:
        text = self.getvalue()
        assert PRIVATE not in text
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    error = Lines()
    monkeypatch.setattr("sys.stderr", error)
    configure_logs()
    yield error
    structlog.reset_defaults()
    root.handlers[:], root.level = before


async def _answer(scope: Scope, _: Receive, send: Send) -> None:
    if scope["path"] == "/fail":
        raise ValueError(PRIVATE)
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": PRIVATE.encode()})


def ask(path: str, **headers: str) -> dict[str, str]:
    client = TestClient(RequestLog(_answer), raise_server_exceptions=False)
    return dict(client.post(path, content=PRIVATE, headers=headers).headers)


def test_a_request_is_one_line_without_query_and_body(lines: Lines) -> None:
    headers = ask(f"/api/x?longitude={PRIVATE}", Authorization=PRIVATE)
    (line,) = lines.read_all()
    assert line.pop("timestamp")
    assert line.pop("took_ms")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "path": "/api/x",
        "status": 201,
        "request_id": headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("given", "is_taken"), [("abc-1", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a\tb", False)]
)
def test_the_callers_id_is_kept_if_it_is_harmless(lines: Lines, given: str, is_taken: bool) -> None:
    answered = ask("/", **{"X-Request-ID": given})["x-request-id"]
    assert (answered == given) is is_taken
    assert lines.read_all()[0]["request_id"] == answered


def test_a_failure_tells_its_class_and_place_but_not_its_words(lines: Lines) -> None:
    ask("/fail")
    failure, request = lines.read_all()
    assert (failure["error"], failure["level"]) == ("ValueError", "error")
    assert any("test_logs.py" in str(frame) for frame in failure["at"])  # type: ignore[attr-defined]
    assert (request["status"], request["request_id"]) == (500, failure["request_id"])


def test_libraries_speak_the_same_way(lines: Lines) -> None:
    try:
        raise KeyError(PRIVATE)
    except KeyError:
        logging.getLogger("some.library").exception("went wrong")
    (line,) = lines.read_all()
    assert (line["event"], line["error"], line["level"]) == ("went wrong", "KeyError", "error")


def test_a_long_path_is_cut(lines: Lines) -> None:
    ask("/" + "a" * 5000)
    assert len(str(lines.read_all()[0]["path"])) == 200


def test_a_log_that_cannot_be_written_fails_nobody(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: str) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(lines, "write", full)
    client = TestClient(RequestLog(_answer))
    assert client.post("/api/x").status_code == 201
    with pytest.raises(ValueError, match=PRIVATE):
        client.post("/fail")
    logging.getLogger("some.library").error("went wrong")
    monkeypatch.undo()
    assert lines.read_all() == []
