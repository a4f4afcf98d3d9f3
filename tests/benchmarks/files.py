"""Parquet to Parquet in one process, and again after a kill: `python -m tests.benchmarks.files [--points N]`."""

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gisgrid.grid.join import join
from gisgrid.grid.locate import Grid
from tests.benchmarks.world import PEOPLE, World, points, street

POINTS: Final = 50_000_000
GROUP: Final = 1 << 20
ROUNDS: Final = 3


@dataclass(frozen=True)
class Round:
    """One join of a file: seconds passed and seconds computed, and the most memory the process ever held."""

    wall_s: float
    cpu_s: float
    resident_mb: float


def lay(path: Path, world: World, count: int) -> None:
    """Write a file of check-ins in the order of their arrival."""
    chance = np.random.default_rng(5)
    begin = np.datetime64("2026-11-01T00:00:00", "us")
    writer = None
    for start in range(0, count, GROUP):
        number = np.arange(start, min(start + GROUP, count))
        longitude, latitude = points(world, len(number), seed=start)
        columns = {
            "client_id": number,
            "patroller_ref": pa.DictionaryArray.from_arrays(number % PEOPLE, [f"p{n:03}" for n in range(PEOPLE)]),
            "fix_at": begin + (number // PEOPLE * 5_000_000).astype("timedelta64[us]"),
            "longitude": longitude,
            "latitude": latitude,
            "accuracy_m": chance.uniform(3, 30, len(number)).astype(np.float32),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=GROUP)
    if writer:
        writer.close()


def run(source: Path, target: Path) -> Round:
    """Join once in a fresh process; its start and the building of the index do not count."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(source, target, send))
    process.start()
    send.close()
    found: Round = receive.recv()
    process.join()
    return found


def _run(source: Path, target: Path, send: Connection) -> None:
    grid = Grid(street("S", 100, seed=1).cells)
    wall, cpu = time.perf_counter(), time.process_time()
    join(source, target, grid)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    send.send(Round(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def killed(source: Path, target: Path, groups: int) -> None:
    """Join in a process that is killed when so many row groups are done."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_die, args=(source, target, groups))
    process.start()
    process.join()


def _die(source: Path, target: Path, groups: int) -> None:
    left = iter(range(groups - 1, -1, -1))

    def progress(done: int, expected: int) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    join(source, target, Grid(street("S", 100, seed=1).cells), progress=progress)


def main() -> int:
    """Run, write a line for each round; return 1 when the file made after a kill is another."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.files", description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--folder", type=Path, help="where the files lie; in memory, the disk does not count")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gisgrid-bench-", dir=asked.folder) as name:
        source, target, again = (Path(name) / f"{file}.parquet" for file in ("in", "out", "again"))
        lay(source, street("S", 100, seed=1), asked.points)
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(run(source, target))
            sys.stdout.write(f"{rounds[-1]}\n")
        rate = asked.points / median(found.wall_s for found in rounds) / 1e6
        per_cpu = asked.points / median(found.cpu_s for found in rounds) / 1e6
        most = max(found.resident_mb for found in rounds)
        killed(source, again, pq.read_metadata(source).num_row_groups // 2)
        is_finished = again.exists()
        run(source, again)
        is_same = again.read_bytes() == target.read_bytes()
    sys.stdout.write(f"{rate:.1f} million points/s, {per_cpu:.1f} per CPU second, {most:.0f} MB resident\n")
    sys.stdout.write(f"killed half-way and run again: {'the same file' if is_same else 'ANOTHER FILE'}\n")
    return 0 if is_same and not is_finished else 1


if __name__ == "__main__":
    sys.exit(main())
