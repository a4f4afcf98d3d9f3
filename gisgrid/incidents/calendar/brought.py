"""Bringing the table of a year: it is replaced as a whole, so that nothing stays of what was wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.incidents.calendar.read_days import BadCalendar, Day
from gisgrid.incidents.calendar.stored import known_days
from gisgrid.incidents.calendar.tables import CalendarDay, CalendarYear
from gisgrid.once import table_of

DAYS, YEARS = table_of(CalendarDay), table_of(CalendarYear)
FEWEST: Final = 10
"""Days below which nothing is taken for the table of a year, unless the year is named: official ones have about 35."""
TURN: Final = ((12, -1), (1, 1))
"""A notice may have days of the December before its year and of the January after it."""


class Brought(NamedTuple):
    """A year whose table was brought: its days off and make-up days, and how many of both were known before."""

    year: int
    off: int
    working: int
    before: int


def bring(session: Session, actor: Actor, days: Sequence[Day], year: int | None = None) -> list[Brought]:
    """Replace the tables of the years that some days make up, or of the year that is named.

    Days on the other side of New Year are put into their year one by one, until its own table is brought.
    Raises BadCalendar.
    """
    years = _years(days, year)
    before = Counter(day.year for day in known_days(session))
    for each in years:
        session.execute(delete(DAYS).where(DAYS.c.day.between(date(each, 1, 1), date(each, 12, 31))))
    session.execute(delete(DAYS).where(DAYS.c.day.in_([each.day for each in days])))
    session.execute(delete(YEARS).where(YEARS.c.year.in_(years)))
    session.execute(insert(YEARS), [{"year": each, "brought_at": datetime.now(UTC)} for each in years])
    session.execute(insert(DAYS), [each._asdict() for each in days])
    brought = [_counted(each, days, before[each]) for each in years]
    for table in brought:
        record(session, actor, "calendar.brought", None, year=table.year, days=table.off + table.working)
    return brought


def _counted(year: int, days: Iterable[Day], before: int) -> Brought:
    working = [each.is_working for each in days if each.day.year == year]
    return Brought(year, working.count(False), working.count(True), before)


def _years(days: Sequence[Day], named: int | None) -> list[int]:
    """Return the years whose tables these are. Raises BadCalendar for days that belong to none of them."""
    counts = Counter(each.day.year for each in days)
    years = sorted(year for year, number in counts.items() if number >= FEWEST) if named is None else [named]
    if named is not None and not counts[named]:
        raise BadCalendar(f"文件中没有 {named} 年的日期", f"the file has no days of {named}")
    turns = {(year + offset, month) for year in years for month, offset in TURN}
    strays = [each.day for each in days if each.day.year not in years and (each.day.year, each.day.month) not in turns]
    if strays:
        some = ", ".join(map(str, strays[:5]))
        raise BadCalendar(
            f"一天也没有导入:不像一整年的表(少于 {FEWEST} 天),或不属于该年:{some};一年的表整体更换,请给出全部日期,"
            "日期确实这样少时用 --year 写明年份",
            f"nothing was brought: fewer than {FEWEST} days are hardly the table of a year, or these are not of it: "
            f"{some}; a year is replaced as a whole, so give all its days; if there are so few, name it with --year",
        )
    return years
