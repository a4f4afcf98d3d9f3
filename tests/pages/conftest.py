"""Installations with the small grid of tests/maps/builders.py in them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from gisgrid.database import make_engine, session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.incidents.report import store_incidents
from gisgrid.patrols.check_in import store_fixes
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.settings import Settings
from tests.maps.builders import SOUTH, WEST, cells, checkpoints
from tests.service import running

LoadGrid = Callable[..., None]
NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=10)

expect.set_options(timeout=20_000)  # a measured report takes its time on a busy machine


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
        store_fixes(session, fixes, settings.zone)
        store_incidents(session, incidents, settings.zone)
        store_checkpoints(session, checkpoints("码头").assign(is_illustrative=False))


@pytest.fixture
def load_grid(engine: Engine, settings: Settings) -> LoadGrid:
    """Store cells in the test's own database."""
    return partial(load, engine, settings)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[str]:
    """The address of one service for all tests that only look: the small grid, walked."""
    settings = Settings(home=tmp_path_factory.mktemp("town"))
    (settings.home / "data").mkdir()
    shutil.copyfile(spatialite_template, settings.home / "data" / "gisgrid.sqlite")
    engine = make_engine(settings.database_url)
    load(engine, settings, cells(is_illustrative=True))
    walk(engine, settings)
    engine.dispose()
    with running(settings.home) as service:
        yield service.url
