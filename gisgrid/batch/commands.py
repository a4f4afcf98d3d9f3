"""Batch work on the command line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from gisgrid.batch.count import CountPiece, count_folder
from gisgrid.batch.ground import Ground, Reading, ground_of
from gisgrid.batch.join import join_folder
from gisgrid.batch.pieces import Each
from gisgrid.errors import Unavailable
from gisgrid.geometry import crs_name
from gisgrid.grid.commands import Day
from gisgrid.grid.coordinates import Coordinates
from gisgrid.intake.import_commands import Latitude, Longitude, Time
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer(name="batch", help="大批量数据,多进程或集群 / large data on many processes or a cluster (Dask)")

Source = Annotated[Path, typer.Argument(help="Parquet 文件所在目录 / directory of Parquet files")]
Geometry = Annotated[str | None, typer.Option(help="几何列名 / name of the geometry column (WKB, GeoArrow)")]
Crs = Annotated[str | None, typer.Option(help="坐标系,默认按文件声明 / default: as each file declares")]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="已有 Dask 集群的调度器,tcp://主机:8786;各工作节点须装有 gisgrid 并看到相同路径 / "
        "scheduler of a running cluster, whose workers have gisgrid and see the same paths"
    ),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="本机进程数,默认与处理器数相同 / processes here; default: one a processor")
]


class NoDask(Unavailable):
    """The optional part that batch work needs is not installed."""


@commands.command("join")
def join_command(
    source: Source,
    target: Annotated[Path, typer.Argument(help="结果目录,重跑时整体替换 / folder of results; a rerun replaces it")],
    longitude: Longitude = None,
    latitude: Latitude = None,
    geometry: Geometry = None,
    crs: Crs = None,
    time: Time = None,
    day: Day = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
) -> None:
    """给目录中全部点加网格编码,按日和分站分区 / join all points, partitioned by day and substation."""
    ground = _ground(Coordinates(longitude, latitude, geometry), crs, time, day)
    with _working("连接 joining", scheduler, workers) as (each, progress):
        counts = join_folder(each, source, target, ground, progress)
    rows, outside, without, undated = counts.values()
    typer.echo(
        f"{rows} 行,网格之外 {outside} 行(其中无坐标 {without} 行),无时间 {undated} 行 → {target}\n"
        f"{rows} rows, {outside} outside ({without} of them without coordinates), {undated} without a time"
    )


@commands.command("count")
def count_command(
    source: Source,
    target: Annotated[Path, typer.Argument(help="结果 .parquet 或 .csv / result, .parquet or .csv")],
    longitude: Longitude = None,
    latitude: Latitude = None,
    geometry: Geometry = None,
    crs: Crs = None,
    time: Time = None,
    patroller: Annotated[str | None, typer.Option(help="人员列名 / name of the column of persons")] = None,
    patrol: Annotated[str | None, typer.Option(help="班次列名 / name of the column of outings")] = None,
    day: Day = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
) -> None:
    """各网格每日打卡数、人员数、巡查次数 / check-ins, people and patrols of each cell and local day."""
    act = CountPiece(_ground(Coordinates(longitude, latitude, geometry), crs, time, day), patroller, patrol)
    with _working("计数 counting", scheduler, workers) as (each, progress):
        found = count_folder(each, source, target, act, progress)
    typer.echo(f"{len(found)} 行 rows → {target}")


def _ground(coordinates: Coordinates, crs: str | None, time: str | None, day: datetime | None) -> Ground:
    settings = read_settings()
    reading = Reading(settings.zone, coordinates, crs and crs_name(crs), time)
    with open_session(settings.database_url) as session:
        return ground_of(session, reading, day.date() if day else None)


@contextmanager
def _working(
    words: str, scheduler: str | None, workers: int | None
) -> Iterator[tuple[Each, Callable[[int, int], None]]]:
    """Yield what has pieces done by workers, and what shows the progress. Raises NoDask."""
    if scheduler and workers:
        raise typer.BadParameter("--workers 与 --scheduler 不能并用 / either --workers or --scheduler")
    try:
        from gisgrid.batch.crew import each, hired  # noqa: PLC0415 - an optional part
    except ModuleNotFoundError as error:
        raise NoDask(
            f"缺少 {error.name};请安装:pip install gisgrid[batch]",
            f"{error.name} is missing; install it: pip install gisgrid[batch]",
        ) from error
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with hired(scheduler, workers) as client, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(words, total=None)
        yield partial(each, client), lambda done, expected: bar.update(task, completed=done, total=expected)
