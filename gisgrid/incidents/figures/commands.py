"""The figures of merit on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from gisgrid.grid.points import writable
from gisgrid.incidents.figures.campaign import asked_period
from gisgrid.incidents.figures.figures import Wish, incident_figures
from gisgrid.incidents.figures.measure import Dimension
from gisgrid.incidents.figures.present import as_csv
from gisgrid.migrations import open_session
from gisgrid.parameters import Period
from gisgrid.settings import read_settings

commands = typer.Typer()


@commands.command("figures")
def figures_command(
    cell: Annotated[str | None, typer.Option(help="网格编码,任一级 / code of a cell, at any level")] = None,
    period: Annotated[
        str | None, typer.Option(help="时段 起/止,默认本月 / start/end, default this month: 2026-11-01/2026-11-30")
    ] = None,
    operation: Annotated[
        int | None, typer.Option(help="专项行动的计划编号,以其起止为时段 / plan of an operation, for its period")
    ] = None,
    department: Annotated[str | None, typer.Option(help="部门编码 / code of a department")] = None,
    kind: Annotated[str | None, typer.Option(help="类别编码 / code of a kind")] = None,
    group_by: Annotated[
        Dimension | None, typer.Option(help="分组:网格、层级、部门、类别 / show the parts beside the total")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件 / file to write")
    ] = None,
) -> None:
    """办理指标(CSV):每项比率附分子、分母和定义 / figures of merit as CSV, each with what it was made of."""
    settings = read_settings()
    given = Period.parse(period, settings.zone) if period else None
    target = None if output is None else writable(output)
    with open_session(settings.database_url) as session:
        asked = asked_period(session, settings, given, operation)
        wish = Wish(asked.period, cell, department, kind, group_by, asked.operation)
        report = incident_figures(session, settings, wish)
    if target is None:
        typer.echo(as_csv(report), nl=False)
    else:
        target.write_bytes(as_csv(report))
        typer.echo(str(target), err=True)
