from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine

from gisgrid.staff import passwords
from tests.staff.office import Office
from tests.staff.provider import Provider, running, settings_for


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed with hardly any work: for tests of what comes before and after it."""
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(memory_cost=8, time_cost=1, parallelism=1),)))
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An OpenID provider that answers on a loopback port."""
    with running() as provider:
        yield provider


@pytest.fixture
def office(engine: Engine, provider: Provider) -> Office:
    """A service that knows the provider, and is known to it."""
    return Office(engine, settings_for(provider), provider)
