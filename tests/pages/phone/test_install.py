"""The page from which phones install the authority, and who is told that a certificate ends."""

import plistlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from fastapi import FastAPI
from playwright.sync_api import Page
from sqlalchemy import Engine

from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.pages.phone.install import system_of
from gisgrid.settings import Settings
from gisgrid.tls.authority import fingerprint, thumbprint
from gisgrid.tls.files import authority_of, make
from gisgrid.tls.names import read_names
from tests.pages.browsing import Visitor
from tests.staff.callers import key
from tests.tls.handshakes import ADDRESS, HOST

NOW = datetime.now(UTC)
NAMED = f"https://{HOST}:8000"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation with an authority."""
    make(settings.tls_folder, read_names([HOST, ADDRESS]), NOW)
    return Settings(**settings.model_dump(include={"home", "database_url"}), public_url=NAMED, install_port=8080)


@pytest.fixture
def certificate(settings: Settings) -> x509.Certificate:
    """The authority's."""
    return authority_of(settings.tls_folder)


@pytest.fixture
def app(settings: Settings, engine: Engine) -> Iterator[FastAPI]:
    """The application over it."""
    app = create_app(settings)
    yield app
    app.state.engine.dispose()


def unfolded(shown: Visitor) -> list[str]:
    """Return what the systems are called whose steps are unfolded."""
    markup = shown.answer.text
    return re.findall(r'<details class="system" open>\s*<summary>([^<]+)', markup)


@pytest.mark.parametrize(
    ("user_agent", "system"),
    [
        (ANDROID, "android"),
        (IPHONE, "ios"),
        ("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X)", "ios"),
        ("Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) AppleWebKit/537.36 HuaweiBrowser/14", "harmony"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5", "harmony"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "windows"),
        ("", "windows"),
    ],
)
def test_the_steps_of_the_own_system_are_unfolded(app: FastAPI, user_agent: str, system: str) -> None:
    assert system_of(user_agent) == system
    shown = Visitor(app, base_url=NAMED).get("/install", **{"User-Agent": user_agent})
    titles = {"android": "Android", "ios": "iPhone · iPad", "harmony": "HarmonyOS", "windows": "Windows"}
    assert unfolded(shown) == [titles[system]]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_anybody_reads_what_to_do_and_what_to_compare(
    app: FastAPI, certificate: x509.Certificate, language: str
) -> None:
    for base_url in (NAMED, f"http://{HOST}:8080", f"https://{ADDRESS}:8000"):
        shown = Visitor(app, base_url=base_url).get("/install", **{"Accept-Language": language})
        spelt = re.sub(r"(?<=:) (?=[0-9A-F]{2}\b)", "", shown.text)
        assert fingerprint(certificate) in spelt
        assert thumbprint(certificate) in spelt
        assert f"http://{HOST}:8080/install" in shown.text
        links = [given["href"] for tag, given in shown.page.elements if tag == "a"]
        assert NAMED in links
        for link in links:
            if link.startswith("/install/"):
                shown.client.get(link).raise_for_status()
        assert not any(link.startswith("/sign-in") for link in links)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("authority.crt", "application/x-x509-ca-cert"),
        ("authority.pem", "application/x-pem-file"),
        ("authority.mobileconfig", "application/x-apple-aspen-config"),
    ],
)
def test_each_form_is_the_authority_and_holds_no_key(
    app: FastAPI, certificate: x509.Certificate, file: str, kind: str
) -> None:
    answer = Visitor(app, base_url=f"http://{HOST}:8080").client.get(f"/install/{file}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert b"PRIVATE" not in answer.content
    if file.endswith("crt"):
        handed = x509.load_der_x509_certificate(answer.content)
    elif file.endswith("pem"):
        handed = x509.load_pem_x509_certificate(answer.content)
    else:
        handed = x509.load_der_x509_certificate(plistlib.loads(answer.content)["PayloadContent"][0]["PayloadContent"])
    assert handed == certificate
    saved = answer.headers.get("content-disposition", "")
    assert ("attachment" in saved) == (not file.endswith("mobileconfig"))


@pytest.mark.parametrize("file", ["authority.key", "server.pem", "..%2fserver.pem"])
def test_nothing_else_of_the_folder_is_handed_out(app: FastAPI, file: str) -> None:
    answer = Visitor(app, base_url=NAMED).client.get(f"/install/{file}")
    assert answer.status_code in (404, 422)
    assert "PRIVATE" not in answer.text


@pytest.mark.parametrize("path", ["/install", "/install/authority.crt"])
def test_without_an_authority_the_page_says_so(app: FastAPI, settings: Settings, path: str) -> None:
    settings.tls_folder.rename(settings.home / "aside")
    shown = Visitor(app, base_url=NAMED).get(path, 404)
    assert "NoAuthority" in shown.text
    assert "gisgrid tls init" in shown.text


def test_a_phone_that_does_not_trust_it_yet_is_not_made_to_insist(app: FastAPI) -> None:
    assert Visitor(app, base_url=NAMED).get("/install").answer.headers["strict-transport-security"] == "max-age=0"


@pytest.mark.parametrize(("role", "is_told"), [("administrator", True), ("cadre", False)])
def test_whoever_runs_the_service_is_told_of_the_end(
    settings: Settings, engine: Engine, role: str, is_told: bool
) -> None:
    settings.tls_folder.rename(settings.home / "aside")
    make(settings.tls_folder, read_names([HOST]), NOW - timedelta(days=800))
    app = create_app(settings)
    with session_scope(engine, write=True) as session:
        words = key(session, (role, None), kind="session").words
    visitor = Visitor(app, words)
    assert ("gisgrid tls renew" in visitor.get("/me").text) == is_told
    assert "gisgrid tls renew" not in Visitor(app).get("/sign-in").text
    app.state.engine.dispose()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_fits_a_small_phone(app: FastAPI, page: Page, served: str, language: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.context.set_extra_http_headers({"Accept-Language": language, "User-Agent": ANDROID})
    page.goto(f"{served}/install")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("details.system[open]").count() == 1
    for system in ("iPhone", "HarmonyOS", "Windows"):
        page.locator("summary", has_text=system).click()
    assert page.locator("details.system[open]").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert not page.locator(".poster").is_visible()  # for a screen beside which a phone is held
    page.set_viewport_size({"width": 900, "height": 640})
    assert page.locator(".poster img").is_visible()
