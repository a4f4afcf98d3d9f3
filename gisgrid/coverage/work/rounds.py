"""How many rounds of the plans were done, late, missed or not known yet, and which gaps are open, by cell.

A round belongs to the cells of its place: one of a whole street to no community. It is of the period in which it
begins, and one that begins past midnight is of the day before, as everywhere.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gisgrid.coverage.schemas import Note
from gisgrid.coverage.sealed import midnight
from gisgrid.coverage.work.cells import Codes, tables
from gisgrid.grid.tables import LEVELS
from gisgrid.intake.finding import cell_codes
from gisgrid.parameters import Period
from gisgrid.patrols.plans.gaps import GAP
from gisgrid.patrols.plans.judged_days import judged_days
from gisgrid.patrols.plans.kept_days import kept_days
from gisgrid.patrols.plans.read_plans import PLAN, plans_between
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.plans.tables import Columns
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

COLUMNS: Final[dict[State, str]] = {
    "done": "rounds_done",
    "done_late": "rounds_done_late",
    "missed": "rounds_missed",
    "unconfirmed": "rounds_unconfirmed",
}
"""Of the states of rounds that are over, what they are counted as; others are not counted."""
OPEN: Final = "open_gaps"

Counts = dict[Codes, Counter[str]]


def round_figures(
    session: Session, settings: Settings, period: Period, now: datetime, plan: int | None = None
) -> dict[str, pd.DataFrame]:
    """Count the rounds of a period at all levels, by the codes of cells; of one plan alone, if asked.

    Columns: rounds_done (in time), rounds_done_late, rounds_missed, rounds_unconfirmed, rounds_ratio (done, late ones
    included ÷ done and missed; NaN where none is), open_gaps. It looks at everything: whoever shows x. Of whole sealed
    days a plan's rounds are counted in the cells that hold all its places. Raises NoGrid.
    """
    days = _days(period, settings, now)
    with seeing_everything(session):
        newest = sealed_until(session)
        open_days = [day for day in days if newest is None or day > newest]
        whole = {day for day in days if _is_whole(day, period, settings)}
        counts: Counts = {}
        for each in judged_days(session, settings, open_days, now):
            if plan in (None, each.plan) and each.state in COLUMNS:
                number = len(each.began) if each.day in whole else _within(each.day, each.began, period, settings)
                _add(counts, each.codes, COLUMNS[each.state], number)
        sealed = [day for day in days if day in whole and day not in open_days]
        _count_sealed(session, settings, sealed, plan, counts)
        _count_gaps(session, settings, period, plan, counts)
        found = tables(session, settings, period, counts, [*COLUMNS.values(), OPEN])
    return {level: _with_ratio(frame) for level, frame in found.items()}


def round_notes(session: Session, settings: Settings, period: Period, now: datetime) -> list[Note]:
    """Return what is to be borne in mind with the rounds of a period."""
    newest, days = sealed_until(session), _days(period, settings, now)
    if newest is None or not days or days[0] > newest:
        return []
    return [
        Note(
            zh="已封存的日期,巡查任务只留各计划每日的合计,计入包含该计划全部地点的网格,更小的网格不计;"
            "只有一部分在时段内的封存日不计",
            en="of sealed days daily sums of each plan's rounds remain: they are counted in the cells that hold all "
            "its places and in no smaller ones, and not at all on a day of which only a part lies in the period",
        )
    ]


def _days(period: Period, settings: Settings, now: datetime) -> list[date]:
    """Return the local days that a period touches, up to today."""
    first = period.start.astimezone(settings.zone).date()
    last = min(period.last_moment, now).astimezone(settings.zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _within(day: date, began: Sequence[int], period: Period, settings: Settings) -> int:
    """Return how many rounds of a day are of a period, by the seconds in which they began."""
    last = int(midnight(day, settings.zone, 1).timestamp()) - 1
    return sum(period.start.timestamp() <= min(each, last) < period.end.timestamp() for each in began)


def _is_whole(day: date, period: Period, settings: Settings) -> bool:
    return period.start <= midnight(day, settings.zone) and midnight(day, settings.zone, 1) <= period.end


def _add(counts: Counts, codes: Codes, name: str, number: int) -> None:
    counts.setdefault(codes, Counter())[name] += number


def _with_ratio(frame: pd.DataFrame) -> pd.DataFrame:
    done = frame["rounds_done"] + frame["rounds_done_late"]
    over = done + frame["rounds_missed"]
    frame.insert(len(COLUMNS), "rounds_ratio", (done / over).where(over > 0))
    return frame


# --- what has rows of its own ----------------------------------------------------------------------


def _count_sealed(session: Session, settings: Settings, days: Sequence[date], plan: int | None, counts: Counts) -> None:
    if not days:
        return
    plans = plans_between(session, days[0], days[-1], None if plan is None else [plan])
    codes = cell_codes(session)
    asked = select(PLAN.c.id, *_cells(PLAN.c)).where(visible(session, PLAN))
    cells = {number: tuple(codes.get(each) for each in its) for number, *its in session.execute(asked)}
    for each in plans:
        for states, _ in kept_days(session, settings, each, days).values():
            for state, number in states.items():
                _add(counts, cells[each.planned.id], COLUMNS[state], number)


def _count_gaps(session: Session, settings: Settings, period: Period, plan: int | None, counts: Counts) -> None:
    first, last = (each.astimezone(settings.zone).date() for each in (period.start, period.last_moment))
    where: list[ColumnElement[bool]] = [] if plan is None else [GAP.c.plan_id == plan]
    asked = select(GAP.c.day, GAP.c.start_at, *_cells(GAP.c))
    asked = asked.where(visible(session, GAP), GAP.c.closed_as.is_(None), GAP.c.day.between(first, last), *where)
    codes = cell_codes(session)
    for day, start_at, *its in session.execute(asked):
        number = _within(day, [int(start_at.timestamp())], period, settings)
        _add(counts, tuple(codes.get(each) for each in its), OPEN, number)


def _cells(columns: Columns) -> list[ColumnElement[int | None]]:
    return [columns[f"{level}_id"] for level in LEVELS]
