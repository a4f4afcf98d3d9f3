"""Kinds of incident on the command line: listed, brought in, written out."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.documents.sheets import TEXTS, Rows, read_rows
from gisgrid.grid.points import writable
from gisgrid.incidents.kinds.brought import TableMissing, Tables, bring_edition, files_of, tables_of
from gisgrid.incidents.kinds.columns import CLOCKS, UNITS
from gisgrid.incidents.kinds.edition import Condition, Confidentiality, Edition, Kind
from gisgrid.incidents.kinds.read_edition import FaultyEdition
from gisgrid.incidents.kinds.stored import edition_on
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer()

KEPT: Final[dict[Confidentiality, tuple[str, ...]]] = {
    "": (),
    "handlers": ("保密,仅经办人可见 confidential, for its handlers alone",),
    "impartial": ("回避被投诉单位 kept from the unit complained of",),
}
Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="哪一天的类别表,默认今天 / the edition of which day, today by default"),
]


@commands.command("kinds")
def kinds_command(day: Day = None) -> None:
    """列出事件类别:编码、类、名称、知悉范围;其下为立案条件与时限 / list the kinds, their conditions and limits."""
    for kind in _edition(day).kinds.values():
        for line in _lines(kind):
            typer.echo(line)


@commands.command("kinds-import")
def import_command(
    file: Annotated[
        Path,
        typer.Argument(help="类别表 .csv,或含两个工作表的 .xlsx / kinds, or a workbook of both", show_default=False),
    ],
    first_day: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="从哪一天起生效 / first day of the edition", show_default=False),
    ],
    conditions: Annotated[
        Path | None, typer.Argument(help="立案条件表 .csv / filing conditions", show_default=False)
    ] = None,
) -> None:
    """导入新一版事件类别 / bring in a new edition of the kinds; all that is wrong with it is told at once."""
    tables, settings = _tables(file, conditions), read_settings()
    try:
        with open_session(settings.database_url, write=True) as session:
            brought = bring_edition(session, OPERATOR, settings.zone, tables, first_day.date())
    except FaultyEdition as error:
        for fault in error.faults:
            typer.echo(" / ".join(fault.told), err=True)
        raise typer.Exit(1) from error
    zh, en = ("替换了原定的一版", ", in place of the one that was to come") if brought.is_replaced else ("", "")
    count, day = len(brought.edition.kinds), brought.edition.first_day
    typer.echo(f"{count} 个类别,自 {day} 起生效;{zh}" if zh else f"{count} 个类别,自 {day} 起生效")
    typer.echo(f"{count} kinds, in force from {day} on{en}")


@commands.command("kinds-export")
def export_command(
    file: Annotated[Path, typer.Argument(help="要写的 .xlsx 或 .csv 文件 / file to write", show_default=False)],
    day: Day = None,
) -> None:
    """导出事件类别,改后可再导入 / write the kinds to a workbook or two CSV files, to be edited and brought back."""
    for name, data in files_of(_edition(day), str(writable(file))).items():
        Path(name).write_bytes(data)
        typer.echo(name)


def _edition(day: datetime | None) -> Edition:
    settings = read_settings()
    with open_session(settings.database_url) as session:
        return edition_on(session, day.date() if day else _today())


def _today() -> date:
    return datetime.now(read_settings().zone).date()


def _tables(file: Path, conditions: Path | None) -> Tables:
    sheets = read_rows(file, file.name)
    if conditions is not None:
        return Tables(_only(sheets), _only(read_rows(conditions, conditions.name)))
    if file.suffix.lower() in TEXTS:
        raise TableMissing(
            "请同时给出立案条件表:kinds-import 类别.csv 条件.csv",
            "give the table of filing conditions too: kinds-import KINDS.csv CONDITIONS.csv",
        )
    return tables_of(sheets)


def _only(sheets: dict[str, Rows]) -> Rows:
    if len(sheets) > 1:
        raise TableMissing("两个文件时,每个文件只应有一张表", "of two files each must hold one table")
    return next(iter(sheets.values()), [])


def _lines(kind: Kind) -> list[str]:
    names = (kind.code, f"{kind.class_zh} {kind.class_en}", f"{kind.name_zh} {kind.name_en}")
    return ["\t".join([*names, *KEPT[kind.confidentiality]]), *map(_told, kind.conditions)]


def _told(condition: Condition) -> str:
    limit = f"{condition.limit:f}"
    zh = f"{limit} {UNITS[condition.unit][0]}({CLOCKS[condition.clock][0]})"
    en = f"{limit} {condition.unit} ({condition.clock})"
    return f"\t{condition.code}\t{condition.name_zh} {condition.name_en}\t{zh} {en}"
