"""`gisgrid draw …`: generated maps, each one file that opens from disk without a network."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gisgrid.coverage.report import DAYS, LEVEL, recent
from gisgrid.grid.schemas import Level
from gisgrid.maps.pages import GridMap, write
from gisgrid.migrations import open_session
from gisgrid.pages.draw import coverage_map, grid_map, incidents_map, track_map
from gisgrid.parameters import Period
from gisgrid.settings import Settings, read_settings

commands = typer.Typer(name="draw", help="生成离线地图 / draw maps that open offline", no_args_is_help=True)

Output = Annotated[Path | None, typer.Option("-o", "--output", help="输出文件,默认写入 maps/ / file to write")]
PeriodText = Annotated[str | None, typer.Option("--period", help="时段 起/止 / start/end: 2026-11-01/2026-11-30")]
Days = Annotated[int, typer.Option(min=1, max=3660, help="最近若干天,含今天 / the last days, today included")]


@commands.callback()
def draw() -> None:
    """生成离线地图,可直接从磁盘打开 / draw maps that open from disk without a network."""


@commands.command("grid")
def grid_command(output: Output = None) -> None:
    """三级网格、打卡点、巡查范围 / the three levels, checkpoints, patrollable area."""
    _draw("grid", output, lambda session, _: grid_map(session))


@commands.command("coverage")
def coverage_command(
    output: Output = None,
    period: PeriodText = None,
    days: Days = DAYS,
    level: Annotated[Level, typer.Option(help="打开时显示的层级 / level shown on opening")] = LEVEL,
) -> None:
    """各级网格的到达率 / coverage of the cells, all levels."""
    _draw(
        "coverage",
        output,
        lambda session, settings: coverage_map(session, settings, _period(settings, period, days), level),
    )


@commands.command("incidents")
def incidents_command(output: Output = None, period: PeriodText = None, days: Days = DAYS) -> None:
    """时段内的事件 / the incidents of a period."""
    _draw(
        "incidents", output, lambda session, settings: incidents_map(session, settings, _period(settings, period, days))
    )


@commands.command("track")
def track_command(
    patroller: Annotated[str, typer.Option(help="巡查员编号 / the patroller's ref")],
    output: Output = None,
    period: PeriodText = None,
    days: Days = DAYS,
) -> None:
    """一名巡查员的轨迹 / the tracks of one patroller."""
    _draw(
        "track",
        output,
        lambda session, settings: track_map(session, settings, _period(settings, period, days), patroller),
    )


def _period(settings: Settings, text: str | None, days: int) -> Period:
    if text is not None:
        return Period.parse(text, settings.zone)
    return recent(days, settings)


def _draw(name: str, output: Path | None, drawn: Callable[[Session, Settings], GridMap]) -> None:
    settings = read_settings()
    with open_session(settings.database_url) as session:
        drawing = drawn(session, settings)
    typer.echo(str(write(drawing, output or settings.maps / f"{name}.html")))
