"""A way in a process of its own, and what has been measured of it."""

import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas

from tests.benchmarks.worker import Built, Checked, Latency, Missing, Took, work

PATIENCE_S = 180.0
PILOT = 5_000


class Lost(Exception):
    """The way is not available, has failed or is too slow."""


@dataclass
class Measured:
    """What is known of one way in one world; `missing` says why there is no more."""

    way: str
    missing: str | None = None
    points: int = 0
    built: Built | None = None
    ordinary: Checked | None = None
    hard: Checked | None = None
    latency: Latency | None = None
    rounds: list[Took] = field(default_factory=list)


class Rival:
    """Whatever goes wrong in the other process is noted in `measured.missing`; then nothing is asked any more."""

    def __init__(self, name: str, cells: geopandas.GeoDataFrame, folder: Path) -> None:
        self.measured = Measured(name)
        spawn = multiprocessing.get_context("spawn")  # a fork would begin with the memory of this process
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=work, args=(theirs, name, cells, folder), daemon=True)
        self._process.start()
        theirs.close()
        self._try(self._hear)

    def prepare(self, seconds: float, most: int, most_hard: int) -> None:
        """Build; load as many ordinary points as take about so many seconds; check those, and as many hard ones."""
        self._try(lambda: self._prepare(seconds, most, most_hard))

    def _prepare(self, seconds: float, most: int, most_hard: int) -> None:
        measured = self.measured
        measured.built = self._ask("build")
        self._ask("load", "ordinary", min(PILOT, most))
        self._ask("run")
        rate = min(PILOT, most) / self._ask("run").wall_s
        measured.points = int(min(max(rate * seconds, PILOT), most))
        # first, while the process has taken little memory that would hide what the join takes
        self._ask("load", "ordinary", measured.points)
        measured.ordinary = self._ask("check")
        self._ask("load", "hard", min(measured.points, most_hard))
        measured.hard = self._ask("check")
        self._ask("load", "ordinary", measured.points)
        measured.latency = self._ask("latency")

    def check_hard(self, count: int) -> None:
        """Build and check hard points only."""
        self._try(lambda: self._check_hard(count))

    def _check_hard(self, count: int) -> None:
        self.measured.built = self._ask("build")
        self._ask("load", "hard", count)
        self.measured.hard = self._ask("check")

    def run(self) -> None:
        """Join the loaded points once more."""
        self._try(lambda: self.measured.rounds.append(self._ask("run")))

    def stop(self) -> None:
        """End the process."""
        with suppress(OSError):  # it has ended already
            self._pipe.send(None)
        self._process.join(30)
        self._interrupt()

    def _interrupt(self) -> None:
        """End a process that does not listen: kindly first, so that it stops a server of its own."""
        if self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, signal.SIGINT)
            self._process.join(10)
        self._process.kill()

    def _try(self, act: Any) -> None:
        if self.measured.missing is None:
            try:
                act()
            except Lost as lost:
                self.measured.missing = str(lost)

    def _ask(self, method: str, *arguments: Any) -> Any:
        with suppress(OSError):  # it has ended, as `_hear` will find
            self._pipe.send((method, arguments))
        return self._hear()

    def _hear(self) -> Any:
        if not self._pipe.poll(PATIENCE_S):
            self._interrupt()
            raise Lost(f"gave no answer within {PATIENCE_S:.0f} s")
        try:
            heard = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise Lost(f"failed: its process ended with {self._process.exitcode}") from None
        if isinstance(heard, Missing):
            raise Lost(f"not available: {heard.reason}")
        return heard
