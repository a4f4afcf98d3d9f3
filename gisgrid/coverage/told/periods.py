"""A report's period in words, as an office writes it: a day, a calendar month, whole days, or two times."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gisgrid.coverage.schemas import CoverageReport, Interval, Note


def zone_of(report: CoverageReport) -> ZoneInfo:
    """Return the zone whose days a report counts."""
    return ZoneInfo(report.settings.timezone)


def chinese_day(day: date) -> str:
    """Write a day: 2026年11月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def in_period_words(period: Interval, zone: ZoneInfo) -> Note:
    """Write a period in local time."""
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    if start < end and start.time() == end.time() == time():
        return _days(start.date(), end.date() - timedelta(days=1))
    return Note(zh=f"{_moment(start)}至{_moment(end)}", en=f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")


def _days(first: date, last: date) -> Note:
    if first == last:
        return Note(zh=chinese_day(first), en=first.isoformat())
    if first.day == 1 and last == _last_of_month(first):
        return Note(zh=f"{first.year}年{first.month}月", en=f"{first:%Y-%m}")
    days = (last - first).days + 1
    until = chinese_day(last) if first.year != last.year else f"{last.month}月{last.day}日"
    return Note(zh=f"{chinese_day(first)}至{until}({days}天)", en=f"{first} to {last} ({days} days)")


def _last_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _moment(moment: datetime) -> str:
    return f"{chinese_day(moment.date())}{moment:%H:%M}"
