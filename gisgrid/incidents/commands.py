"""Incidents on the command line."""

from typing import Annotated

import typer

from gisgrid.incidents.diagram import diagram
from gisgrid.incidents.emergencies.commands import commands as plans
from gisgrid.incidents.exchange.commands import commands as exchange
from gisgrid.incidents.figures.commands import commands as figures
from gisgrid.incidents.imports import import_incidents
from gisgrid.incidents.kinds.commands import commands as kinds
from gisgrid.incidents.kinds.stored import edition_now
from gisgrid.incidents.records.commands import commands as records
from gisgrid.incidents.surveys.commands import commands as surveys
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
from gisgrid.settings import read_settings

commands = typer.Typer(name="incidents", help="事件 / incidents", no_args_is_help=True)
for more in (kinds, plans, exchange, records, figures, surveys):
    commands.registered_commands += more.registered_commands


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
    constants = {"kind": _code(kind)} if kind else {}
    run_import(import_incidents, file, Wishes(zone_of(timezone), columns, constants, crs, strict))


def _code(kind: str) -> str:
    settings = read_settings()
    with open_session(settings.database_url) as session:
        return edition_now(session, settings.zone).called(kind).code


@commands.command("loop")
def loop_command() -> None:
    """打印闭环状态图(Mermaid) / print the closed loop as a diagram in Mermaid's words."""
    typer.echo(diagram())
