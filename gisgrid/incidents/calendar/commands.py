"""The calendar on the command line."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.errors import Refused
from gisgrid.incidents.calendar.brought import bring
from gisgrid.incidents.calendar.read_days import LARGEST_BYTES, read_days
from gisgrid.incidents.calendar.stored import known_days, known_years, warning
from gisgrid.incidents.calendar.tables import CalendarYear
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer(name="calendar", help="节假日和调休 / holidays and make-up days", no_args_is_help=True)

Year = Annotated[int | None, typer.Option(min=1901, max=8999, help="这是哪一年的表,默认由日期看出 / of which year")]


class UnreadableFile(Refused):
    """A file that is not there or may not be read."""


@commands.callback()
def calendar() -> None:
    """节假日和调休 / holidays and make-up days."""


@commands.command("import")
def import_command(
    file: Annotated[
        Path, typer.Argument(help="CSV:日期,班或休,名称 / day, working or holiday, name", show_default=False)
    ],
    year: Year = None,
) -> None:
    """导入某年的节假日和调休表,整年更换 / bring the table of a year, which is replaced as a whole."""
    days = read_days(_content(file))
    with open_session(read_settings().database_url, write=True) as session:
        brought = bring(session, OPERATOR, days, year)
    for each in brought:
        typer.echo(
            f"{each.year}:放假 {each.off} 天,调休上班 {each.working} 天(原有 {each.before} 天) / "
            f"{each.off} days off, {each.working} make-up working days ({each.before} in all before)"
        )


@commands.command("show")
def show_command(
    year: Annotated[int | None, typer.Argument(min=1901, max=8999, help="年份,默认今年 / default: this year")] = None,
) -> None:
    """列出某年的节假日和调休 / list the holidays and make-up days of a year."""
    settings = read_settings()
    today = datetime.now(settings.zone).date()
    with open_session(settings.database_url) as session:
        lines = _lines(session, settings.zone, today.year if year is None else year)
        warned = warning(session, today)
    for line in lines:
        typer.echo(line)
    if warned:
        typer.echo(" / ".join(warned), err=True)


def _lines(session: Session, zone: ZoneInfo, year: int) -> list[str]:
    brought = session.get(CalendarYear, year)
    if brought is not None:
        source = f"{brought.brought_at.astimezone(zone):%Y-%m-%d} 导入 brought"
    elif year in known_years(session):
        source = "随程序提供,据国务院办公厅通知 shipped, from the notice of the State Council's General Office"
    else:
        source = "没有该年的表,按周一至周五 no table: Monday to Friday"
    known = [day for at, day in sorted(known_days(session).items()) if at.year == year]
    return [f"{year}\t{source}", *("\t".join((_written(day), _kind(works), name)) for day, works, name in known)]


def _written(day: date) -> str:
    return f"{day} {'一二三四五六日'[day.weekday()]}"


def _kind(is_working: bool) -> str:
    return "班 working" if is_working else "休 off"


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"无法读取文件 {file}", f"the file cannot be read: {file}") from error
