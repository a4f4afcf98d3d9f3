from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from gisgrid.settings import Settings
from tests.patrols.asking import Asking, somebody
from tests.patrols.plans.worlds import settle_down
from tests.test_access import worker


@pytest.fixture
def town(engine: Engine) -> Engine:
    """The test's database, with a grid and two checkpoints."""
    settle_down(engine)
    return engine


@pytest.fixture
def asked(settings: Settings, town: Engine) -> Iterator[TestClient]:
    """The application over that town, asked by nobody yet."""
    with worker(settings) as client:
        yield client


@pytest.fixture
def staff(asked: TestClient, town: Engine) -> Asking:
    """Somebody of the staff of a substation, who plans there."""
    return somebody(asked, town, "station_staff", name="zhan")
