"""Cutting the power under a service at work, and opening what is left."""

import asyncio
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from sqlalchemy import text

from gisgrid.database import make_engine
from gisgrid.migrations import require_current
from tests.endurance.disk import Contents, Disk, Entry, journal_of
from tests.endurance.phones import Phone, acknowledged, at_work, told_more
from tests.endurance.street import Site, kept

CUTS_IN_A_RUN: Final = 10
LONGEST_S: Final = 1.0
SHARES: Final = (0.0, 0.5)
"""How much survives of what was on its way to the disk: nothing, or every other sector."""


class Loss(NamedTuple):
    """How often the power was cut, what phones had been told by then, and what of it was missing after a cut."""

    cuts: int
    told: set[int]
    lost: set[int]


async def cut_the_power(site: Site, phones: Sequence[Phone], cuts: int, rng: np.random.Generator) -> Loss:
    """Cut the power at so many moments; after some of them the service goes on with what was left by the last."""
    folder, lost, done = site.home / "data", set[int](), 0
    while done < cuts:
        disk = Disk(contents(folder))
        entries = await _work(site, phones, rng)
        for at_s, found in _after(disk, entries, _moments(len(entries), cuts - done, rng), rng):
            put(found, site.home / "found", rng)
            lost |= acknowledged(phones, at_s) - fixes_in(site.home / "found")
            done += 1
        put(found, folder, rng)
    return Loss(done, acknowledged(phones), lost)


async def _work(site: Site, phones: Sequence[Phone], rng: np.random.Generator) -> list[Entry]:
    """Let phones send for a while; return what happened to the files meanwhile."""
    journal = begin_journal(site)
    await asyncio.to_thread(site.start)
    async with at_work(phones):
        await told_more(phones)
        await asyncio.sleep(rng.uniform(0, LONGEST_S))
        site.kill()
    return journal_of(journal)


def begin_journal(site: Site) -> Path:
    """Return where a service will keep the journal of what happens to its files from the next start on."""
    journal = site.home / "journal"
    journal.unlink(missing_ok=True)
    site.settings |= {"ENDURANCE_DISK": str(site.home / "data"), "ENDURANCE_JOURNAL": str(journal)}
    return journal


def _moments(entries: int, most: int, rng: np.random.Generator) -> list[int]:
    """Return after how many entries the power is cut: some of them, and all."""
    return [*sorted(rng.integers(entries, size=min(most, CUTS_IN_A_RUN) - 1)), entries]


def _after(
    disk: Disk, entries: Sequence[Entry], moments: Iterable[int], rng: np.random.Generator
) -> Iterator[tuple[float, Contents]]:
    """Yield the time of each cut (`time.monotonic`), and what is found after it."""
    done = 0
    for moment in moments:
        for entry in entries[done:moment]:
            disk.apply(entry)
        done = moment
        at_s = entries[moment].at_s if moment < len(entries) else float("inf")
        yield at_s, disk.after_cut(rng, float(rng.choice(SHARES)))


def contents(folder: Path) -> Contents:
    """Return the files of a folder, without shared memory."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file() and file.name[-4:] != "-shm"}


def put(found: Mapping[str, bytes], folder: Path, rng: np.random.Generator) -> None:
    """Make a folder hold what was found; what lies in shared memory by then is anybody's guess."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in found.items():
        (folder / name).write_bytes(content)
    if rng.random() < 0.5:
        (folder / "gisgrid.sqlite-shm").write_bytes(rng.bytes(32768))


def fixes_in(folder: Path) -> set[int]:
    """Return the fixes of a folder's database, which must be sound, by our own program."""
    engine = make_engine(f"sqlite:///{folder}/gisgrid.sqlite")
    try:
        require_current(engine)
        with engine.connect() as connection:
            assert connection.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        found = kept(engine)
        assert set(found.values()) <= {1}
        return set(found)
    finally:
        engine.dispose()
