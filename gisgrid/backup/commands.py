"""Backup and restore on the command line."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gisgrid.backup.archive import Manifest
from gisgrid.backup.restore import restore
from gisgrid.backup.take import back_up
from gisgrid.database import make_engine
from gisgrid.owner import let_service_in
from gisgrid.settings import read_settings

commands = typer.Typer()


@commands.command("backup")
def backup_command(
    file: Annotated[
        Path | None, typer.Argument(help="备份文件,默认 data/backups/ 下按时间命名 / where to, default: data/backups/")
    ] = None,
) -> None:
    """备份数据库,服务不必停止 / back up the database while the service runs."""
    settings = read_settings()
    moment = datetime.now(settings.zone)
    file = file or settings.home / "data" / "backups" / f"gisgrid-{moment:%Y%m%d-%H%M%S}.zip"
    _tell(back_up(make_engine(settings.owner_url), file))
    typer.echo(f"已备份到 / backed up to: {file}")


@commands.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="备份文件 / the backup")],
    is_forced: Annotated[bool, typer.Option("--force", help="覆盖已有数据 / replace the data that is there")] = False,
) -> None:
    """从备份恢复数据库,服务须先停止 / put a backup back; the service must be stopped."""
    settings = read_settings()
    owner = make_engine(settings.owner_url)
    _tell(restore(owner, file, is_forced=is_forced))
    let_service_in(owner, settings.database_url)
    typer.echo("已恢复,逐表核对一致 / restored; every table is proved equal")


def _tell(manifest: Manifest) -> None:
    width = max(map(len, manifest.tables))
    for name, table in manifest.tables.items():
        typer.echo(f"{name:<{width}}  {table.rows:>9}  sha256 {table.sha256}")
