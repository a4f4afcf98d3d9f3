"""Accounts to try the sample with, one of each role, as data: a name, a role, and in which cell of which level."""

import csv
from importlib.resources import files
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM
from gisgrid.errors import Conflict
from gisgrid.grid.locate import Grid, grid_on
from gisgrid.patrols.tables import Patroller
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import add_person
from gisgrid.staff.tables import Person

WALKER: Final = ("patroller", "sim-01")
"""Whoever has that role walked what the simulated patroller of that ref did."""


class InRealUse(Conflict):
    """The database has accounts of real people, and the sample brings accounts that anybody may take."""


def require_nobody(session: Session) -> None:
    """Check that a database has no accounts but those of a demonstration. Raises InRealUse."""
    if session.scalar(select(Person.id).where(~Person.is_demonstration).limit(1)) is not None:
        raise InRealUse(
            "此数据库已有正式账号,示例数据和人人可用的演示账号不能放进去;请把 GISGRID_HOME 设为另一个空文件夹再试",
            "this database has accounts of real people, so the sample and its accounts, which anybody may take, do not "
            "go into it; set GISGRID_HOME to another, empty folder",
        )


def add_people(session: Session) -> None:
    """Add the demonstration's accounts, unless they are there. They have no password: one picks them from a list."""
    if session.scalar(select(Person.id).where(Person.is_demonstration).limit(1)) is not None:
        return
    grid = grid_on(session)
    for row in csv.DictReader(files(__package__).joinpath("people.csv").read_text(encoding="utf-8").splitlines()):
        person = add_person(session, PROGRAM, row["name"], row["full_name"], is_demonstration=True)
        grant(session, PROGRAM, person, row["role"], _cell(grid, row), row["department"] or None)
        if row["role"] == WALKER[0]:
            mine = update(Patroller).where(Patroller.ref == WALKER[1], Patroller.person_id.is_(None))
            session.execute(mine.values(person_id=person.id))


def _cell(grid: Grid, row: dict[str, str]) -> str | None:
    codes = grid.cells.loc[grid.cells["level"] == row["level"], "code"].tolist()
    return codes[int(row["number"]) - 1] if codes else None
