"""Where things sent in from outside lie, whatever system and day their coordinates are of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gisgrid.errors import Refused
from gisgrid.geometry import to_wgs84
from gisgrid.grid.in_force import hold_grid
from gisgrid.grid.index import OUTSIDE
from gisgrid.grid.locate import grids_on
from gisgrid.grid.near import Candidates, candidates
from gisgrid.grid.schemas import CellName
from gisgrid.grid.tables import LEVELS, Cell

NO_CELLS = (None,) * len(LEVELS)
CELL_COLUMNS = tuple(f"{level}_id" for level in LEVELS)
NAMES = select(Cell.id, Cell.code, Cell.name).where(Cell.id.in_(bindparam("ids", expanding=True)))


class NotOnEarth(Refused):
    """Coordinates that are no place on earth in the system they claim."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in WGS 84 degrees and the rows of its street, community and substation, None outside.

    `candidates`: where an accuracy was given and one cell is not certain, the cells in which it may lie.
    """

    longitude: float
    latitude: float
    cells: tuple[int | None, ...]
    candidates: Candidates = field(default_factory=list)

    @property
    def columns(self) -> dict[str, Any]:
        """The place as columns of a row."""
        return {
            "longitude": self.longitude,
            "latitude": self.latitude,
            **dict(zip(CELL_COLUMNS, self.cells, strict=True)),
        }

    @property
    def candidates_kept(self) -> str | None:
        """The candidates as a row keeps them, in JSON; None where there are none."""
        return json.dumps(self.candidates) if self.candidates else None


def places(
    session: Session,
    x: Sequence[float],
    y: Sequence[float],
    systems: Sequence[str],
    moments: Sequence[datetime],
    zone: ZoneInfo,
    accuracy_m: NDArray[np.float64] | None = None,
) -> list[Place | None]:
    """Locate n points, each given in its own coordinate system and on its own local day. None is no place on earth.

    The grid stays in force until the transaction ends.
    """
    hold_grid(session)
    longitude, latitude = _to_wgs84(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), systems)
    on_earth = np.flatnonzero((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90))
    days = [moments[row].astimezone(zone).date() for row in on_earth.tolist()]
    found: list[Place | None] = [None] * len(longitude)
    for row in on_earth.tolist():
        found[row] = Place(float(longitude[row]), float(latitude[row]), NO_CELLS)
    for grid, positions in grids_on(session, days):
        rows = on_earth[positions]
        lon, lat = longitude[rows], latitude[rows]
        near = [[]] * len(rows) if accuracy_m is None else candidates(grid, lon, lat, accuracy_m[rows])
        cells = grid.locate(lon, lat).cell_ids.tolist()
        for row, ids, its in zip(rows.tolist(), cells, near, strict=True):
            lies_in = tuple(None if cell == OUTSIDE else cell for cell in ids)
            found[row] = Place(float(longitude[row]), float(latitude[row]), lies_in, its)
    return found


def _to_wgs84(
    x: NDArray[np.float64], y: NDArray[np.float64], systems: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    longitude, latitude = np.full_like(x, np.nan), np.full_like(y, np.nan)
    names = np.asarray(systems, dtype=object)
    for name in dict.fromkeys(systems):
        chosen = names == name
        longitude[chosen], latitude[chosen] = to_wgs84(x[chosen], y[chosen], name)
    return longitude, latitude


def not_on_earth() -> NotOnEarth:
    """Say what to do about coordinates that are no place on earth."""
    return NotOnEarth(
        "坐标不是地球上的有效位置;请核对:先经度后纬度,坐标系与 crs 一致",
        "the coordinates are no place on earth; check that longitude comes first and that crs names their system",
    )


def cell_names(session: Session, placed: Iterable[Mapping[str, Any]]) -> dict[int, CellName]:
    """Return code and name of the cells of rows that lie somewhere, by the rows of the cells."""
    ids = {row[column] for row in placed for column in CELL_COLUMNS} - {None}
    found = session.execute(NAMES, {"ids": list(ids)}) if ids else ()
    return {row.id: CellName(code=row.code, name=row.name) for row in found}
