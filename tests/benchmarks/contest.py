"""All ways side by side: in every world the rounds alternate between them, within one run."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

import numpy as np

from gisgrid.grid.index import CellIndex
from gisgrid.grid.locate import Grid
from tests.benchmarks.libraries import within_levels
from tests.benchmarks.rival import Measured, Rival
from tests.benchmarks.rule import hard_points, rule
from tests.benchmarks.thorns import thorny
from tests.benchmarks.ways import OURS, OURS_LEVELS
from tests.benchmarks.worker import Checked, Took
from tests.benchmarks.world import Floats, World, only, points, street

VERTICES: Final = {"S": 100, "L": 5000}
SEED: Final = 20
LIMIT_THREADS: Final = 2

Say = Callable[[str], None]


@dataclass(frozen=True)
class Dose:
    """How much is measured. A peer joins as many points as it can in about `seconds`, gisgrid all of them.

    Rounds end after `ends_s`, split between the worlds: half an hour of a busy machine says no more than one round.
    """

    points: int
    hard: int
    thorny_worlds: int
    thorny: int
    seconds: float
    rounds: int
    ends_s: float


FULL: Final = Dose(10_000_000, 600_000, 30, 40_000, 3.0, 3, 12 * 60.0)
QUICK: Final = Dose(1_000_000, 50_000, 2, 20_000, 0.2, 3, 120.0)


@dataclass(frozen=True)
class Contest:
    """One world: its size, what was measured of every way, and the memory limit measured between them."""

    world: str
    vertices: float
    measured: list[Measured]
    limit: list[Took]
    limit_points: int


def contest(name: str, ways: Sequence[str], dose: Dose, folder: Path, deadline: float, say: Say) -> Contest:
    """Measure the ways in the world of that name. After the deadline (time.monotonic) no second round begins."""
    world = street(name, VERTICES[name], SEED)
    ordinary = points(world, dose.points, SEED)
    _keep(folder, "ordinary", world, *ordinary)
    _keep(folder, "hard", world, *hard_points(world.cells, dose.hard, SEED))
    rivals, limit = [], []
    try:
        for way in ways:
            say(f"{name}: {way}")
            rivals.append(Rival(way, world.cells, folder))
            rivals[-1].prepare(inf if way in (OURS, OURS_LEVELS) else dose.seconds, dose.points, dose.hard)
        for number in range(dose.rounds):
            if number and time.monotonic() > deadline:
                break
            say(f"{name}: 第 {number + 1} 轮 / round {number + 1}")
            limit.append(memory_limit(*ordinary))
            for rival in rivals if number % 2 else rivals[::-1]:
                rival.run()
    finally:
        for rival in rivals:
            rival.stop()
    vertices = float(np.mean([len(shape.exterior.coords) for shape in only(world.cells, "substation")]))
    return Contest(name, vertices, [rival.measured for rival in rivals], limit, dose.points)


def _keep(folder: Path, kind: str, world: World, lon: Floats, lat: Floats) -> None:
    np.save(folder / f"{kind}.npy", np.stack((lon, lat)))
    np.save(folder / f"{kind}-rule.npy", rule(world.cells, lon, lat))


def memory_limit(lon: Floats, lat: Floats) -> Took:
    """Read two float64 and write one byte for every point, on LIMIT_THREADS threads: no join can be faster here."""
    byte = np.empty(len(lon), dtype=bool)
    parts = [slice(start, start + (1 << 16)) for start in range(0, len(lon), 1 << 16)]

    def touch(number: int) -> None:
        for part in parts[number::LIMIT_THREADS]:
            np.less(lon[part], lat[part], out=byte[part])

    with ThreadPoolExecutor(LIMIT_THREADS) as pool:
        list(pool.map(touch, range(LIMIT_THREADS)))  # the threads run, the memory is there
        wall, cpu = time.perf_counter(), time.process_time()
        list(pool.map(touch, range(LIMIT_THREADS)))
        return Took(time.perf_counter() - wall, time.process_time() - cpu)


def among_thorns(ways: Sequence[str], count: int, folder: Path, say: Say) -> list[Measured]:
    """Let every way answer hard points in one thorny world."""
    world = thorny(SEED)
    _keep(folder, "hard", world, *hard_points(world.cells, count, SEED))
    measured = []
    for way in ways:
        say(f"thorns: {way}")
        rival = Rival(way, world.cells, folder)
        rival.check_hard(count)
        rival.stop()
        measured.append(rival.measured)
    return measured


def ours_among_thorns(dose: Dose, say: Say) -> Checked:
    """Let the index and the grid answer hard points in many thorny worlds; return the count over all of them."""
    wrong, examples = 0, []
    for seed in range(SEED + 1, SEED + 1 + dose.thorny_worlds):
        say(f"thorns: gisgrid, {seed}")
        cells = thorny(seed).cells
        lon, lat = hard_points(cells, dose.thorny, seed)
        expected = rule(cells, lon, lat)
        grid = Grid(cells)
        found = CellIndex.build(only(cells, "substation").tolist()).locate(lon, lat)
        differs = (found != expected[:, 2]) | (within_levels(grid, grid.rows(lon, lat)) != expected).any(axis=1)
        wrong += int(differs.sum())
        examples += [(float(lon[row]), float(lat[row])) for row in np.flatnonzero(differs)[:2]]
    return Checked(dose.thorny * dose.thorny_worlds, wrong, examples[:5], None)
