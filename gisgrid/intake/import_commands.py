"""What the import commands have in common: their options, and how they tell what became of a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from gisgrid.database import make_engine
from gisgrid.errors import GisgridError, Refused
from gisgrid.intake import imports
from gisgrid.intake.imports import Fault, Wishes
from gisgrid.migrations import require_current
from gisgrid.settings import Settings, read_settings

Source = Annotated[Path, typer.Argument(help="CSV、GeoJSON 或 GPX 文件 / CSV, GeoJSON or GPX file", show_default=False)]
Crs = Annotated[str | None, typer.Option(help="坐标系 / coordinate system: gcj02, bd09, EPSG:4547… (EPSG:4326)")]
Timezone = Annotated[str | None, typer.Option(help="无时区的时间属何时区,默认按设置 / zone of times without one")]
Longitude = Annotated[str | None, typer.Option(help="经度列名 / name of the longitude column")]
Latitude = Annotated[str | None, typer.Option(help="纬度列名 / name of the latitude column")]
Time = Annotated[str | None, typer.Option(help="时间列名 / name of the time column")]
Column = Annotated[list[str] | None, typer.Option(help="其他列:字段=列名 / other columns: FIELD=COLUMN")]
Strict = Annotated[bool, typer.Option("--strict", help="有一行不合格则全部不入库 / all rows or none")]


class BadOption(Refused):
    """An option that cannot be used."""


def columns_of(named: dict[str, str | None], others: Sequence[str] | None) -> dict[str, str]:
    """Return the columns that options name, by field. Raises BadOption."""
    pairs = [text.partition("=") for text in others or []]
    if any(not (name and equals and column) for name, equals, column in pairs):
        raise BadOption("--column 应写作 字段=列名", "--column must be FIELD=COLUMN")
    return {name: column for name, column in named.items() if column} | {name: column for name, _, column in pairs}


def zone_of(name: str | None) -> ZoneInfo:
    """Return the time zone of a name; without one, that of the settings. Raises BadOption."""
    try:
        return ZoneInfo(name) if name else read_settings().zone
    except (ValueError, OSError, KeyError) as error:  # what zoneinfo raises for names that are no zone
        raise BadOption("没有这个时区;例如 Asia/Shanghai", "no such time zone; for example Asia/Shanghai") from error


Import = Callable[[Engine, Path, Wishes, Settings, Fault, imports.Progress], dict[str, int]]


def run_import(act: Import, path: Path, wishes: Wishes) -> None:
    """Run an import with a progress bar; print the rows that are refused (exit status 1) and a summary."""
    settings = read_settings()
    engine = make_engine(settings.database_url)
    console = Console(stderr=True, soft_wrap=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )

    def fault(unit: tuple[str, str], number: int, error: GisgridError) -> None:
        zh, en = unit
        console.print(f"第 {number} {zh} {error.zh} / {en} {number}: {error.en}", markup=False, highlight=False)

    try:
        require_current(engine)
        with bar:
            task = bar.add_task("导入 importing", total=None)
            counts = act(
                engine,
                path,
                wishes,
                settings,
                fault,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        engine.dispose()
    _tell(counts, wishes)


def _tell(counts: dict[str, int], wishes: Wishes) -> None:
    refused = counts["refused"] + counts["conflict"]
    typer.echo(
        f"入库 {counts['stored']},重复 {counts['repeated']},网格之外 {counts['outside']},未收 {refused}\n"
        f"stored {counts['stored']}, repeated {counts['repeated']}, outside {counts['outside']}, refused {refused}"
    )
    if counts["quarantined"]:
        typer.echo(
            f"其中 {counts['quarantined']} 条存疑,已隔离,放行后才计入 / "
            f"{counts['quarantined']} of them are doubtful: quarantined, they count once they are released"
        )
    if counts["without_zone"]:
        typer.echo(f"无时区的时间按 {wishes.zone} 计 / times without a zone were read as {wishes.zone}")
    if refused and wishes.strict:
        typer.echo("因 --strict,全部未入库 / nothing was stored, because of --strict")
    if refused:
        raise typer.Exit(1)
