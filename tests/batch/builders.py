"""A directory of points with everything that may trouble a partitioned join, and the trees of files it becomes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gisgrid.batch.ground import Ground, Reading, grounds
from gisgrid.batch.pieces import Piece, Result
from gisgrid.grid.locate import Grid
from tests.grid.builders import nested_squares

ZONE = ZoneInfo("Asia/Shanghai")
GRID = Grid(nested_squares())
FILES = ("a.parquet", "b/first.parquet", "b/second.parquet", "c.parquet")


def ground(grids: Sequence[tuple[date, Grid]] = ((date.min, GRID),), **reading: object) -> Ground:
    """The grids from their first days on, read as told."""
    firsts, each = zip(*grids, strict=True)
    return grounds(firsts, each, Reading(ZONE, **reading))  # type: ignore[arg-type]


def check_ins(count: int, seed: int) -> pa.Table:
    """Four days of check-ins, some outside, some without coordinates, some without a time."""
    chance = np.random.default_rng(seed)
    west, south, east, north = GRID.cells.total_bounds
    seconds = np.sort(chance.integers(0, 4 * 86_400, count))
    moments = pd.Series(pd.Timestamp("2026-11-20 16:00", tz="UTC") + pd.to_timedelta(seconds, unit="s"))
    frame = pd.DataFrame(
        {
            "client_id": [f"{seed}-{row}" for row in range(count)],
            "longitude": chance.uniform(west - 0.005, east + 0.005, count),
            "latitude": chance.uniform(south - 0.001, north + 0.001, count),
            "time": moments.where(chance.random(count) > 0.02),
            "patroller": chance.choice(["p1", "p2", "p3"], count),
            "patrol": chance.choice(["am", "pm", None], count),
        }
    )
    frame.loc[chance.random(count) < 0.02, "longitude"] = np.nan
    return pa.Table.from_pandas(frame, preserve_index=False)


def lay(folder: Path, rows: int = 2000) -> Path:
    """Write the files, of several row groups each."""
    for number, name in enumerate(FILES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(check_ins(rows, number), path, row_group_size=300)
    (folder / "_part").write_bytes(b"no points")
    (folder / ".hidden.parquet").write_bytes(b"no points")
    return folder


def one_by_one(act: Callable[[Piece], Result], pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Result]]:
    """Do all pieces in this process, in order."""
    return ((piece, act(piece)) for piece in pieces)


def tree(folder: Path) -> dict[str, bytes]:
    """What the files below a folder are called and hold."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
