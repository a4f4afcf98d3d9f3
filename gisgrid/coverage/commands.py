"""The coverage report on the command line."""

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.days.keep import rebuild
from gisgrid.coverage.occasions.define import OccasionName
from gisgrid.coverage.occasions.make import Asked, occasion_of
from gisgrid.coverage.occasions.write import run_schedule, write_occasion
from gisgrid.coverage.report import DAYS, LEVEL, asked_period, coverage_report, last_grid
from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.coverage.told.documents import DocumentForm
from gisgrid.coverage.told.present import as_csv, as_geojson, as_table
from gisgrid.errors import Refused
from gisgrid.grid.points import writable
from gisgrid.grid.schemas import Level
from gisgrid.migrations import open_engine, open_session
from gisgrid.settings import read_settings

commands = typer.Typer()
days = typer.Typer(name="coverage", no_args_is_help=True, help="到达率的每日汇总 / what each day comes to")

Form = Literal["table", "json", "csv", "geojson"]


class FilesForFigures(Refused):
    """Files of raw days are to be used for a ready report, which tells of more than they hold."""


PAGE = 150
"""Characters in a line of a table that goes into a file or a pipe."""


@days.command("rebuild")
def rebuild_command(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="第一天 / first day")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="最后一天 / last day")] = None,
) -> None:
    """重新汇总每日巡查数据 / make anew what each day comes to; sealed days stay as they are."""
    settings = read_settings()
    with open_engine(settings.database_url) as engine:
        done = rebuild(engine, settings, first and first.date(), last and last.date())
    typer.echo(f"已重新汇总 {done['days']} 天,其中 {done['differing']} 天与原先不同 / ", nl=False)
    typer.echo(f"{done['days']} days made anew, {done['differing']} of them differ")


@commands.command("report")
def report_command(
    level: Annotated[Level, typer.Option(help="层级 / level")] = LEVEL,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3660, show_default=str(DAYS), help="最近若干天,含今天 / the last days, today included"),
    ] = None,
    period: Annotated[str | None, typer.Option(help="时段 起/止 / start/end: 2026-11-01/2026-11-30")] = None,
    parent: Annotated[str | None, typer.Option(help="只列该网格之下的 / only the cells below this code")] = None,
    raw: Annotated[
        Path | None,
        typer.Option("--from-days", help="据此目录中各日的原始数据文件 / from the files of raw days in this folder"),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="形式 / form")] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件 / file to write")
    ] = None,
    occasion: Annotated[OccasionName | None, typer.Option(help="现成的报告 / a ready report")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], show_default="今天 today", help="哪一天的 / of which day")
    ] = None,
    plan: Annotated[int | None, typer.Option(min=1, help="专项行动的计划编号 / plan of the special operation")] = None,
    document: Annotated[DocumentForm, typer.Option("--form", help="现成报告的文件形式 / form of the file")] = "pdf",
    is_plain: Annotated[bool, typer.Option("--plain", help="简洁样式,不按公文 / plain, not official style")] = False,
    schedule: Annotated[
        Path | None, typer.Option(file_okay=False, help="把当天应出的报告写入此目录 / write what is due into a folder")
    ] = None,
) -> None:
    """巡查到达率报告,或现成的晨会、例会、月报、专项报告 / report how much of each cell was seen, or a ready report."""
    settings = read_settings()
    on = datetime.now(settings.zone).date() if day is None else day.date()
    if raw is not None and (schedule is not None or occasion is not None):
        raise FilesForFigures(
            "--from-days 只用于数字报告,不能与 --occasion、--schedule 同用",
            "--from-days goes with the table of figures, not with --occasion or --schedule",
        )
    if schedule is not None:
        run_schedule(settings, schedule, on, is_plain=is_plain)
        return
    if occasion is not None:
        write_occasion(settings, Asked(occasion_of(occasion), on, plan), document, output, is_plain=is_plain)
        return
    asked = asked_period(period, days, settings)
    target = None if output is None else writable(output)
    with open_session(settings.database_url) as session:
        report = coverage_report(session, settings, level=level, period=asked, parent=parent, raw=raw)
        whole = []
        if form == "table" and level != "street":
            whole = coverage_report(session, settings, level="street", period=asked, raw=raw).cells
        shapes = last_grid(session, asked, settings).cells.set_index("code").geometry.to_dict()
    console = Console()
    if form == "table" and target is None and console.is_terminal:
        console.print(as_table(report, whole))
        return
    content = _as_text(report, whole) if form == "table" else FORMS[form](report, shapes)
    if target is None:
        typer.echo(content, nl=False)
    else:
        target.write_bytes(content)
        typer.echo(str(target), err=True)


def _as_text(report: CoverageReport, whole: Sequence[CellFigures]) -> bytes:
    page = Console(file=io.StringIO(), width=PAGE)
    with page.capture() as shown:
        page.print(as_table(report, whole))
    return shown.get().encode()


FORMS: dict[str, Callable[[CoverageReport, dict[str, BaseGeometry]], bytes]] = {
    "json": lambda report, _: report.model_dump_json(indent=2).encode(),
    "csv": lambda report, _: as_csv(report),
    "geojson": as_geojson,
}
