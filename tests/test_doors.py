import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from gisgrid.doors import InstallDoor, OwnNames

CERTIFIED = ("grid.example", "192.168.1.10", "fd00::1")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["path"])(scope, receive, send)


@pytest.mark.parametrize(
    ("public_url", "names", "host", "status"),
    [
        ("https://grid.example:8000", CERTIFIED, "grid.example:8000", 200),
        ("https://grid.example:8000", CERTIFIED, "GRID.example:8000", 200),
        ("https://grid.example:8000", CERTIFIED, "192.168.1.10:8000", 200),
        ("https://grid.example:8000", CERTIFIED, "[fd00::1]:8000", 200),
        ("https://grid.example:8000", CERTIFIED, "192.168.1.10", 400),
        ("https://grid.example:8000", CERTIFIED, "192.168.1.11:8000", 400),
        ("https://grid.example:8000", CERTIFIED, "evil.example:8000", 400),
        ("https://grid.example:8000", CERTIFIED, "gridxexample:8000", 400),
        ("https://grid.example", CERTIFIED, "192.168.1.10", 200),
        ("https://grid.example", (), "192.168.1.10", 400),
        ("https://grid.example", ("*.grid.example",), "a.grid.example", 400),
        ("", CERTIFIED, "grid.example", 400),
        ("", (), "127.0.0.1:8000", 200),
        ("", (), "", 400),
    ],
)
def test_the_names_of_the_service_are_that_of_its_address_and_those_of_its_certificate(
    public_url: str, names: tuple[str, ...], host: str, status: int
) -> None:
    client = TestClient(OwnNames(echo, public_url, names), base_url="http://127.0.0.1")
    assert client.get("/x", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/", "/install"),
        ("/install", "/install"),
        ("/install/authority.crt", "/install/authority.crt"),
        ("/static/pages/pages.css", "/static/pages/pages.css"),
        ("/language", "/language"),
        ("/sign-in", None),
        ("/install/", None),
        ("/install/a/b", None),
        ("/installed", None),
        ("/api/check-ins", None),
        ("/static/../sign-in", "/sign-in"),  # which the client itself makes of it
        ("/static/%2e%2e/sign-in", "/static/../sign-in"),  # and the folder of the files answers for
        ("/healthz", None),
        ("/language%0a", None),
    ],
)
def test_the_unencrypted_door_leads_to_one_page(path: str, reached: str | None) -> None:
    answer = TestClient(InstallDoor(echo), base_url="http://grid.example").get(path)
    if answer.status_code == 404:
        assert answer.json()["code"] == "NotFound"
        assert reached is None or path.startswith("/static/..")
    else:
        assert answer.text == reached
