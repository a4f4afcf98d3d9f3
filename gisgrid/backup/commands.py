"""Backup and restore on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from gisgrid.backup.archive import Manifest
from gisgrid.backup.entries import keep_head, note_restored, note_taken, put_heads_aside
from gisgrid.backup.restore import restore
from gisgrid.backup.take import back_up
from gisgrid.database import make_engine
from gisgrid.owner import let_service_in, require_owner
from gisgrid.settings import Settings, read_settings

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
    with _owner(settings) as owner:
        manifest = back_up(owner, file)
    note_taken(settings, manifest)
    _tell(manifest)
    typer.echo(f"已备份到 / backed up to: {file}")


@commands.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="备份文件 / the backup")],
    is_forced: Annotated[bool, typer.Option("--force", help="覆盖已有数据 / replace the data that is there")] = False,
) -> None:
    """从备份恢复数据库,服务须先停止 / put a backup back; the service must be stopped."""
    settings = read_settings()
    with _owner(settings) as owner:
        keep_head(settings)
        manifest = restore(owner, file, is_forced=is_forced)
        let_service_in(owner, settings.database_url)
    _tell(manifest)
    typer.echo("已恢复,逐表核对一致 / restored; every table is proved equal")
    made_at = f"{manifest.made_at.astimezone(settings.zone):%Y-%m-%d %H:%M}"
    typer.echo(
        f"注意:{made_at} 之后吊销的令牌、撤销的角色、删除的个人资料都已复原,请重新处理;此后的审计记录已不在 / "
        f"mind: tokens revoked, roles withdrawn and people erased since {made_at} are back: see to them again; what "
        "the audit told since then is gone",
        err=True,
    )
    heads = put_heads_aside(settings)
    if heads is not None:
        typer.echo(
            f"此前导出的链头另存为 {heads},可用 gisgrid audit verify --heads 核对被覆盖的部分 / heads exported before "
            f"are kept as {heads}: with them gisgrid audit verify --heads tells what was replaced",
            err=True,
        )
    if not note_restored(settings, manifest):
        typer.echo("备份来自旧版本,请运行 gisgrid init 升级 / an older version's: run gisgrid init", err=True)


@contextmanager
def _owner(settings: Settings) -> Iterator[Engine]:
    """Yield an engine of the account that sees and may replace everything. Raises OwnerNeeded."""
    engine = make_engine(settings.owner_url)
    try:
        require_owner(engine)
        yield engine
    finally:
        engine.dispose()


def _tell(manifest: Manifest) -> None:
    width = max(map(len, manifest.tables))
    for name, table in manifest.tables.items():
        typer.echo(f"{name:<{width}}  {table.rows:>9}  sha256 {table.sha256}")
