"""The command line: each domain's commands under one name."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.engine import make_url

from gisgrid.audit.commands import commands as audit
from gisgrid.backup.commands import commands as backup
from gisgrid.batch.commands import commands as batch
from gisgrid.coverage.commands import commands as coverage
from gisgrid.coverage.commands import days
from gisgrid.errors import GisgridError
from gisgrid.grid.commands import commands as grid
from gisgrid.grid.layers.commands import commands as layers
from gisgrid.grid.own.commands import commands as own
from gisgrid.incidents.calendar.commands import commands as calendar
from gisgrid.incidents.commands import commands as incidents
from gisgrid.initialise import initialise
from gisgrid.pages.drawing.commands import commands as draw
from gisgrid.patrols.commands import commands as check_ins
from gisgrid.patrols.plans.commands import checkpoints, plans
from gisgrid.privacy.commands import commands as privacy
from gisgrid.privacy.retention_commands import commands as retention
from gisgrid.publications.commands import commands as notices
from gisgrid.sample.commands import commands as sample
from gisgrid.serve import serve
from gisgrid.settings import read_settings
from gisgrid.staff.commands import commands as staff
from gisgrid.staff.device_commands import boards, devices
from gisgrid.tls.commands import commands as tls

cli = typer.Typer(
    name="gisgrid",
    help="网格巡查:图层、打卡、事件、到达率与地图 / grid, patrols, incidents, coverage and maps",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (layers, grid, coverage, backup, sample):
    cli.registered_commands += commands.registered_commands
for group in (days, check_ins, checkpoints, plans, own, incidents, calendar, draw, batch, audit):
    cli.add_typer(group)
for group in (staff, devices, boards, notices, retention, privacy, tls):
    cli.add_typer(group)


@cli.command("init")
def init_command(
    with_sample: Annotated[
        bool, typer.Option("--sample", help="载入示例网格和 30 天模拟巡逻 / with the sample grid and 30 simulated days")
    ] = False,
) -> None:
    """建立数据目录和数据库,或升级到最新版本 / make the folders and the database, or bring it up to date."""
    settings = read_settings()
    initialise(settings, with_sample=with_sample)
    typer.echo(f"数据库已就绪 / the database is ready: {make_url(settings.database_url).render_as_string()}")


@cli.command("serve")
def serve_command() -> None:
    """启动服务(地址与端口:GISGRID_HOST、GISGRID_PORT) / serve (address: GISGRID_HOST, GISGRID_PORT)."""
    serve(read_settings())


def main() -> None:
    """Run the command line; a mistake is told in words, with exit status 1."""
    try:
        cli()
    except GisgridError as error:
        _tell(error.code, error.zh, error.en)
        sys.exit(1)
    except MemoryError:
        _tell("OutOfMemory", "内存不足;请放宽限制,或分成小份再试", "out of memory: allow it more, or do it in parts")
        sys.exit(1)


def _tell(code: str, zh: str, en: str) -> None:
    Console(stderr=True).print(f"[bold red]{code}[/]", escape(zh), escape(en), sep="\n")
