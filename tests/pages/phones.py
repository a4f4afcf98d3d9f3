"""A patroller's phone: its browser with the page open, on a grid of squares, and what the database then holds."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.patrols.duty.notice import notice
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of
from gisgrid.staff.tokens import Kind, issue
from tests.browser import faults_of
from tests.maps.builders import SOUTH, WEST
from tests.staff.builders import PIN, hire

PLACE = {"longitude": WEST + 0.005, "latitude": SOUTH + 0.01}
"""In the cell 1A0."""
SCREEN = {"width": 360, "height": 740}
WITHOUT_WORKER = {"service_workers": "block"}
"""Its requests can be held up."""
VERSION = notice(Settings()).version


def walker(engine: Engine, name: str = "zhangsan", role: str = "patroller") -> int:
    """Hire somebody who walks in the community 1A; return their row."""
    number = hire(engine, name, pin=PIN)
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, number), role, "1A")
    return number


def token(engine: Engine, kind: Kind, person_id: int | None = None) -> str:
    """Return the words of a device of 1A, or of a session or key of somebody."""
    fields: dict[str, Any] = {"person_id": person_id} if person_id else {"cell_code": "1A", "name": "1 号机"}
    with session_scope(engine, write=True) as session:
        return issue(session, kind, **fields).words


@dataclass
class Phone:
    """A browser of a phone, at an address, with a token in its cookie."""

    context: BrowserContext
    url: str
    words: str
    faults: list[str] = field(default_factory=list)

    def open(self, *, knows_place: bool = True) -> Page:
        """Open the page and wait until it knows who is there, and shows where it is if it can."""
        page = self.context.new_page()
        page.goto(f"{self.url}/patrol")
        expect(page.locator("#duty-who")).not_to_have_text(re.compile("^…?$"))
        expect(page.locator("#map path.here")).to_have_count(int(knows_place))
        return page

    def be_at(self, accuracy: float = 8.0, **place: float) -> None:
        """Stand somewhere from now on."""
        self.context.set_geolocation({**PLACE, "accuracy": accuracy, **place})  # type: ignore[arg-type]

    def check_in(self, page: Page, **place: float) -> None:
        """Press the button, and see that it is written down."""
        before = page.locator("#entries .entry").count()
        self.be_at(**place)
        page.locator("#check-in").click()
        expect(page.locator("#entries .entry")).to_have_count(before + 1)

    def ask(self, method: str, path: str, **what: Any) -> Any:
        """Ask the service in the name of the device."""
        answer = httpx.request(method, f"{self.url}{path}", headers={"Authorization": f"Bearer {self.words}"}, **what)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def sign_on(self, name: str = "zhangsan", **more: Any) -> None:
        """Sign somebody on to the device."""
        proof = {"person": name, "pin": PIN, "notice_version": VERSION, **more}
        self.ask("POST", "/api/shifts", json=proof)


@contextmanager
def a_phone(browser: Browser, url: str, words: str, cookie: str = "gisgrid-device", **options: Any) -> Iterator[Phone]:
    """Yield a phone whose pages may fail in nothing but reaching the service."""
    given = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": SCREEN, "permissions": ["geolocation"]}
    context = browser.new_context(**{**given, **options})  # type: ignore[arg-type]
    context.add_cookies([{"name": cookie, "value": words, "url": url}])
    phone = Phone(context, url, words, faults_of(context))
    phone.be_at()
    yield phone
    context.close()
    assert [fault for fault in phone.faults if "Failed to load resource" not in fault] == []


def fixes(engine: Engine) -> list[Fix]:
    """Return the fixes that are stored, in the order of their rows."""
    with session_scope(engine) as session:
        return list(session.scalars(select(Fix).order_by(Fix.id)))


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


# --- what a page shows, keeps and sends --------------------------------------------------------------


def entry(page: Page, at: int = 0) -> Locator:
    """Return a line of the list, the newest first."""
    return page.locator("#entries .entry").nth(at)


def wait_for_worker(page: Page) -> None:
    """Wait until the page is kept, so that it opens without a network."""
    page.evaluate("navigator.serviceWorker.ready")


def queue(page: Page) -> list[dict[str, Any]]:
    """Return the entries that the phone keeps."""
    kept: list[dict[str, Any]] = page.evaluate("import('/static/patroller/store.js').then((store) => store.entries())")
    return kept


def waiting(page: Page) -> int:
    """Return how many of them wait to be sent."""
    return sum(each["state"] == "waiting" for each in queue(page))


def come_online(page: Page) -> None:
    """Let the browser say that there is a network."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def is_sending(request: Request) -> bool:
    """Tell whether a request sends check-ins."""
    return request.method == "POST" and request.url.endswith("/api/check-ins")


def ids_of(request: Request) -> list[str]:
    """Return the client_ids of what a request sends."""
    return [each["client_id"] for each in json.loads(request.post_data or "[]")]
