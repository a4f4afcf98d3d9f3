"""`gisgrid draw …`: generated maps, each one file that opens from disk without a network."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.report import DAYS, LEVEL, asked_period
from gisgrid.grid.points import writable
from gisgrid.grid.schemas import Level
from gisgrid.migrations import open_session
from gisgrid.patrols.reading import note_reading, read_purpose
from gisgrid.settings import Settings, read_settings

commands = typer.Typer(name="draw", help="生成离线地图 / draw maps that open offline", no_args_is_help=True)

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件,默认写入 maps/ / file to write"),
]
PeriodText = Annotated[str | None, typer.Option("--period", help="时段 起/止 / start/end: 2026-11-01/2026-11-30")]
Days = Annotated[
    int | None,
    typer.Option(min=1, max=3660, show_default=str(DAYS), help="最近若干天,含今天 / the last days, today included"),
]


@commands.callback()
def draw() -> None:
    """生成离线地图,可直接从磁盘打开 / draw maps that open from disk without a network."""


@commands.command("grid")
def grid_command(output: Output = None) -> None:
    """三级网格、打卡点、巡查范围 / the three levels, checkpoints, patrollable area."""
    _draw("grid", output, lambda maps, session, _: maps.grid_map(session))


@commands.command("coverage")
def coverage_command(
    output: Output = None,
    period: PeriodText = None,
    days: Days = None,
    level: Annotated[Level, typer.Option(help="打开时显示的层级 / level shown on opening")] = LEVEL,
) -> None:
    """各级网格的到达率 / coverage of the cells, all levels."""

    def drawn(maps: ModuleType, session: Session, settings: Settings) -> Any:
        return maps.coverage_map(session, settings, asked_period(period, days, settings), level)

    _draw("coverage", output, drawn)


@commands.command("incidents")
def incidents_command(
    output: Output = None,
    period: PeriodText = None,
    days: Days = None,
    confidential: Annotated[
        bool,
        typer.Option("--confidential", help="连同保密事件和投诉,文件勿外传 / confidential ones and complaints too"),
    ] = False,
) -> None:
    """时段内的事件,不含保密事件和投诉 / the incidents of a period, but for confidential ones and complaints."""

    def drawn(maps: ModuleType, session: Session, settings: Settings) -> Any:
        asked = asked_period(period, days, settings)
        return maps.incidents_map(session, settings, asked, confidential=confidential)

    _draw("incidents", output, drawn)


@commands.command("track")
def track_command(
    patroller: Annotated[str, typer.Option(help="巡查员编号 / the patroller's ref")],
    purpose: Annotated[str, typer.Option(help="为何查看,记入审计,本人可见 / what for: the patroller can see it")],
    output: Output = None,
    period: PeriodText = None,
    days: Days = None,
) -> None:
    """一名巡查员的轨迹 / the tracks of one patroller."""
    plain = read_purpose(purpose)

    def drawn(maps: ModuleType, session: Session, settings: Settings) -> Any:
        drawing = maps.track_map(session, settings, asked_period(period, days, settings), patroller)
        with open_session(settings.database_url, write=True) as recording:
            note_reading(recording, OPERATOR, [patroller], plain)
        return drawing

    _draw("track", output, drawn)


def _draw(name: str, output: Path | None, drawn: Callable[[ModuleType, Session, Settings], Any]) -> None:
    # folium takes long to import: no other command waits for it
    from gisgrid.maps.pages import write  # noqa: PLC0415
    from gisgrid.pages import draw as maps  # noqa: PLC0415

    settings = read_settings()
    target = settings.maps / f"{name}.html" if output is None else writable(output)
    with open_session(settings.database_url) as session:
        drawing = drawn(maps, session, settings)
    typer.echo(str(write(drawing, target)))
