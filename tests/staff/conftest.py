from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.staff.office import Office
from tests.staff.provider import Provider, running, settings_for


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An OpenID provider that answers on a loopback port."""
    with running() as provider:
        yield provider


@pytest.fixture
def office(engine: Engine, provider: Provider) -> Office:
    """A service that knows the provider, and is known to it."""
    return Office(engine, settings_for(provider), provider)
