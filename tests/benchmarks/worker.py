"""Measures one way in a process of its own, as it is told through a pipe."""

import ctypes
import gc
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import geopandas
import numpy as np
import shapely

from tests.benchmarks.way import NotAvailable, Way
from tests.benchmarks.ways import WAYS
from tests.benchmarks.world import Floats

BUILDS = 3
LOOKED_UP = 200_000
LOOK_UP_S = 1.0
MB = 1e6


class Missing(NamedTuple):
    """Why a way cannot be measured here."""

    reason: str


class Built(NamedTuple):
    """What it took to make what can be made of the cells beforehand."""

    seconds: float
    mb: float | None


class Checked(NamedTuple):
    """How many of the loaded points were answered wrongly, some of those, and the memory above the input."""

    points: int
    wrong: int
    examples: list[tuple[float, float]]
    mb: float | None


class Took(NamedTuple):
    """How long one join took."""

    wall_s: float
    cpu_s: float


class Latency(NamedTuple):
    """How long it takes to look up one point."""

    median_us: float
    p99_us: float
    calls: int


def work(pipe: Connection, name: str, cells: geopandas.GeoDataFrame, folder: Path) -> None:
    """Answer (method of Bench, arguments) one after the other until None comes."""
    try:
        with WAYS[name]() as way:
            bench = Bench(way, cells, folder)
            pipe.send(None)
            for method, arguments in iter(pipe.recv, None):
                pipe.send(getattr(bench, method)(*arguments))
    except (ImportError, NotAvailable) as missing:
        pipe.send(Missing(str(missing)))


class Bench:
    """One way, and what it has built and loaded."""

    def __init__(self, way: Way, cells: geopandas.GeoDataFrame, folder: Path) -> None:
        self._way = way
        self._cells = cells
        self._folder = folder
        self._built: Any = None
        self._points: Any = None
        self._rule = np.empty((0, 3), dtype=np.int16)
        self._degrees: tuple[Floats, Floats] = np.empty(0), np.empty(0)

    def build(self) -> Built:
        """Build several times from cells that nothing has been prepared on."""
        seconds = []
        before = _settled_mb()
        for _ in range(BUILDS):
            self._built = None
            cells = self._cells.set_geometry(shapely.from_wkb(shapely.to_wkb(self._cells.geometry.to_numpy())))
            begun = time.perf_counter()
            self._built = self._way.build(cells)
            seconds.append(time.perf_counter() - begun)
        return Built(statistics.median(seconds), self._own(_settled_mb() - before))

    def load(self, kind: str, count: int) -> None:
        """Take the first `count` points of a kind, and what the rule says of them."""
        self._points = None
        lon, lat = np.load(self._folder / f"{kind}.npy", mmap_mode="r")[:, :count]
        self._degrees = np.array(lon), np.array(lat)
        self._rule = np.load(self._folder / f"{kind}-rule.npy", mmap_mode="r")[:count]
        self._points = self._way.load(*self._degrees)

    def run(self) -> Took:
        """Join the loaded points once."""
        wall, cpu = time.perf_counter(), self._way.cpu_s()
        joined = self._way.join(self._built, self._points)
        took = Took(time.perf_counter() - wall, self._way.cpu_s() - cpu)
        del joined
        return took

    def check(self) -> Checked:
        """Join the loaded points once and compare the answer with the rule."""
        mb, joined = _peak_mb(lambda: self._way.join(self._built, self._points))
        answer = self._way.answer(self._built, self._points, joined)
        wrong = np.flatnonzero((answer != self._rule).any(axis=1) if answer.ndim == 2 else answer != self._rule[:, 2])
        examples = [(float(self._degrees[0][row]), float(self._degrees[1][row])) for row in wrong[:5]]
        return Checked(len(answer), len(wrong), examples, self._own(mb))

    def latency(self) -> Latency | None:
        """Look up loaded points one at a time."""
        if self._way.one is None:
            return None
        look_up = self._way.one(self._built)
        points = list(zip(*(axis[:LOOKED_UP].tolist() for axis in self._degrees), strict=True))
        for point in points[:200]:
            look_up(*point)
        gc.disable()
        took = _each_ns(look_up, points)
        gc.enable()
        return Latency(float(np.median(took)) / 1e3, float(np.percentile(took, 99)) / 1e3, len(took))

    def _own(self, mb: float) -> float | None:
        """Return a figure of this process only where the work is done in it."""
        return mb if self._way.in_process else None


def _each_ns(look_up: Callable[[float, float], object], points: list[tuple[float, float]]) -> list[int]:
    clock = time.perf_counter_ns
    end = clock() + int(LOOK_UP_S * 1e9)
    took = []
    for lon, lat in points:
        begun = clock()
        look_up(lon, lat)
        done = clock()
        took.append(done - begun)
        if done > end:
            break
    return took


def _peak_mb(join: Callable[[], Any]) -> tuple[float, Any]:
    """Return the memory at its highest during a join above that before it, the answer included; and what it joined."""
    before = _settled_mb()
    Path("/proc/self/clear_refs").write_text("5")
    joined = join()
    return _resident_mb("VmHWM") - before, joined


def _settled_mb() -> float:
    """Return the memory in use once what is free has been given back: it would hide what is taken next."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return _resident_mb("VmRSS")


def _resident_mb(which: str) -> float:
    """Return VmRSS, the memory in use, or VmHWM, its highest since it was last cleared."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(f"{which}:"))
