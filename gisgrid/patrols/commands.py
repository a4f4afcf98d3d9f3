"""Check-ins on the command line."""

from typing import Annotated

import typer

from gisgrid.intake.import_commands import (
    Column,
    Crs,
    Latitude,
    Longitude,
    Source,
    Strict,
    Time,
    Timezone,
    columns_of,
    run_import,
    zone_of,
)
from gisgrid.intake.imports import Wishes
from gisgrid.patrols.imports import import_check_ins

commands = typer.Typer(name="check-ins", help="巡查打卡 / check-ins", no_args_is_help=True)


@commands.callback()
def check_ins() -> None:
    """巡查打卡 / check-ins."""


@commands.command("import")
def import_command(
    file: Source,
    crs: Crs = None,
    timezone: Timezone = None,
    longitude: Longitude = None,
    latitude: Latitude = None,
    time: Time = None,
    column: Column = None,
    patroller: Annotated[
        str | None, typer.Option(help="文件中没有写明时的巡查员 / who, where the file names none")
    ] = None,
    strict: Strict = False,
) -> None:
    """从文件导入打卡记录;同一记录只入库一次 / import check-ins from a file; each is stored once."""
    columns = columns_of({"longitude": longitude, "latitude": latitude, "fix_at": time}, column)
    constants = {"patroller": patroller} if patroller else {}
    run_import(import_check_ins, file, Wishes(zone_of(timezone), columns, constants, crs, strict))
