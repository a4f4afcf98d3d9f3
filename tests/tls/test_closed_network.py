"""A closed network in small: the real service under a name that is not loopback's, and clients that trust it or do not.

Whatever a browser grants to loopback alone (a position, a service worker, a cookie of its own host) shows here.
"""

import os
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright

from gisgrid.tls.files import authority_of, der
from tests.browser import chromium, faults_of, resolving
from tests.nss import trust
from tests.postgis import free_port
from tests.service import Service, gisgrid, running
from tests.tls.handshakes import ADDRESS, HOST, trusting

OTHER = "other.example"
POSITION = {"longitude": 114.4157, "latitude": 22.6379}
WHERE = """new Promise((found, failed) => navigator.geolocation.getCurrentPosition(
    (at) => found(at.coords.longitude), (error) => failed(error.message)))"""
WORKER = """navigator.serviceWorker.register("/static/viewer/words.js", {type: "module", scope: "/static/viewer/"})
    .then((found) => found.scope)"""


class Network(NamedTuple):
    """The service and its two doors."""

    service: Service
    port: int
    install_port: int
    folder: Path

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"https://{HOST}:{self.port}"

    @property
    def install_url(self) -> str:
        """The address of the unencrypted door."""
        return f"http://{HOST}:{self.install_port}"

    def link(self) -> str:
        """The one-time link that the service prints."""
        lines = (line.strip() for line in self.service.log.read_text().splitlines())
        return next(line for line in lines if "/enter#gg_link_" in line)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[Network]:
    """A service as `gisgrid tls init` makes it."""
    home = tmp_path_factory.mktemp("network")
    assert gisgrid("tls", "init", HOST, ADDRESS, home=home).returncode == 0
    shutil.copyfile(spatialite_template, home / "data" / "gisgrid.sqlite")
    port, install_port = free_port(), free_port()
    settings = {"GISGRID_PUBLIC_URL": f"https://{HOST}:{port}", "GISGRID_INSTALL_PORT": str(install_port)}
    with running(home, GISGRID_PORT=str(port), **settings) as service:
        yield Network(service, port, install_port, home / "data" / "tls")


# --- a program -------------------------------------------------------------------------------------


@contextmanager
def connected(network: Network, name: str) -> Iterator[HTTPSConnection]:
    """Connect to the service under a name, trusting its authority alone."""
    connection = HTTPSConnection(name, network.port, context=trusting(authority_of(network.folder)))
    plain = socket.create_connection(("127.0.0.1", network.port), timeout=20)
    try:
        connection.sock = connection._context.wrap_socket(plain, server_hostname=name)  # type: ignore[attr-defined]
        yield connection
    finally:
        connection.close()
        plain.close()


@pytest.mark.parametrize("name", [HOST, ADDRESS])
def test_a_program_that_trusts_the_authority_is_answered_under_each_name(network: Network, name: str) -> None:
    with connected(network, name) as connection:
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200


def test_under_another_name_the_program_refuses(network: Network) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"), connected(network, OTHER):
        pass


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/", 200, "text/html; charset=utf-8"),
        ("/install/authority.crt", 200, "application/x-x509-ca-cert"),
        ("/install/authority.mobileconfig", 200, "application/x-apple-aspen-config"),
        ("/sign-in", 404, "application/json"),
        ("/readyz", 404, "application/json"),
    ],
)
def test_the_unencrypted_door_leads_to_the_certificate_alone(
    network: Network, path: str, status: int, kind: str
) -> None:
    connection = HTTPConnection("127.0.0.1", network.install_port, timeout=20)
    connection.request("GET", path, headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("content-type"), answer.getheader("location")) == (status, kind, None)
    assert answer.getheader("strict-transport-security") is None
    connection.close()


# --- a browser -------------------------------------------------------------------------------------

Browse = Callable[[bool], BrowserContext]


@pytest.fixture
def browse(playwright: Playwright, network: Network, tmp_path: Path) -> Iterator[Browse]:
    """Return how to start a browser on a phone's screen: one that trusts the authority, or one that does not."""
    started: list[Any] = []

    def start(is_trusting: bool) -> BrowserContext:
        if is_trusting:
            trust(tmp_path, der(authority_of(network.folder)))
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=resolving(HOST, OTHER), env={**os.environ, "HOME": str(tmp_path)}
        )
        started.append(browser)
        screen = {"locale": "zh-CN", "viewport": {"width": 360, "height": 640}}
        return browser.new_context(**screen, permissions=["geolocation"], geolocation=POSITION)  # type: ignore[arg-type]

    yield start
    for browser in started:
        browser.close()


def test_a_browser_that_trusts_it_has_all_that_secure_pages_have(network: Network, browse: Browse) -> None:
    context = browse(True)
    faults = faults_of(context, HOST)
    page = context.new_page()
    page.goto(network.link())
    page.locator("form[action='/enter'] button").click()
    page.wait_for_url("**/me/password")
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert cookies["__Host-gisgrid"]["secure"]
    assert page.evaluate("isSecureContext")
    assert page.evaluate(WHERE) == POSITION["longitude"]
    assert page.evaluate(WORKER) == f"{network.url}/static/viewer/"
    assert faults == []


def test_a_browser_that_trusts_it_refuses_another_name(network: Network, browse: Browse) -> None:
    page = browse(True).new_page()
    with pytest.raises(Error, match="ERR_CERT_COMMON_NAME_INVALID"):
        page.goto(f"https://{OTHER}:{network.port}/sign-in")


def test_a_phone_that_does_not_trust_it_yet_finds_the_certificate_at_the_other_door(
    network: Network, browse: Browse
) -> None:
    context = browse(False)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        context.new_page().goto(f"{network.url}/install")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(network.install_url)
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载证书").first.click()
    assert saved.value.suggested_filename == "gisgrid-authority.crt"
    assert saved.value.path().read_bytes() == der(authority_of(network.folder))
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Let this device trust the service").wait_for()
    assert page.get_by_role("link", name="Open the service").get_attribute("href") == network.url
    assert complaints == []
