"""What every test may ask for: both real databases, the app, the app on a real port, a real browser."""

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import Engine

from gisgrid.database import make_engine, make_file
from gisgrid.migrations import upgrade
from gisgrid.owner import let_service_in
from gisgrid.settings import Settings
from tests.browser import LAUNCH, chromium, faults_of
from tests.doses import FIGURES, ORDINARY, dealt
from tests.pool import TEMPLATE, Pool
from tests.postgis import SERVICE, Cluster, as_owner, as_service, cluster

if TYPE_CHECKING:
    from pwdlib import PasswordHash
    from starlette.testclient import TestClient

# What the app needs is imported where it is used: a test of pure code does not wait for it.

hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

_numbers = count()


ROOM = 8 << 30


def pytest_configure() -> None:
    """Keep what the tests write in memory where there is room: most of it is databases that live for a second."""
    memory = Path("/dev/shm")  # noqa: S108 - whoever makes folders in it makes them with a random name
    if "TMPDIR" not in os.environ and memory.is_dir() and shutil.disk_usage(memory).free > ROOM:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the long run what the ordinary one can spare."""
    if config.getoption("markexpr") == ORDINARY:
        items[:], spared = dealt(items)
        config.hook.pytest_deselected(items=spared)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures that tests have recorded, from whichever process."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == FIGURES:
                terminalreporter.write_line(str(value))


@pytest.fixture(autouse=True, scope="session")
def _nobodys_settings() -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GISGRID_")]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def dear_hasher() -> Iterator["PasswordHash"]:
    """Hash passwords and PINs with less work, for what they cost is for those who guess; yield the hasher spared."""
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    from gisgrid.staff import passwords

    dear = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        quick = Argon2Hasher(memory_cost=64, time_cost=1, parallelism=1)
        patch.setattr(passwords, "_hasher", PasswordHash((quick,)))
        yield dear


@pytest.fixture(autouse=True, scope="session")
def _grids_indexed_once() -> Iterator[None]:
    """Build the index of the same cells once, whatever database they come from: it is read-only."""
    import shapely

    from gisgrid.grid.index import SQUARES, CellIndex

    @lru_cache(maxsize=8)
    def built(shapes: tuple[bytes, ...], squares: int) -> CellIndex:
        return build(shapely.from_wkb(list(shapes)), squares)

    build = CellIndex.build
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            CellIndex,
            "build",
            lambda polygons, squares=SQUARES: built(tuple(shapely.to_wkb(list(polygons))), squares),
        )
        yield


@pytest.fixture(autouse=True, scope="session")
def _routes_worked_out_once() -> Iterator[None]:
    """Let all applications have the same routes: FastAPI works out what each takes anew for every application."""
    from fastapi import APIRouter, FastAPI
    from starlette.routing import BaseRoute

    worked_out: dict[tuple[object, ...], list[BaseRoute]] = {}
    include = FastAPI.include_router

    def include_once(app: FastAPI, router: APIRouter, **how: Any) -> None:
        routes = app.router.routes
        key = (id(router), *(each.dependency for each in app.router.dependencies), *how.items())
        if key in worked_out:
            routes.extend(worked_out[key])
            return
        there = len(routes)
        include(app, router, **how)
        worked_out[key] = routes[there:]  # which hold on to the router: no other will have its id

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastAPI, "include_router", include_once)
        yield


# --- databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgis() -> Iterator[Cluster]:
    """A PostgreSQL server with a migrated database, to be copied."""
    with cluster() as server:
        server.sql(f"CREATE ROLE {SERVICE} LOGIN")
        server.sql(f"CREATE DATABASE {TEMPLATE}")
        _migrate(server.url(TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def pool(postgis: Cluster) -> Pool:
    """The databases of that server, as tests have them one after another."""
    return Pool(postgis)


@pytest.fixture(scope="session")
def spatialite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that no process has open."""
    path = tmp_path_factory.mktemp("template") / "gisgrid.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    let_service_in(engine, as_service(url))
    engine.dispose()


@pytest.fixture(params=["spatialite", "postgis"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database, as the service has it; a test that asks for it runs on both.

    For one of them only: `@pytest.mark.parametrize("database_url", ["postgis"], indirect=True)`.
    """
    if request.param == "spatialite":
        path = tmp_path / "data" / "gisgrid.sqlite"
        path.parent.mkdir()
        shutil.copyfile(request.getfixturevalue("spatialite_template"), path)
        yield f"sqlite:///{path}"
        return
    pool: Pool = request.getfixturevalue("pool")
    name = pool.lend()
    yield as_service(request.getfixturevalue("postgis").url(name))
    pool.take_back(name)


@pytest.fixture
def new_database_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a second database of the same kind, with nothing in it at all."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/new/gisgrid.sqlite"
        return
    server: Cluster = request.getfixturevalue("postgis")
    name = f"new_{next(_numbers)}"
    server.sql(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def other_engine(new_database_url: str) -> Iterator[Engine]:
    """An engine on a second database of the same kind, migrated and empty."""
    engine = make_engine(new_database_url)
    make_file(engine)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of an installation of its own, in the test's folder."""
    return Settings(home=tmp_path, database_url=database_url, owner_database_url=as_owner(database_url))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the test's database, as its owner."""
    engine = make_engine(as_owner(database_url))
    yield engine
    engine.dispose()


# --- the app -------------------------------------------------------------------------------------


@pytest.fixture
def client(settings: Settings) -> Iterator["TestClient"]:
    """The whole app, asked in this process by somebody who may do everything everywhere.

    A failure inside is an answer with status 500, as for anybody.
    """
    from starlette.testclient import TestClient

    from gisgrid.app import create_app
    from tests.staff.callers import anybody

    with TestClient(
        create_app(settings),
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 50000),
        headers={"Authorization": f"Bearer {anybody(settings)}"},
        raise_server_exceptions=False,
    ) as client:
        yield client


@pytest.fixture
def served(settings: Settings) -> Iterator[str]:
    """The address of the app on a free loopback port."""
    import uvicorn

    from gisgrid.app import create_app
    from gisgrid.serve import Server

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        app = create_app(settings)
        server = Server(uvicorn.Config(app, log_config=None, lifespan="on"), app.state.ending)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


# --- the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the browser of this machine."""
    return {"executable_path": chromium(), "args": LAUNCH}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """What every page takes for granted."""
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser context whose pages may not fail, complain or ask another host for anything."""
    faults = faults_of(context)
    yield context
    assert faults == []
