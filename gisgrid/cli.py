"""The command line: each domain's commands under one name."""

import sys

import typer
from rich.console import Console

from gisgrid.backup.commands import commands as backup
from gisgrid.errors import GisgridError
from gisgrid.grid.commands import commands as grid
from gisgrid.serve import serve
from gisgrid.settings import read_settings

cli = typer.Typer(
    name="gisgrid",
    help="网格巡查:图层、签到、事件、到达率与地图 / grid, patrols, incidents, coverage and maps",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (grid, backup):
    cli.registered_commands += commands.registered_commands


@cli.command("serve")
def serve_command() -> None:
    """启动服务(地址与端口:GISGRID_HOST、GISGRID_PORT) / serve (address: GISGRID_HOST, GISGRID_PORT)."""
    serve(read_settings())


def main() -> None:
    """Run the command line; a mistake is told in words, with exit status 1."""
    try:
        cli()
    except GisgridError as error:
        Console(stderr=True).print(f"[bold red]{error.code}[/]", error.zh, error.en, sep="\n", markup=True)
        sys.exit(1)
