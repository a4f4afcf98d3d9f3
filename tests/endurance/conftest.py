"""What the tests of endurance share: services that are ended at the end, whatever happens."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.doses import FIGURES
from tests.endurance.ready import Ready
from tests.endurance.street import Site

Serving = Callable[..., Site]
Tell = Callable[[str], None]


@pytest.fixture(autouse=True)
def _without_the_loop_of_the_browser() -> Iterator[None]:
    """Let tests run loops of their own: once a browser was used, its loop stands in this thread for good."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """The process that starts services."""
    ready = Ready()
    yield ready
    ready.close()


@pytest.fixture
def serving(tmp_path: Path, ready: Ready) -> Iterator[Serving]:
    """Makes sites, and ends what still runs of them."""
    made: list[Site] = []

    def make(database_url: str, **how: object) -> Site:
        made.append(Site(tmp_path, database_url, **{"ready": ready, **how}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for site in made:
        site.kill()


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Tells what was measured."""
    return partial(record_property, FIGURES)


@pytest.fixture
def rng() -> np.random.Generator:
    """Chance; what it brought about is in the message of a failure."""
    return np.random.default_rng()
