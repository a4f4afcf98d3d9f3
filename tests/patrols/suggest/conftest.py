import pytest
from sqlalchemy import Engine

from tests.patrols.plans.worlds import settle_down


@pytest.fixture
def town(engine: Engine) -> Engine:
    """The test's database, with a grid and two checkpoints."""
    settle_down(engine)
    return engine
