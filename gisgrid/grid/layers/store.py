"""Taking a set into force: stored as a new layer set with its first day; the one before it stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import geopandas
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Column, MetaData, Table, func, inspect, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR, record
from gisgrid.errors import Conflict, Refused
from gisgrid.geometry import to_metric
from gisgrid.grid.in_force import wait_to_replace
from gisgrid.grid.layers.pieces import area_of
from gisgrid.grid.tables import LEVELS, Cell, LayerSet

SINCE_EVER: Final = date(2000, 1, 1)
"""First day of the first grid: whatever was measured before it was loaded lies in it too."""


class FirstDayNeeded(Refused):
    """A grid is in force, and nothing says when the new one begins."""


class FirstDayTaken(Conflict):
    """A layer set begins on that very day."""


@dataclass(frozen=True)
class Vanishing:
    """A cell that the new set no longer has, and how many rows of which tables hang on it."""

    level: str
    code: str
    name: str
    rows: Mapping[str, int]


def first_day_of(session: Session, wished: date | None) -> date:
    """Return the first day of a set to be stored. Raises FirstDayNeeded, FirstDayTaken."""
    days = session.scalars(select(LayerSet.first_day).order_by(LayerSet.first_day)).all()
    if not days:
        return wished or SINCE_EVER
    if wished is None:
        raise FirstDayNeeded(
            f"已有网格(自 {days[-1]} 起生效)。请用 --first-day 年-月-日 指明新网格从哪一天起生效;旧网格保留",
            f"a grid is in force since {days[-1]}; say with --first-day YYYY-MM-DD when the new one begins. "
            "The old one is kept",
        )
    if wished in days:
        raise FirstDayTaken(
            f"已有从 {wished} 起生效的网格,请换一天",
            f"a grid begins on {wished} already; choose another day",
        )
    return wished


def vanishing_cells(session: Session, cells: geopandas.GeoDataFrame, first_day: date) -> list[Vanishing]:
    """Return the cells in force before `first_day` whose codes the new set does not have, with what hangs on them."""
    before = session.scalar(
        select(LayerSet.id).where(LayerSet.first_day < first_day).order_by(LayerSet.first_day.desc()).limit(1)
    )
    gone = session.execute(
        select(Cell.id, Cell.level, Cell.code, Cell.name)
        .where(Cell.layer_set_id == before, Cell.code.not_in(cells["code"].tolist()))
        .order_by(Cell.code)
    ).all()
    hanging = _hanging(session, [row.id for row in gone])
    return [Vanishing(row.level, row.code, row.name, hanging[row.id]) for row in gone]


def _hanging(session: Session, cell_ids: list[int]) -> dict[int, dict[str, int]]:
    """Return, for each cell, the rows of other tables that refer to it, as the database's foreign keys tell."""
    found: dict[int, dict[str, int]] = {cell_id: {} for cell_id in cell_ids}
    for table, column in _references(session):
        key = Table(table, MetaData(), Column(column)).c[column]
        counted = select(key, func.count()).where(key.in_(cell_ids)).group_by(key)
        for cell_id, rows in session.execute(counted):
            found[cell_id][table] = found[cell_id].get(table, 0) + rows
    return found


def _references(session: Session) -> list[tuple[str, str]]:
    inspector = inspect(session.connection())
    cells = Cell.__tablename__
    return [
        (table, key["constrained_columns"][0])
        for table in inspector.get_table_names()
        if table != cells
        for key in inspector.get_foreign_keys(table)
        if key["referred_table"] == cells
    ]


def store_cells(
    session: Session,
    cells: geopandas.GeoDataFrame,
    *,
    name: str,
    source: str,
    first_day: date,
    metric_crs: str,
    note: str = "",
) -> LayerSet:
    """Store a checked set as a new layer set in force from `first_day` on, and record it. Does not commit.

    `cells` as everywhere (EPSG:4326, parents known by code); `note` per cell where there is such a column. Until the
    transaction ends nothing else is placed in any grid.
    """
    wait_to_replace(session)
    layer_set = LayerSet(name=name, source=source, first_day=first_day, created_at=datetime.now(UTC), note=note)
    session.add(layer_set)
    session.flush()
    told = cells.assign(
        area_m2=shapely.area(to_metric(cells.geometry.to_numpy(), metric_crs)), note=cells.get("note", "")
    )
    ids: dict[str, int] = {}
    for level in LEVELS:
        rows = {
            cell.code: Cell(
                layer_set_id=layer_set.id,
                level=level,
                code=cell.code,
                name=cell.name or cell.code,
                parent_id=ids.get(cell.parent_code),
                is_illustrative=bool(cell.is_illustrative),
                note=cell.note,
                area_m2=float(cell.area_m2),
                geometry=from_shape(area_of(cell.geometry), srid=4326),
            )
            for cell in told[told["level"] == level].itertuples(index=False)
        }
        session.add_all(rows.values())
        session.flush()
        ids.update({code: row.id for code, row in rows.items()})
    record(session, OPERATOR, "grid.replaced", ("layer_set", layer_set.id), first_day=first_day.isoformat())
    return layer_set
