"""A grid that counts from a day in the past: the records since that day are given their cells anew."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from gisgrid.database import Base
from gisgrid.grid.index import OUTSIDE
from gisgrid.grid.locate import located
from gisgrid.grid.tables import LEVELS
from gisgrid.settings import Settings

AT_A_TIME = 20_000
RELOCATED = "relocated"


def relocate(session: Session, first_day: date, settings: Settings) -> int:
    """Locate every record since a local day in the grid of its own day; return how many there were. Does not commit.

    A record is a row of any table that names the column of its time as `moment` in its `info`. What else depends on the
    grid is done by the function that stands there under RELOCATED: it takes the session, the time and the settings.
    """
    begin = datetime.combine(first_day, time(), settings.zone)
    tables = [table for table in Base.metadata.sorted_tables if "moment" in table.info]
    moved = sum(_relocate(session, table, begin, settings.zone) for table in tables)
    for table in tables:
        if RELOCATED in table.info:
            table.info[RELOCATED](session, begin, settings)
    return moved


def _relocate(session: Session, table: Table, begin: datetime, zone: ZoneInfo) -> int:
    moment = table.c[table.info["moment"]]
    placed = (moment >= begin, table.c.longitude.is_not(None))  # an alarm may come from nowhere
    query = select(table.c.id, table.c.longitude, table.c.latitude, moment).where(*placed)
    rows = [tuple(row) for row in session.execute(query.order_by(table.c.id))]
    move = (
        update(table)
        .where(table.c.id == bindparam("row"))
        .values({f"{level}_id": bindparam(f"its_{level}") for level in LEVELS})
    )
    for start in range(0, len(rows), AT_A_TIME):
        session.execute(move, _moves(session, rows[start : start + AT_A_TIME], zone))
    return len(rows)


def _moves(
    session: Session, rows: Sequence[tuple[int, float, float, datetime]], zone: ZoneInfo
) -> list[dict[str, int | None]]:
    ids, longitude, latitude, moments = zip(*rows, strict=True)
    days = [each.astimezone(zone).date() for each in moments]
    cells = located(session, np.array(longitude), np.array(latitude), days).cell_ids.tolist()
    return [
        {"row": row}
        | {f"its_{level}": None if cell == OUTSIDE else cell for level, cell in zip(LEVELS, its, strict=True)}
        for row, its in zip(ids, cells, strict=True)
    ]
