"""Stock phone apps and the real service: through overload, kills and a point that is no place, nothing is lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from signal import Signals

import pytest
from sqlalchemy import Engine, select

from gisgrid.once import table_of
from gisgrid.patrols import tables
from gisgrid.patrols.judge import Flag
from tests.doses import dose
from tests.endurance.clients import GPSLOGGER, OVERLAND, OWNTRACKS_IOS, START, STOCK, Client, Fix
from tests.endurance.conftest import Serving, Tell
from tests.endurance.phones import Phone, acknowledged, answers, told_more
from tests.endurance.street import Site, equip
from tests.endurance.wire import Line, Request

FIX = table_of(tables.Fix)
NO_LONGITUDE = 999.0
POISONED = 7
EACH = 20
TWICE = 2


def poisoned(client: Client) -> Client:
    """Return a phone that once, in the middle of its queue, has a position that is no place on earth."""

    def say(path: str, token: str, fixes: Sequence[Fix]) -> Request:
        told = [fix._replace(longitude=NO_LONGITUDE) if fix.number % EACH == POISONED else fix for fix in fixes]
        return client.say(path, token, told)

    return replace(client, say=say, most=min(client.most, 5))


async def through_trouble(site: Site, phones: list[Phone], kills: int) -> None:
    """Let all phones come to the end of what they have, over a service that is killed and does not know them all."""
    await asyncio.to_thread(site.start)
    running = asyncio.gather(*(phone.run() for phone in phones))
    for _ in range(kills):
        await told_more(phones, 20)
        site.signal(Signals.SIGKILL)
        await asyncio.to_thread(site.wait)
        await asyncio.to_thread(site.start)
    await asyncio.wait_for(running, 120)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_every_app_is_rid_of_all_it_has_and_all_of_it_is_stored_once(
    engine: Engine, database_url: str, serving: Serving, tell: Tell
) -> None:
    site = serving(database_url, program="tests.endurance.narrow")
    kinds = [poisoned(client) for client in STOCK for _ in range(TWICE)]
    phones = [
        Phone(client, Line(site.port), token, range(number * EACH, (number + 1) * EACH), wait_s=0.05)
        for number, (client, token) in enumerate(zip(kinds, equip(engine, len(kinds)), strict=True))
    ]
    asyncio.run(through_trouble(site, phones, dose(2, 20)))
    for phone in phones:
        is_patient = phone.client.name != GPSLOGGER.name  # which says so itself: it gives up after three tries
        assert (phone.head, set(phone.thrown_away) & set(phone.taken)) == ([], set())
        assert len(phone.taken) == EACH or not is_patient, phone.client.name
    assert answers(phones).keys() <= {0, 200, 503}
    assert answers(phones)[503] > 0
    assert sum(phone.impatient for phone in phones) == 0
    kept = dict(stored(engine))
    assert len(kept) == len(stored(engine))
    assert acknowledged(phones) - kept.keys() == set()
    assert {number for number, flags in kept.items() if flags & Flag.NOT_ON_EARTH} >= {
        number for number in acknowledged(phones) if number % EACH == POISONED
    }
    ios = [phone for phone in phones if phone.client.name in (OWNTRACKS_IOS.name, OVERLAND.name)]
    assert [phone.thrown_away for phone in ios] == [[]] * len(ios)
    tell(f"{len(phones)} stock phones, {answers(phones)[503]} × 503, {dose(2, 20)} kills: 0 of {len(kept)} lost")


def stored(engine: Engine) -> list[tuple[int, int]]:
    """Return the number of each fix that is stored, and its flags."""
    with engine.connect() as connection:
        rows = connection.execute(select(FIX.c.fix_at, FIX.c.flags)).all()
    return [(round((at - START).total_seconds()), flags) for at, flags in rows]
