"""Incidents on the command line."""

from typing import Annotated, Final

import typer

from gisgrid.incidents.imports import import_incidents
from gisgrid.incidents.kinds import Confidentiality, kind_called, kinds
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

KEPT: Final[dict[Confidentiality, tuple[str, ...]]] = {
    "": (),
    "handlers": ("保密,仅经办人可见 confidential, for its handlers alone",),
    "impartial": ("回避被投诉单位 kept from the unit complained of",),
}

commands = typer.Typer(name="incidents", help="事件 / incidents", no_args_is_help=True)


@commands.callback()
def incidents() -> None:
    """事件 / incidents."""


@commands.command("import")
def import_command(
    file: Source,
    crs: Crs = None,
    timezone: Timezone = None,
    longitude: Longitude = None,
    latitude: Latitude = None,
    time: Time = None,
    column: Column = None,
    kind: Annotated[
        str | None, typer.Option(help="文件中没有写明时的类别(编码或名称) / kind, where the file names none")
    ] = None,
    strict: Strict = False,
) -> None:
    """从文件导入事件;同一事件只入库一次 / import incidents from a file; each is stored once."""
    columns = columns_of({"longitude": longitude, "latitude": latitude, "reported_at": time}, column)
    constants = {"kind": kind_called(kind).code} if kind else {}
    run_import(import_incidents, file, Wishes(zone_of(timezone), columns, constants, crs, strict))


@commands.command("kinds")
def kinds_command() -> None:
    """列出事件类别:编码、类、名称、知悉范围 / list the kinds of incident: code, class, name, who is kept out."""
    for kind in kinds().values():
        names = (kind.code, f"{kind.class_zh} {kind.class_en}", f"{kind.name_zh} {kind.name_en}")
        typer.echo("\t".join([*names, *KEPT[kind.confidentiality]]))
