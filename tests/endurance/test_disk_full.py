"""The disk fills under a SpatiaLite file: phones are told to come again, reads go on, nothing is lost."""

import asyncio
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from gisgrid.database import make_engine
from tests.endurance.clients import OURS
from tests.endurance.conftest import Serving, Tell
from tests.endurance.phones import Phone, acknowledged, answers, at_work, phones_of, refused, send_all_again, told_more
from tests.endurance.street import Site, equip, kept
from tests.endurance.wire import Line, Request
from tests.laid import SPOT

PHONES = 8
ROOM = "24m"
FULL_BYTES = 64 << 10
LOOKS = 10

Filled = Callable[[Site, Path], AbstractContextManager[None]]


@contextmanager
def no_space_left(_: Site, folder: Path) -> Iterator[None]:
    """Fill the disk to the last byte."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        while True:
            try:
                ballast.write(bytes(4096))
            except OSError:
                break
    yield
    (folder / "ballast").unlink()


@contextmanager
def no_file_may_grow(site: Site, _: Path) -> Iterator[None]:
    """Set the limit on files' sizes (`ulimit -f`) below what the files have, the log among them."""
    before = resource.prlimit(site.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, (FULL_BYTES, before[1]))
    yield
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a small disk."""
    folder = tmp_path / "small"
    folder.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(how, check=False, capture_output=True).returncode != 0:
        pytest.skip("only who may mount a small disk can fill it")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the database lies: on a small disk, or where there is room."""
    return request.getfixturevalue("small_disk") if request.param == "small" else tmp_path


async def fill_at_work(site: Site, folder: Path, fill: Filled, phones: list[Phone], reader: str) -> float:
    """Fill the disk while phones send and look at the map meanwhile; give the room back.

    Returns how long after that the first was served, in seconds.
    """
    target = f"/api/grid/locate?longitude={SPOT[0]}&latitude={SPOT[1]}"
    look = Request(target, {"Authorization": f"Bearer {reader}"}, method="GET")
    await asyncio.to_thread(site.start)
    async with at_work(phones):
        await told_more(phones)
        with closing(Line(site.port)) as line, fill(site, folder):
            await refused(phones)
            for _ in range(LOOKS):
                assert (await line.ask(look)).status == 200
                await asyncio.sleep(0.1)
        room_s = time.monotonic()
        await told_more(phones, 1)
        wait_s = time.monotonic() - room_s
        await told_more(phones)
    return wait_s


@pytest.mark.parametrize(
    ("folder", "fill"),
    [("small", no_space_left), ("large", no_file_may_grow)],
    ids=["no space left", "no file may grow"],
    indirect=["folder"],
)
def test_a_full_disk_loses_nothing_and_the_service_goes_on_when_there_is_room(
    folder: Path, fill: Filled, spatialite_template: Path, serving: Serving, rng: np.random.Generator, tell: Tell
) -> None:
    shutil.copyfile(spatialite_template, folder / "gisgrid.sqlite")
    url = f"sqlite:///{folder}/gisgrid.sqlite"
    engine = make_engine(url)
    *tokens, reader = equip(engine, PHONES + 1)
    site = serving(url)
    phones = phones_of(OURS, site.port, tokens)
    wait_s = asyncio.run(fill_at_work(site, folder, fill, phones, reader))
    assert answers(phones).keys() == {200, 503}
    assert sum(phone.impatient for phone in phones) == 0
    assert acknowledged(phones) <= kept(engine).keys()
    asyncio.run(send_all_again(phones, rng))
    assert kept(engine) == dict.fromkeys((number for phone in phones for number in phone.sent), 1)
    with engine.connect() as connection:
        assert connection.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
    engine.dispose()
    told = f"0 of {len(acknowledged(phones))} lost, 503 {answers(phones)[503]} times"
    tell(f"disk full ({fill.__name__}): {told}; served again {wait_s:.1f} s after there was room")
