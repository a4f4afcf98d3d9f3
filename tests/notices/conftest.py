from collections.abc import Iterator

import pytest

from tests.notices.receiver import Post, Receiver, posting, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook that answers on loopback."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def mails() -> Iterator[Post]:
    """A mail server on loopback."""
    with posting() as post:
        yield post
