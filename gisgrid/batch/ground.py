"""What every worker carries: the grids by the day from which they count, and how the tables are to be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.batch.days import Days, column_of, holds_times, local_days, no_column
from gisgrid.grid.coordinates import Coordinates
from gisgrid.grid.locate import Grid, grid_on, layer_set_on
from gisgrid.grid.streams.cells import Cells, Joined
from gisgrid.grid.streams.convert import with_codes
from gisgrid.grid.tables import LayerSet
from gisgrid.intake.imports import NoSuchColumn
from gisgrid.patrols.arrival.imports import PLAN


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read: its coordinates, their system, the column of times, the zone in which a day begins.

    `crs` is a canonical name; None for what the file declares. `time` None for the usual names.
    """

    zone: ZoneInfo
    coordinates: Coordinates = field(default_factory=Coordinates)
    crs: str | None = None
    time: str | None = None

    def columns(self, schema: pa.Schema) -> list[str]:
        """Return the columns that are read. Raises NoCoordinates, NoSuchColumn."""
        return [*self.coordinates.columns_of(schema), self.time_column(schema)]

    def check(self, schema: pa.Schema) -> None:
        """Raise NoCoordinates, NoSuchColumn or UnknownCrs when a table of this schema cannot be read."""
        self.coordinates.of(schema.empty_table())
        self.time_column(schema)
        self.crs_of(schema)

    def time_column(self, schema: pa.Schema) -> str:
        """Return the name of the column of times. Raises NoSuchColumn."""
        found = column_of(schema, self.time, PLAN.columns["fix_at"])
        if found is None:
            raise no_column(schema, " / ".join(PLAN.columns["fix_at"]) + " (--time)")
        if not holds_times(kind := schema.field(found).type):
            raise NoSuchColumn(
                f"列 {found} 的类型是 {kind},不是时间、日期或 ISO 8601 文本",
                f"column {found} is {kind}: neither times, dates nor text in ISO 8601",
            )
        return found

    def crs_of(self, schema: pa.Schema) -> str:
        """Return the coordinate system of a table. Raises NoCoordinates, UnknownCrs."""
        return self.crs or self.coordinates.crs_of(schema)


@dataclass(frozen=True, slots=True)
class Ground:
    """The grids in the order of their first days. A point belongs to the grid in force on its own local day."""

    firsts: Days
    grids: Sequence[Grid]
    reading: Reading

    def with_codes(self, table: pa.Table) -> Iterator[tuple[pa.Table, Days, Joined]]:
        """Yield the rows of each grid's days, in their order and with their codes; their local days; counts.

        A row without a readable time has NaT for a day and counts as of the latest grid.
        """
        days = local_days(table[self.reading.time_column(table.schema)], self.reading.zone)
        crs = self.reading.crs_of(table.schema)
        force = np.searchsorted(self.firsts, days, side="right") - 1  # NaT ranks last
        for position in np.unique(force):
            rows = np.flatnonzero(force == position)
            part = table if len(rows) == len(days) else table.take(pa.array(rows))
            joined, counts = with_codes(part, Cells(self.grids[position], crs), self.reading.coordinates)
            yield joined, days[rows], counts


def ground_of(session: Session, reading: Reading, day: date | None = None) -> Ground:
    """Return all grids, each from its first day on; with a `day`, the grid in force then, for all days.

    Raises NoGrid.
    """
    latest = layer_set_on(session, day).first_day
    firsts = [latest] if day else session.scalars(select(LayerSet.first_day).order_by(LayerSet.first_day)).all()
    grids = [grid_on(session, first) for first in firsts]
    return grounds([date.min] if day else firsts, grids, reading)


def grounds(firsts: Sequence[date], grids: Sequence[Grid], reading: Reading) -> Ground:
    """Return the ground of grids with their first days; before the first of these days there are no cells."""
    if firsts[0] > date.min:
        firsts, grids = [date.min, *firsts], [Grid(grids[0].cells[:0]), *grids]
    return Ground(np.array(firsts, dtype="datetime64[D]"), grids, reading)
