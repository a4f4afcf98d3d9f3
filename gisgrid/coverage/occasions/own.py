"""One person's own calendar month, for that person alone: what they walked, and who looked. Compared with nobody."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.coverage.group import Group
from gisgrid.coverage.occasions.define import month_of
from gisgrid.coverage.report import coverage_report
from gisgrid.coverage.schemas import CellFigures, Counts
from gisgrid.parameters import Page, Period
from gisgrid.patrols.plans.own_rounds import own_rounds_of
from gisgrid.patrols.plans.rounds import State
from gisgrid.patrols.reading import readers
from gisgrid.patrols.tables import Patroller
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything

MOST_LOOKS: Final = 1000
"""So many looks at a track are gone through, the newest."""


class OwnMonth(NamedTuple):
    """A month of one's own: the street as a whole and what lay in no cell, None where nobody walked yet.

    `cells` are the stations that one was in, `rounds` counts those that name oneself by how they stand, `looks` are
    others' looks at one's track as `readers` tells them.
    """

    period: Period
    street: CellFigures | None
    outside: Counts | None
    cells: list[CellFigures]
    rounds: Counter[State]
    looks: list[dict[str, Any]]


def own_month(session: Session, settings: Settings, person: int, day: date, now: datetime) -> OwnMonth:
    """Return a person's own month, the one in which a day lies. Raises NoGrid.

    One's own walk is seen by oneself wherever it led. Figures are of oneself alone: those of the ground, as incidents
    and idleness, are not told.
    """
    period = month_of(day, settings.zone)
    whose = frozenset(session.scalars(select(Patroller.id).where(Patroller.person_id == person)))
    street, outside, cells = None, None, list[CellFigures]()
    if whose:
        with seeing_everything(session):
            group = Group("people", "", whose)
            report = coverage_report(session, settings, level="all", period=period, group=group)
        street = next((cell for cell in report.cells if cell.level == "street"), None)
        cells = [cell for cell in report.cells if cell.level == "substation" and (cell.check_ins or cell.visits)]
        outside = report.outside
    return OwnMonth(
        period,
        street,
        outside,
        cells,
        _rounds(session, settings, person, period, now),
        _looks(session, person, period),
    )


def _rounds(session: Session, settings: Settings, person: int, period: Period, now: datetime) -> Counter[State]:
    """Count the rounds up to today that name the person; whoever else may do one, it is not theirs to miss."""
    first, last = (each.astimezone(settings.zone).date() for each in (period.start, min(period.last_moment, now)))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = own_rounds_of(session, settings, person, days, now) if days else []
    return Counter(each.state for each in found if each.people is not None)


def _looks(session: Session, person: int, period: Period) -> list[dict[str, Any]]:
    _, found = readers(session, person, Page(MOST_LOOKS, 0))
    return [each for each in found if period.start <= each["at"] < period.end]
