"""Entering what a survey found: one figure for a cell and month, replaced by whoever enters it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Forbidden, Refused
from gisgrid.grid.locate import NoSuchCell
from gisgrid.grid.tables import Cell
from gisgrid.incidents.surveys.satisfaction import Answers
from gisgrid.incidents.surveys.tables import Survey
from gisgrid.once import table_of
from gisgrid.sight import Sight

SURVEY: Final = table_of(Survey)
MOST_ASKED: Final = 10_000_000


class NotYourCell(Forbidden):
    """A survey of a cell for which somebody else answers."""


class BadSurvey(Refused):
    """A survey that cannot be: more satisfied than asked, or of a month that has not begun."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a survey found in a cell, by its code, in the month of a day."""

    cell_code: str
    month: date
    asked: int
    satisfied: int


def enter(session: Session, actor: Actor, sight: Sight, found: Found, zone: ZoneInfo) -> None:
    """Keep what a survey found, in the place of what was entered before. `sight`: the cells of whoever enters it.

    Raises NoSuchCell, NotYourCell, BadSurvey.
    """
    now = datetime.now(UTC)
    _require(session, sight, found, now.astimezone(zone).date())
    row: dict[str, Any] = {
        "cell_code": found.cell_code,
        "month": found.month.replace(day=1),
        "asked": found.asked,
        "satisfied": found.satisfied,
        "entered_by": actor.id if actor.kind == "person" else None,
        "entered_at": now,
    }
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    added = kind.insert(SURVEY).values(row)
    kept = {name: added.excluded[name] for name in ("asked", "satisfied", "entered_by", "entered_at")}
    entered = added.on_conflict_do_update(index_elements=["cell_code", "month"], set_=kept)
    number: int = session.execute(entered.returning(SURVEY.c.id)).scalar_one()
    told: dict[str, Any] = {"cell": found.cell_code, "month": row["month"].isoformat()}
    record(session, actor, "survey.entered", ("survey", number), **told, asked=found.asked, satisfied=found.satisfied)


def _require(session: Session, sight: Sight, found: Found, today: date) -> None:
    if session.scalar(select(Cell.id).where(Cell.code == found.cell_code).limit(1)) is None:
        raise NoSuchCell("没有这个编码的网格", "there is no cell with that code")
    if not sight.has_code(found.cell_code):
        raise NotYourCell("只能录入自己负责的网格的调查", "a survey is entered by whoever answers for the cell")
    if not 0 <= found.satisfied <= found.asked <= MOST_ASKED:
        raise BadSurvey(
            f"满意人数应在 0 至调查人数之间,调查人数至多 {MOST_ASKED}",
            f"of those asked, at most {MOST_ASKED}, between none and all are satisfied",
        )
    if found.month > today:
        raise BadSurvey("调查月份还没有到", "the month of the survey has not begun")


def answers_of(session: Session, codes: Iterable[str]) -> dict[str, dict[date, Answers]]:
    """Return what the surveys of some cells found, by cell and month."""
    asked = select(SURVEY.c.cell_code, SURVEY.c.month, SURVEY.c.asked, SURVEY.c.satisfied)
    found: dict[str, dict[date, Answers]] = {code: {} for code in codes}
    for row in session.execute(asked.where(SURVEY.c.cell_code.in_(list(found)))):
        found[row.cell_code][row.month] = Answers(row.asked, row.satisfied)
    return found


def surveyed(session: Session, sight: Sight) -> list[str]:
    """Return the codes of the cells, of those that are answered for, of which there is any survey, in their order."""
    codes = session.scalars(select(SURVEY.c.cell_code).distinct().order_by(SURVEY.c.cell_code))
    return [code for code in codes if sight.has_code(code)]
