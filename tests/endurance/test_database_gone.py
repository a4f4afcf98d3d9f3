"""PostgreSQL is ended while phones send: they are told to come again, and the service goes on by itself."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from sqlalchemy import Engine

from gisgrid.database import make_engine
from gisgrid.migrations import upgrade
from gisgrid.owner import let_service_in
from tests.doses import dose
from tests.endurance.clients import OURS
from tests.endurance.conftest import Serving, Tell
from tests.endurance.phones import Phone, acknowledged, answers, at_work, phones_of, send_all_again, told_more
from tests.endurance.street import Site, equip, kept
from tests.postgis import DURABLE, SERVICE, Cluster, as_service, cluster

PHONES = 8
LONGEST_S = 0.5
DATABASE = "street"

Making = Callable[[Cluster], Engine]


@pytest.fixture
def owner_of() -> Iterator[Making]:
    """Makes a database in a server, and an engine on it as its owner."""
    made: list[Engine] = []

    def make(server: Cluster) -> Engine:
        server.sql(f"CREATE ROLE {SERVICE} LOGIN")
        server.sql(f"CREATE DATABASE {DATABASE}")
        made.append(make_engine(server.url(DATABASE)))
        upgrade(made[0])
        let_service_in(made[0], as_service(server.url(DATABASE)))
        return made[0]

    yield make
    for engine in made:
        engine.dispose()


async def end_the_server_at_work(
    server: Cluster, site: Site, phones: list[Phone], ends: int, rng: np.random.Generator, beside: Executor
) -> list[float]:
    """End the server again and again while phones send; return how long after its return the first was served, in s.

    What is started by a thread `beside` must end before the thread does.
    """
    waits, do = [], partial(asyncio.get_running_loop().run_in_executor, beside)
    await asyncio.to_thread(site.start)
    async with at_work(phones):
        for number in range(ends):
            await told_more(phones)
            await asyncio.sleep(rng.uniform(0, LONGEST_S))
            await do(server.quit if number % 2 else server.kill)
            await asyncio.sleep(rng.uniform(0, LONGEST_S))
            await do(server.start)
            back_s = time.monotonic()
            await told_more(phones, 1)
            waits.append(time.monotonic() - back_s)
    return waits


def test_what_was_acknowledged_outlives_the_server_and_phones_are_told_to_come_again(
    serving: Serving, owner_of: Making, rng: np.random.Generator, tell: Tell
) -> None:
    ends = dose(3, 50)
    with cluster(DURABLE) as server, ThreadPoolExecutor(1) as beside:
        engine = owner_of(server)
        site = serving(as_service(server.url(DATABASE)))
        phones = phones_of(OURS, site.port, equip(engine, PHONES))
        waits = asyncio.run(end_the_server_at_work(server, site, phones, ends, rng, beside))
        assert answers(phones).keys() == {200, 503}
        assert sum(phone.impatient for phone in phones) == 0
        engine.dispose()
        assert acknowledged(phones) <= kept(engine).keys()
        asyncio.run(send_all_again(phones, rng))
        assert kept(engine) == dict.fromkeys((number for phone in phones for number in phone.sent), 1)
        site.kill()
    told = f"0 of {len(acknowledged(phones))} lost, 0 doubled"
    tell(f"{ends} ends of PostgreSQL: {told}; served again {max(waits):.1f} s after its return at the latest")


@pytest.mark.long
def test_the_same_ends_show_the_loss_where_a_commit_does_not_wait_for_the_disk(
    serving: Serving, owner_of: Making, rng: np.random.Generator, tell: Tell
) -> None:
    ends = 10
    with cluster({**DURABLE, "synchronous_commit": "off"}) as server, ThreadPoolExecutor(1) as beside:
        engine = owner_of(server)
        site = serving(as_service(server.url(DATABASE)))
        phones = phones_of(OURS, site.port, equip(engine, PHONES))
        asyncio.run(end_the_server_at_work(server, site, phones, ends, rng, beside))
        engine.dispose()
        lost = acknowledged(phones) - kept(engine).keys()
        site.kill()
    assert lost
    tell(f"{ends} ends of PostgreSQL, synchronous_commit=off: {len(lost)} of {len(acknowledged(phones))} lost")
