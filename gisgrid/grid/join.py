"""Adds the cells of its points to a table: `street_code`, `community_code`, `substation_code`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from gisgrid.geometry import to_wgs84
from gisgrid.grid.locate import Grid
from gisgrid.grid.points import Coordinates, PointWriter, read_slices
from gisgrid.grid.tables import LEVELS


@dataclass(slots=True)
class Joined:
    """How many rows there were, how many lie in no cell, and how many of those have no readable coordinates."""

    rows: int = 0
    outside: int = 0
    without_coordinates: int = 0


def join(
    source: Path,
    target: Path,
    grid: Grid,
    *,
    coordinates: Coordinates | None = None,
    crs: str = "EPSG:4326",
    progress: Callable[[int, int], None] = lambda done, expected: None,
) -> Joined:
    """Write the table of points `source` to `target` with its cells' codes; the other columns stay as they are.

    Memory stays bounded for CSV and Parquet. `progress` is told rows done and rows expected (0: unknown).
    Raises NoSuchFile, UnreadablePoints, NoCoordinates, UnknownCrs; then nothing is written.
    """
    coordinates = coordinates or Coordinates()
    slices, expected = read_slices(source)
    counts = Joined()
    with PointWriter(target, coordinates) as writer:
        for table in slices:
            writer.write(_with_cells(table, grid, coordinates, crs, counts))
            progress(counts.rows, expected)
    return counts


def _with_cells(table: pa.Table, grid: Grid, coordinates: Coordinates, crs: str, counts: Joined) -> pa.Table:
    x, y = coordinates.of(table)
    rows = grid.rows(*to_wgs84(x, y, crs))
    outside = rows < 0
    counts.rows += len(rows)
    counts.outside += int(outside.all(axis=1).sum())
    counts.without_coordinates += int((~np.isfinite(x) | ~np.isfinite(y)).sum())
    codes = pa.array(grid.codes, type=pa.string())
    for column, level in enumerate(LEVELS):
        taken = pa.array(rows[:, column], mask=outside[:, column])
        name, values = f"{level}_code", codes.take(taken)
        # a table joined before is joined anew, not given a second column of the name
        place = table.schema.get_field_index(name)
        table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
    return table
