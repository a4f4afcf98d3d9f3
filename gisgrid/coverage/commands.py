"""The coverage report on the command line."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from shapely.geometry.base import BaseGeometry

from gisgrid.coverage.present import as_csv, as_geojson, as_table
from gisgrid.coverage.report import DAYS, LEVEL, asked_period, coverage_report, last_grid
from gisgrid.coverage.schemas import CellFigures, CoverageReport
from gisgrid.grid.points import writable
from gisgrid.grid.schemas import Level
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer()

Form = Literal["table", "json", "csv", "geojson"]
PAGE = 150
"""Characters in a line of a table that goes into a file or a pipe."""


@commands.command("report")
def report_command(
    level: Annotated[Level, typer.Option(help="层级 / level")] = LEVEL,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3660, show_default=str(DAYS), help="最近若干天,含今天 / the last days, today included"),
    ] = None,
    period: Annotated[str | None, typer.Option(help="时段 起/止 / start/end: 2026-11-01/2026-11-30")] = None,
    parent: Annotated[str | None, typer.Option(help="只列该网格之下的 / only the cells below this code")] = None,
    form: Annotated[Form, typer.Option("--format", help="形式 / form")] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件 / file to write")
    ] = None,
) -> None:
    """巡查到达率报告 / report how much of each cell was seen."""
    settings = read_settings()
    asked = asked_period(period, days, settings)
    target = None if output is None else writable(output)
    with open_session(settings.database_url) as session:
        report = coverage_report(session, settings, level=level, period=asked, parent=parent)
        streets = coverage_report(session, settings, level="street", period=asked).cells
        shapes = last_grid(session, asked, settings).cells.set_index("code").geometry.to_dict()
    whole = [] if level == "street" else streets
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
