"""The service ends while phones send: whatever they were told is stored, and nothing is stored twice."""

import asyncio
from functools import partial
from signal import Signals

import numpy as np
import pytest
from sqlalchemy import Engine

from tests.doses import dose
from tests.endurance.clients import OURS
from tests.endurance.conftest import Serving, Tell
from tests.endurance.phones import (
    Phone,
    acknowledged,
    answers,
    at_an_answer,
    at_work,
    phones_of,
    send_all_again,
    told_more,
)
from tests.endurance.street import Site, equip, kept

PHONES = 8
LONGEST_S = 0.5


async def end_at_work(
    site: Site, how: Signals, engine: Engine, phones: list[Phone], ends: int, rng: np.random.Generator, workers: int
) -> None:
    """End the service, or one of its workers, again and again while phones send; compare each time, and in the end all.

    Every other time it is at the very moment of an answer: what follows it comes too late.
    """
    await asyncio.to_thread(site.start)
    async with at_work(phones):
        for number in range(ends):
            is_one = workers > 1 and number // 2 % 2 == 0
            act = partial(site.signal_worker if is_one else site.signal, how)
            await told_more(phones)
            if number % 2:
                await asyncio.sleep(rng.uniform(0, LONGEST_S))
                act()
            else:
                await at_an_answer(phones, act)
            if not is_one:
                assert await asyncio.to_thread(site.wait) in (0, -how)
            told = acknowledged(phones)
            if not is_one:
                await asyncio.to_thread(site.start)
            lost = told - (await asyncio.to_thread(kept, engine)).keys()
            assert not lost, f"end {number}: {len(lost)} of {len(told)} lost"
        await told_more(phones)
    for _ in range(3):
        await send_all_again(phones, rng)
    assert kept(engine) == dict.fromkeys((number for phone in phones for number in phone.sent), 1)


@pytest.mark.parametrize(
    ("how", "few", "many"), [(Signals.SIGKILL, 3, 200), (Signals.SIGTERM, 1, 50)], ids=["killed", "asked to stop"]
)
def test_what_was_acknowledged_is_stored_and_stored_once_however_the_service_ends(
    how: Signals,
    few: int,
    many: int,
    engine: Engine,
    database_url: str,
    serving: Serving,
    rng: np.random.Generator,
    tell: Tell,
) -> None:
    workers = 2 if engine.dialect.name == "postgresql" else 1
    site = serving(database_url, workers=workers)
    phones = phones_of(OURS, site.port, equip(engine, PHONES))
    ends = dose(few, many)
    asyncio.run(end_at_work(site, how, engine, phones, ends, rng, workers))
    assert answers(phones).keys() <= {0, 200, 503}
    where = f"{engine.dialect.name}, {workers} workers" if workers > 1 else engine.dialect.name
    tell(f"{ends} × {how.name}, {where}: 0 of {len(acknowledged(phones))} lost, 0 doubled")
