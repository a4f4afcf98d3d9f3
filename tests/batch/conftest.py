from collections.abc import Iterator

import pytest
from distributed import Client

from gisgrid.batch.crew import hired


@pytest.fixture(scope="package")
def crew() -> Iterator[Client]:
    """Two worker processes, as the commands start them."""
    with hired(workers=2) as client:
        yield client
