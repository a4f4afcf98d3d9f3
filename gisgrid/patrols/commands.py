"""Check-ins on the command line."""

from typing import Annotated

import typer

from gisgrid.audit.record import OPERATOR
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
from gisgrid.migrations import open_session
from gisgrid.patrols.arrival.imports import import_check_ins
from gisgrid.patrols.people import adopt
from gisgrid.settings import read_settings
from gisgrid.staff.people import person_called

commands = typer.Typer(name="check-ins", help="巡查打卡 / check-ins", no_args_is_help=True)


@commands.callback()
def check_ins() -> None:
    """巡查打卡 / check-ins."""


@commands.command("adopt")
def adopt_command(
    patroller: Annotated[str, typer.Argument(help="巡查员编号 / the patroller's ref", show_default=False)],
    person: Annotated[str, typer.Argument(help="登录名 / sign-in name", show_default=False)],
) -> None:
    """把建账号之前导入的打卡归到一个账号名下 / give an account what was stored before there was one."""
    with open_session(read_settings().database_url, write=True) as session:
        adopt(session, OPERATOR, patroller, person_called(session, person))
    typer.echo(f"{patroller} → {person}")


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
