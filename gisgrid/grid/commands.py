"""The grid on the command line."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from gisgrid.geometry import is_on_earth, to_wgs84
from gisgrid.grid.coordinates import Coordinates
from gisgrid.grid.join import encodings, join
from gisgrid.grid.locate import Grid, grid_on
from gisgrid.grid.place import not_on_earth
from gisgrid.grid.tables import LEVELS
from gisgrid.migrations import open_session
from gisgrid.settings import read_settings

commands = typer.Typer()

Crs = Annotated[str, typer.Option(help="坐标系 / coordinate system: EPSG:4326, EPSG:4547, gcj02, bd09, PROJ…")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="该日生效的网格 / the grid in force on this day")
]
LEVEL_NAMES = {"street": "街道 street", "community": "社区 community", "substation": "工作分站 substation"}


def _grid(day: datetime | None) -> Grid:
    with open_session(read_settings().database_url) as session:
        return grid_on(session, day.date() if day else None)


@commands.command("locate", context_settings={"ignore_unknown_options": True})
def locate_command(longitude: float, latitude: float, crs: Crs = "EPSG:4326", day: Day = None) -> None:
    """查询一点所在的网格(先经度后纬度) / find the cells that hold a point (longitude first)."""
    x, y = (float(value) for value in to_wgs84(longitude, latitude, crs))
    if not is_on_earth(x, y):
        raise not_on_earth()
    grid = _grid(day)
    names = dict(zip(grid.cells["code"], grid.cells["name"], strict=True))
    codes = grid.locate_one(x, y)
    for level, code in zip(LEVELS, codes, strict=True):
        typer.echo(f"{LEVEL_NAMES[level]}\t{code or '-'}\t{names[code] if code else '网格之外 outside'}")
    if not any(codes):
        raise typer.Exit(1)


@commands.command("join")
def join_command(
    source: Path,
    target: Path,
    longitude: Annotated[str | None, typer.Option(help="经度列名 / name of the longitude column")] = None,
    latitude: Annotated[str | None, typer.Option(help="纬度列名 / name of the latitude column")] = None,
    geometry: Annotated[
        str | None, typer.Option(help="几何列名(WKB、GeoArrow) / name of the geometry column (WKB, GeoArrow)")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系,默认按文件声明 / default: as the file declares")] = None,
    day: Day = None,
) -> None:
    """给点表加上三级网格编码;中断后重新运行即继续 / add the cells' codes to a table of points; killed, it continues."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} 行 rows"),  # of how many, a CSV file does not tell
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    grid = _grid(day)
    with bar:
        task = bar.add_task("连接 joining", total=None)
        counts = join(
            source,
            target,
            grid,
            coordinates=Coordinates(longitude, latitude, geometry),
            crs=crs,
            progress=lambda done, expected: bar.update(task, completed=done, total=expected or None),
        )
        bar.update(task, completed=counts.rows, total=counts.rows)
    used = encodings(source, target)
    if used and used[0] != "UTF-8":
        typer.echo(f"编码:原文件 {used[0]},结果 {used[1]} / encoding: {used[0]} read, {used[1]} written")
    if counts.continued_from:
        before = counts.continued_from
        typer.echo(f"接着上次中断处继续:{before} 行先前已完成 / continued: {before} rows were done by an earlier run")
    typer.echo(
        f"{counts.rows} 行,网格之外 {counts.outside} 行(其中无坐标 {counts.without_coordinates} 行) → {target}\n"
        f"{counts.rows} rows, {counts.outside} outside ({counts.without_coordinates} of them without coordinates)"
    )
