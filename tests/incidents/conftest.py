import pytest
from sqlalchemy import Engine

from tests.laid import lay


@pytest.fixture
def ground(engine: Engine) -> Engine:
    """The test's database with a grid."""
    lay(engine)
    return engine
