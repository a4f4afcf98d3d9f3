"""Two workers against one on the same partitioned files: `python -m tests.benchmarks.scale [--points N]`."""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client

from gisgrid.batch.count import CountPiece, count_folder
from gisgrid.batch.crew import each, hired
from gisgrid.batch.ground import Ground, Reading, grounds
from gisgrid.batch.join import join_folder
from gisgrid.grid.locate import Grid
from tests.benchmarks.world import PEOPLE, World, points, street

POINTS: Final = 20_000_000
FILES: Final = 20
DAYS: Final = 10
ROUNDS: Final = 3
WORKERS: Final = (1, 2)

Act = Callable[[Client, Path, Path, Ground], object]
ACTS: Final[dict[str, Act]] = {
    "join": lambda client, source, target, ground: join_folder(partial(each, client), source, target, ground),
    "count": lambda client, source, target, ground: count_folder(
        partial(each, client), source, target.with_suffix(".parquet"), CountPiece(ground)
    ),
}


def lay(folder: Path, world: World, count: int) -> None:
    """Write `count` check-ins of so many days, in the order of their times, to FILES files."""
    folder.mkdir()
    longitude, latitude = points(world, count, seed=4)
    begin = np.datetime64("2026-11-01T00:00:00", "us")
    moments = begin + np.linspace(0, DAYS * 86_400e6, count, endpoint=False).astype("timedelta64[us]")
    people = np.arange(count) % PEOPLE
    table = pa.table({"longitude": longitude, "latitude": latitude, "fix_at": moments, "patroller_id": people})
    size = -(-count // FILES)
    for number in range(FILES):
        pq.write_table(table.slice(number * size, size), folder / f"{number:03}.parquet")


def scale(folder: Path, count: int) -> dict[str, dict[int, list[float]]]:
    """Return the seconds of each act by number of workers, taken in turn; the workers are there and warm."""
    world = street("S", 100, seed=1)
    ground = grounds([date.min], [Grid(world.cells)], Reading(ZoneInfo("Asia/Shanghai")))
    lay(folder / "few", world, FILES)
    lay(folder / "in", world, count)
    found: dict[str, dict[int, list[float]]] = {name: {number: [] for number in WORKERS} for name in ACTS}
    with hired(workers=WORKERS[0]) as one, hired(workers=WORKERS[1]) as two:
        crews = dict(zip(WORKERS, (one, two), strict=True))
        for _ in range(ROUNDS):
            for name, act in ACTS.items():
                for number, client in crews.items():
                    act(client, folder / "few", folder / "out", ground)
                    begun = time.perf_counter()
                    act(client, folder / "in", folder / "out", ground)
                    found[name][number].append(time.perf_counter() - begun)
                    shutil.rmtree(folder / "out", ignore_errors=True)
    return found


def main() -> None:
    """Run, and write a line for each act."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale", description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS)
    count = parser.parse_args().points
    with tempfile.TemporaryDirectory(prefix="gisgrid-scale-") as folder:
        for name, seconds in scale(Path(folder), count).items():
            one, two = (median(seconds[number]) for number in WORKERS)
            sys.stdout.write(
                f"{name}: 1 worker {one:.2f} s ({count / one / 1e6:.1f} M/s), 2 workers {two:.2f} s "
                f"({count / two / 1e6:.1f} M/s): {one / two:.2f} times\n"
            )


if __name__ == "__main__":
    main()
