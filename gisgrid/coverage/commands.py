"""The coverage report on the command line."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.present import as_csv, as_geojson, as_table
from gisgrid.coverage.report import DAYS, LEVEL, coverage_report, last_grid, recent
from gisgrid.coverage.schemas import CoverageReport
from gisgrid.grid.schemas import Level
from gisgrid.migrations import open_session
from gisgrid.parameters import Period
from gisgrid.settings import read_settings

commands = typer.Typer()

Form = Literal["table", "json", "csv", "geojson"]
PAGE = 150
"""Characters in a line of a table that goes into a file or a pipe."""


@commands.command("report")
def report_command(
    level: Annotated[Level, typer.Option(help="层级 / level")] = LEVEL,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="最近若干天,含今天 / the last days, today included")
    ] = DAYS,
    period: Annotated[str | None, typer.Option(help="时段 起/止 / start/end: 2026-11-01/2026-11-30")] = None,
    parent: Annotated[str | None, typer.Option(help="只列该网格之下的 / only the cells below this code")] = None,
    form: Annotated[Form, typer.Option("--format", help="形式 / form")] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件 / file to write")
    ] = None,
) -> None:
    """巡查到达率报告 / report how much of each cell was seen."""
    settings = read_settings()
    asked = recent(days, settings) if period is None else Period.parse(period, settings.zone)
    with open_session(settings.database_url) as session:
        report = coverage_report(session, settings, level=level, period=asked, parent=parent)
        shapes = last_grid(session, asked, settings).cells.set_index("code").geometry.to_dict()
    console = Console()
    if form == "table" and output is None and console.is_terminal:
        console.print(as_table(report))
        return
    content = FORMS[form](report, shapes)
    if output is None:
        typer.echo(content, nl=False)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
        typer.echo(str(output), err=True)


def _as_text(report: CoverageReport) -> bytes:
    page = Console(file=io.StringIO(), width=PAGE)
    with page.capture() as shown:
        page.print(as_table(report))
    return shown.get().encode()


FORMS: dict[Form, Callable[[CoverageReport, dict[str, BaseGeometry]], bytes]] = {
    "table": lambda report, _: _as_text(report),
    "json": lambda report, _: report.model_dump_json(indent=2).encode(),
    "csv": lambda report, _: as_csv(report),
    "geojson": as_geojson,
}
