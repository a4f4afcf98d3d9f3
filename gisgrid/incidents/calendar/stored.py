"""The calendar in force: what was brought, else what the program ships, else Monday to Friday."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.calendar.read_days import Day, starter_days
from gisgrid.incidents.calendar.tables import CalendarDay, CalendarYear
from gisgrid.incidents.clock import Calendar
from gisgrid.settings import Settings

DECEMBER: Final = 12


def calendar_of(session: Session, settings: Settings) -> Calendar:
    """Return the calendar in force, with the zone and the hours of the settings."""
    exceptions = {day: known.is_working for day, known in known_days(session).items()}
    return Calendar(settings.zone, MappingProxyType(exceptions), settings.hours)


def known_days(session: Session) -> Mapping[date, Day]:
    """Return the days of which something is known, by themselves: of a year that was brought, only what was brought."""
    brought = frozenset(session.scalars(select(CalendarYear.year)))
    shipped = {each.day: each for each in starter_days() if each.day.year not in brought}
    rows = session.execute(select(CalendarDay.day, CalendarDay.is_working, CalendarDay.name))
    return shipped | {row.day: Day(*row) for row in rows}


def known_years(session: Session) -> frozenset[int]:
    """Return the years whose holidays and make-up days are known: shipped or brought."""
    return frozenset(session.scalars(select(CalendarYear.year))) | {each.day.year for each in starter_days()}


# --- what is missing -------------------------------------------------------------------------------


def is_next_year_missing(session: Session, today: date) -> bool:
    """Tell whether a table is missing that is needed now: in December that of the next year, always that of this."""
    return bool(missing_years(known_years(session), today))


def missing_years(known: frozenset[int], today: date) -> list[int]:
    """Return the years whose tables are needed and not known; the next one is announced in November."""
    needed = [today.year, today.year + 1] if today.month == DECEMBER else [today.year]
    return [year for year in needed if year not in known]


def warning(session: Session, today: date) -> tuple[str, str] | None:
    """Say in Chinese and English that a table is missing, and what to do; None if none is."""
    return warning_of(missing_years(known_years(session), today))


def warning_of(missing: list[int]) -> tuple[str, str] | None:
    """Say in Chinese and English that the tables of some years are missing, and what to do; None if none is."""
    if not missing:
        return None
    zh, en = "、".join(map(str, missing)), " and ".join(map(str, missing))
    return (
        f"缺少 {zh} 年的节假日和调休表,时限只按周一至周五计算;请管理员按国务院办公厅通知运行 gisgrid calendar import",
        f"the holidays and make-up days of {en} are missing, so that limits run on every Monday to Friday; "
        "an administrator brings them with gisgrid calendar import",
    )
