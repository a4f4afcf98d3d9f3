"""`gisgrid draw …`: generated maps, each one file that opens from disk without a network."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR
from gisgrid.coverage.report import DAYS, LEVEL
from gisgrid.grid.points import writable
from gisgrid.grid.schemas import Level
from gisgrid.migrations import open_session
from gisgrid.pages.drawing.spans import COMPARED_DAYS, Span
from gisgrid.parameters import Period
from gisgrid.patrols.reading import PurposeNeeded, note_reading, read_purpose
from gisgrid.settings import Settings, read_settings

if TYPE_CHECKING:
    from gisgrid.maps.pages import GridMap

commands = typer.Typer(name="draw", help="生成离线地图 / draw maps that open offline", no_args_is_help=True)

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", dir_okay=False, writable=True, help="输出文件,默认写入 maps/ / file to write"),
]
PeriodText = Annotated[str | None, typer.Option("--period", help="时段 起/止 / start/end: 2026-11-01/2026-11-30")]
LAST_DAYS = partial(typer.Option, min=1, max=3660, help="最近若干天,含今天 / the last days, today included")
Days = Annotated[int | None, LAST_DAYS(show_default=str(DAYS))]
LevelShown = Annotated[Level, typer.Option(help="打开时显示的层级 / level shown on opening")]
Drawn = Callable[[Session, Settings], "GridMap"]


@commands.callback()
def draw() -> None:
    """生成离线地图,可直接从磁盘打开 / draw maps that open from disk without a network."""


@commands.command("grid")
def grid_command(output: Output = None) -> None:
    """三级网格、打卡点、巡查范围 / the three levels, checkpoints, patrollable area."""
    _draw("grid", output, _grid)


@commands.command("coverage")
def coverage_command(
    output: Output = None, period: PeriodText = None, days: Days = None, level: LevelShown = LEVEL
) -> None:
    """各级网格的到达率,可逐日或逐周播放 / coverage of the cells, all levels, through the days or weeks."""
    _draw("coverage", output, partial(_coverage, span=Span(period, days), level=level))


@commands.command("comparison")
def comparison_command(
    output: Output = None,
    period: PeriodText = None,
    days: Annotated[int | None, LAST_DAYS(show_default=str(COMPARED_DAYS))] = None,
    before: Annotated[
        str | None,
        typer.Option(help="与哪个时段相比,默认上一个同样长的时段 / with which period, by default that before"),
    ] = None,
    level: LevelShown = LEVEL,
) -> None:
    """两个时段的到达率对比 / coverage of two periods compared."""
    span = Span(period, days, COMPARED_DAYS)
    _draw("comparison", output, partial(_comparison, span=span, before=before, level=level))


@commands.command("heat")
def heat_command(output: Output = None, period: PeriodText = None, days: Days = None) -> None:
    """热力图:每个百米单元有几天见到 / heat: on how many days each square of 100 m was seen."""
    _draw("heat", output, partial(_heat, span=Span(period, days)))


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
    _draw("incidents", output, partial(_incidents, span=Span(period, days), confidential=confidential))


@commands.command("track")
def track_command(
    patroller: Annotated[str, typer.Option(help="巡查员编号 / the patroller's ref")],
    purpose: Annotated[str, typer.Option(help="为何查看,记入审计,本人可见 / what for: the patroller can see it")],
    output: Output = None,
    period: PeriodText = None,
    days: Days = None,
) -> None:
    """一名巡查员的轨迹 / the tracks of one patroller."""
    _draw("track", output, _track(patroller, read_purpose(purpose), Span(period, days)))


@commands.command("all")
def all_command(
    period: PeriodText = None,
    days: Days = None,
    level: LevelShown = LEVEL,
    patroller: Annotated[str | None, typer.Option(help="连同此人的轨迹,须写目的 / this person's tracks too")] = None,
    purpose: Annotated[str | None, typer.Option(help="为何查看轨迹 / what the tracks are looked at for")] = None,
) -> None:
    """全部地图,写入 maps/;对比默认 7 天 / all maps, into maps/; 7 days are compared by default."""
    if patroller is not None and purpose is None:
        raise PurposeNeeded("查看轨迹须写明 --purpose", "say with --purpose what the tracks are looked at for")
    span = Span(period, days)
    drawn: dict[str, Drawn] = {
        "heat": partial(_heat, span=span),  # first: of too few days it is refused, and then nothing is written
        "grid": _grid,
        "coverage": partial(_coverage, span=span, level=level),
        "comparison": partial(_comparison, span=span._replace(usual=COMPARED_DAYS), before=None, level=level),
        "incidents": partial(_incidents, span=span, confidential=False),
    }
    if patroller is not None:
        drawn["track"] = _track(patroller, read_purpose(purpose or ""), span)
        _check_track(patroller, span)
    for name, each in drawn.items():
        _draw(name, None, each)


# --- what is drawn: folium takes long to import, and no other command waits for it ------------------


def _grid(session: Session, _: Settings) -> "GridMap":
    from gisgrid.pages.drawing.maps import grid_map  # noqa: PLC0415

    return grid_map(session)


def _coverage(session: Session, settings: Settings, span: Span, level: Level) -> "GridMap":
    from gisgrid.pages.drawing.figures import coverage_map  # noqa: PLC0415

    return coverage_map(session, settings, span.read(settings), level)


def _comparison(session: Session, settings: Settings, span: Span, before: str | None, level: Level) -> "GridMap":
    from gisgrid.pages.drawing.figures import comparison_map  # noqa: PLC0415

    other = None if before is None else Period.parse(before, settings.zone)
    return comparison_map(session, settings, span.read(settings), other, level)


def _heat(session: Session, settings: Settings, span: Span) -> "GridMap":
    from gisgrid.pages.drawing.figures import heat_map  # noqa: PLC0415

    return heat_map(session, settings, span.read(settings))


def _incidents(session: Session, settings: Settings, span: Span, *, confidential: bool) -> "GridMap":
    from gisgrid.pages.drawing.maps import incidents_map  # noqa: PLC0415

    return incidents_map(session, settings, span.read(settings), confidential=confidential)


def _track(patroller: str, purpose: str, span: Span) -> Drawn:
    def drawn(session: Session, settings: Settings) -> "GridMap":
        from gisgrid.pages.drawing.maps import track_map  # noqa: PLC0415

        drawing = track_map(session, settings, span.read(settings), patroller)
        with open_session(settings.database_url, write=True) as recording:
            note_reading(recording, OPERATOR, [patroller], purpose)
        return drawing

    return drawn


def _check_track(patroller: str, span: Span) -> None:
    """Look whether there is a track to draw, before anything is. Raises TwoPeriods, BadPeriod, NothingToDraw."""
    from gisgrid.pages.drawing.maps import walked  # noqa: PLC0415

    settings = read_settings()
    with open_session(settings.database_url) as session:
        walked(session, settings, span.read(settings), patroller)


def _draw(name: str, output: Path | None, drawn: Drawn) -> None:
    from gisgrid.maps.pages import write  # noqa: PLC0415

    settings = read_settings()
    target = settings.maps / f"{name}.html" if output is None else writable(output)
    with open_session(settings.database_url) as session:
        drawing = drawn(session, settings)
    typer.echo(str(write(drawing, target)))
