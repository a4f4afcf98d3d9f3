"""The power fails under a SpatiaLite file while phones send: what they were told is on the disk, and the file is whole.

A killed process proves nothing of this: the system still writes what it was handed.
"""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from tests.doses import dose
from tests.endurance.clients import OURS
from tests.endurance.conftest import Serving, Tell
from tests.endurance.cuts import begin_journal, contents, cut_the_power, fixes_in
from tests.endurance.disk import Disk, journal_of
from tests.endurance.phones import Phone, phones_of, send_all_again
from tests.endurance.ready import Ready
from tests.endurance.street import Site, equip

PHONES = 8

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """The process that starts services which keep a journal of what they do to their files."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler (cc) here, so the power cannot be cut")
    shim = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", shim, source, "-ldl", "-lpthread"], check=True)
    ready = Ready(LD_PRELOAD=str(shim))
    yield ready
    ready.close()


async def send_again(site: Site, phones: list[Phone], rng: np.random.Generator) -> None:
    """Send all three times; the journal of that, which nothing cut short, must account for each byte of each file."""
    disk, journal = Disk(contents(site.home / "data")), begin_journal(site)
    await asyncio.to_thread(site.start)
    for _ in range(3):
        await send_all_again(phones, rng)
    await asyncio.to_thread(site.stop)
    for entry in journal_of(journal):
        disk.apply(entry)
    assert disk.without_cut() == contents(site.home / "data")


def test_a_power_cut_loses_nothing_that_was_acknowledged(
    engine: Engine,
    database_url: str,
    serving: Serving,
    watched: Ready,
    rng: np.random.Generator,
    tell: Tell,
) -> None:
    site = serving(database_url, ready=watched)
    phones = phones_of(OURS, site.port, equip(engine, PHONES))
    engine.dispose()
    loss = asyncio.run(cut_the_power(site, phones, dose(3, 300), rng))
    assert not loss.lost
    asyncio.run(send_again(site, phones, rng))
    assert fixes_in(site.home / "data") == {number for phone in phones for number in phone.sent}
    tell(f"{loss.cuts} power cuts, synchronous=FULL: 0 of {len(loss.told)} lost, 0 doubled")


def test_the_same_cuts_show_the_loss_where_a_commit_does_not_wait_for_the_disk(
    engine: Engine,
    database_url: str,
    serving: Serving,
    watched: Ready,
    rng: np.random.Generator,
    tell: Tell,
) -> None:
    site = serving(database_url, ready=watched, program="tests.endurance.loose")
    phones = phones_of(OURS, site.port, equip(engine, PHONES))
    engine.dispose()
    loss = asyncio.run(cut_the_power(site, phones, dose(3, 30), rng))
    assert loss.lost
    told = f"{len(loss.lost)} of {len(loss.told)} lost"
    tell(f"{loss.cuts} power cuts, synchronous=NORMAL: {told}")
