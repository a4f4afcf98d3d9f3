"""How many fixes of a period wait for somebody to judge them, by cell: they are in no other figure."""

from collections import Counter
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.coverage.group import Group
from gisgrid.grid.tables import LEVELS
from gisgrid.intake.finding import cell_codes, conditions
from gisgrid.parameters import Period
from gisgrid.patrols.fixes import FIX
from gisgrid.patrols.tables import UNCOUNTED


class Quarantined(NamedTuple):
    """How many there are, and how many of them in each cell, at any level, by its code."""

    total: int
    by_code: tuple[tuple[str, int], ...]


def quarantined_in(session: Session, period: Period, group: Group | None) -> Quarantined:
    """Count the fixes of a period that are quarantined; of a group, if one is given."""
    cells = [FIX.c[f"{level}_id"] for level in LEVELS]
    where = [*conditions(session, FIX, "fix_at", period=period), UNCOUNTED, FIX.c.standing == "quarantined"]
    if group is not None and group.patrollers is not None:
        where.append(FIX.c.patroller_id.in_(group.patrollers))
    if group is not None and group.patrol is not None:
        where.append(FIX.c.patrol_id == group.patrol)
    rows = session.execute(select(*cells, func.count()).where(*where).group_by(*cells)).all()
    codes, found = cell_codes(session), Counter[str]()
    for *its, count in rows:
        found.update({codes[cell]: count for cell in its if cell is not None})
    return Quarantined(sum(row[-1] for row in rows), tuple(sorted(found.items())))
