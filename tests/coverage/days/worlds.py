"""Four days in the world of four squares, each walked over at noon; what is made of them anew, and what is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.coverage import every_cell, figures
from gisgrid.coverage.days import find
from gisgrid.coverage.days.keep import keep_what_is_over
from gisgrid.coverage.report import coverage_report
from gisgrid.coverage.tables import KeptDay
from gisgrid.database import session_scope
from gisgrid.parameters import Period
from tests.coverage.worlds import NOON, SETTINGS, settle, stay

DAYS = [date(2026, 11, 2) + timedelta(days=number) for number in range(4)]
PERIOD = Period.last_days(4, DAYS[-1], SETTINGS.zone)
OVER = datetime(2026, 11, 6, 4, tzinfo=UTC)
"""When all of them are over."""
WALKS = (
    ("P1", ((0, 500, 500), (3, 900, 500), (40, 1300, 1300), (45, 1400, 1300))),
    ("P2", ((0, 200, 1200), (4, 400, 1500))),
)


def noon(number):
    """Return noon of one of the days."""
    return NOON + timedelta(days=number)


def walk_on(engine, number):
    """Let two people walk on one of the days."""
    with session_scope(engine, write=True) as session:
        for who, fixes in WALKS:
            stay(session, *fixes, patroller=who, patrol=f"{who} {number}", start=noon(number))


def told(engine, settings, period=PERIOD, **asked):
    """Return a report of all levels, by a service that has just started, as plain data."""
    find._held.clear()
    figures._kept.clear()
    every_cell._kept._values.clear()
    with session_scope(engine) as session:
        return coverage_report(session, settings, level="all", period=period, **asked).model_dump()


def keep(engine, settings, now=OVER):
    """Keep what is over by a time; return how many days were kept."""
    return keep_what_is_over(engine, settings, now, lambda: False)["days"]


def kept(engine):
    """Return what is kept, by day."""
    with session_scope(engine) as session:
        return {row.day: row.content for row in session.scalars(select(KeptDay))}


@pytest.fixture
def walked(engine):
    """The four days, walked over."""
    with session_scope(engine, write=True) as session:
        settle(session)
    for number in range(4):
        walk_on(engine, number)
    return engine


@pytest.fixture
def anew(monkeypatch):
    """The days that have been reduced since, one by one."""
    found, reduce = [], find._reduced

    def seen(session, settings, part, group=None):
        found.append(part.day)
        return reduce(session, settings, part, group)

    monkeypatch.setattr(find, "_reduced", seen)
    return found
