"""Installations with the small grid of tests/maps/builders.py in them, and people who look at them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from gisgrid.database import make_engine, session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.incidents.report import store_incidents
from gisgrid.patrols.arrival.check_in import store_fixes
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.settings import Settings
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tokens import Kind, issue
from tests.laid import lay
from tests.maps.builders import SOUTH, WEST, cells, checkpoints
from tests.pages.browsing import Visitor
from tests.pages.phones import WITHOUT_WORKER, Phone, a_phone, token, walker
from tests.service import running
from tests.staff.callers import Where, key

LoadGrid = Callable[..., None]
NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=10)

expect.set_options(timeout=40_000)  # a measured report takes its time on a busy machine


def load(engine: Engine, settings: Settings, frame: gpd.GeoDataFrame, first_day: date = date(2020, 1, 1)) -> None:
    """Store cells as a layer set in force from `first_day` on."""
    with session_scope(engine, write=True) as session:
        store_cells(session, frame, name="方格", source="test", first_day=first_day, metric_crs=settings.metric_crs)


def walk(engine: Engine, settings: Settings) -> None:
    """Two check-ins of 张三 in A0 now and one in B0 ten days ago, an incident in A0 at each time, a checkpoint."""
    fixes = pd.DataFrame(
        {
            "patroller_ref": "张三",
            "fix_at": pd.to_datetime([LONG_AGO, NOW - timedelta(seconds=1), NOW], utc=True),
            "received_at": pd.Timestamp(NOW),
            "longitude": [WEST + 0.025, WEST + 0.005, WEST + 0.0055],
            "latitude": SOUTH + 0.01,
            "accuracy_m": 5.0,
        }
    )
    incidents = pd.DataFrame(
        {
            "kind": ["L0501", "L0101"],
            "reported_at": pd.to_datetime([LONG_AGO, NOW], utc=True),
            "received_at": pd.Timestamp(NOW),
            "longitude": WEST + 0.005,
            "latitude": SOUTH + 0.01,
        }
    )
    with session_scope(engine, write=True) as session:
        store_fixes(session, fixes, settings)
        store_incidents(session, incidents, settings)
        store_checkpoints(session, checkpoints("码头").assign(is_illustrative=False))


@pytest.fixture
def load_grid(engine: Engine, settings: Settings) -> LoadGrid:
    """Store cells in the test's own database."""
    return partial(load, engine, settings)


# --- in the browser ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[tuple[str, str]]:
    """One service for all tests that only look: its address, and the session of somebody who may see everything."""
    settings = Settings(home=tmp_path_factory.mktemp("town"))
    (settings.home / "data").mkdir()
    shutil.copyfile(spatialite_template, settings.home / "data" / "gisgrid.sqlite")
    engine = make_engine(settings.database_url)
    load(engine, settings, cells(is_illustrative=True))
    walk(engine, settings)
    words = session_of(engine)
    engine.dispose()
    with running(settings.home) as service:
        yield service.url, words


def session_of(engine: Engine, *roles: tuple[str, Where]) -> str:
    """Return the words of a session of somebody with these roles; of all roles, everywhere, if none is named."""
    with session_scope(engine, write=True) as session:
        return key(session, *(roles or [(role, None) for role in ROLES]), kind="session").words


def let_in(context: BrowserContext, url: str, words: str) -> None:
    """Give a browser the cookie of a session."""
    context.add_cookies([{"name": "gisgrid", "value": words, "url": url}])


@pytest.fixture
def town(walked: tuple[str, str], context: BrowserContext) -> str:
    """The address of the walked service, in which the browser is signed in."""
    let_in(context, *walked)
    return walked[0]


@pytest.fixture
def served(served: str, engine: Engine, context: BrowserContext) -> str:
    """The address of the app on the test's own database, in which the browser is signed in."""
    let_in(context, served, session_of(engine))
    return served


@pytest.fixture
def tolerant(browser: Browser, context: BrowserContext) -> Iterator[Page]:
    """A page on which failed requests may be logged: the browser itself calls each an error."""
    more = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", storage_state=context.storage_state())
    yield more.new_page()
    more.close()


# --- in a patroller's hand ------------------------------------------------------------------------


@pytest.fixture
def street(load_grid: LoadGrid, engine: Engine) -> None:
    """A grid of squares with a checkpoint, and a patroller in it."""
    load_grid(cells())
    with session_scope(engine, write=True) as session:
        store_checkpoints(session, checkpoints("码头").assign(is_illustrative=False))
    walker(engine)


@pytest.fixture
def device(street: None, browser: Browser, served: str, engine: Engine) -> Iterator[Phone]:
    """A shared phone that somebody is signed on to; its requests can be held up."""
    with a_phone(browser, served, token(engine, "device"), **WITHOUT_WORKER) as phone:
        phone.sign_on()
        yield phone


@pytest.fixture
def installed(street: None, browser: Browser, served: str, engine: Engine) -> Iterator[Phone]:
    """A shared phone that somebody is signed on to, with the page's service worker."""
    with a_phone(browser, served, token(engine, "device")) as phone:
        phone.sign_on()
        yield phone


# --- without a screen ----------------------------------------------------------------------------

Visit = Callable[..., Visitor]


@pytest.fixture
def app(settings: Settings, engine: Engine) -> Iterator[FastAPI]:
    """The application over a grid."""
    # what the app needs is imported where it is used
    from gisgrid.app import create_app

    lay(engine)
    app = create_app(settings)
    yield app
    app.state.engine.dispose()


@pytest.fixture
def visit(app: FastAPI, engine: Engine) -> Visit:
    """Return a browser: visit() is a stranger's, visit(("cadre", None), …) that of somebody with these roles.

    visit(person=…) is that of a person, visit(device=…) that of a phone or board with these words.
    """

    def visit(*roles: tuple[str, Where], person: int = 0, device: str = "", **fields: object) -> Visitor:
        cookies = {"gisgrid-device": device} if device else {}
        if not (roles or person):
            return Visitor(app, **cookies)
        with session_scope(engine, write=True) as session:
            kind: Kind = "session"
            made = issue(session, kind, person_id=person) if person else key(session, *roles, kind=kind, **fields)
        return Visitor(app, made.words, **cookies)

    return visit
