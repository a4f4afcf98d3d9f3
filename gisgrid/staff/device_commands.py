"""Phones and wall boards on the command line: their tokens are shown once, as words, an address and a QR code."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gisgrid.audit.record import OPERATOR
from gisgrid.migrations import open_session
from gisgrid.settings import Settings, read_settings
from gisgrid.staff.devices import add_board, add_device, device_url, revoke_token, tokens_of
from gisgrid.staff.qr import qr_terminal
from gisgrid.staff.tables import Token
from gisgrid.staff.tokens import Issued, Kind

devices = typer.Typer(name="device", help="巡查终端 / phones that patrollers carry", no_args_is_help=True)
boards = typer.Typer(name="board", help="大屏 / screens on a wall", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="名称 / name")]
Number = Annotated[int, typer.Argument(help="编号,见 list / number, see list", metavar="ID")]


@devices.callback()
def device() -> None:
    """巡查终端 / phones that patrollers carry."""


@boards.callback()
def board() -> None:
    """大屏 / screens on a wall."""


@devices.command("add")
def add_device_command(
    name: Name,
    cell: Annotated[str, typer.Option(help="所属网格编码 / code of its cell", metavar="CODE")],
    days: Annotated[int, typer.Option(help="有效天数,到期须重新登记 / days until it must be enrolled anew")] = 90,
) -> None:
    """登记终端,显示令牌、地址和二维码 / add a phone; prints its token, an address and a QR code."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        token = add_device(session, OPERATOR, name, cell, days)
    _show(settings, token)


@boards.command("add")
def add_board_command(
    name: Name,
    cell: Annotated[
        str | None, typer.Option(help="网格编码;不写即全部 / code of a cell; without it, all", metavar="CODE")
    ] = None,
) -> None:
    """登记大屏,只读汇总数据 / add a screen, which reads aggregates alone; prints its token and a QR code."""
    settings = read_settings()
    with open_session(settings.database_url, write=True) as session:
        token = add_board(session, OPERATOR, name, cell)
    _show(settings, token)


def _show(settings: Settings, token: Issued) -> None:
    address = device_url(settings, token.words)
    typer.echo(f"编号 / number: {token.row.id}")
    typer.echo(f"有效至 / valid until: {_local(token.row.expires_at, settings.zone)}")
    typer.echo(f"令牌,只显示这一次 / token, shown this once: {token.words}")
    typer.echo(f"在该设备上打开 / open on the device: {address}")
    typer.echo(qr_terminal(address))


@devices.command("list")
def list_devices_command() -> None:
    """列出终端 / list the phones."""
    _list("device")


@boards.command("list")
def list_boards_command() -> None:
    """列出大屏 / list the screens."""
    _list("board")


def _list(kind: Kind) -> None:
    settings = read_settings()
    with open_session(settings.database_url) as session:
        for token in tokens_of(session, kind):
            typer.echo(_line(token, settings.zone))


def _line(token: Token, zone: ZoneInfo) -> str:
    expires = f"有效至 valid until {_local(token.expires_at, zone)}"
    used = f"最近使用 last used {_local(token.last_used_at, zone)}" if token.last_used_at else "未使用 never used"
    return "\t".join([str(token.id), token.name, token.cell_code or "全部 everywhere", expires, used])


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


@devices.command("revoke")
def revoke_device_command(number: Number) -> None:
    """吊销终端的令牌,立即生效 / revoke a phone's token, at once."""
    _revoke(number, "device")


@boards.command("revoke")
def revoke_board_command(number: Number) -> None:
    """吊销大屏的令牌,立即生效 / revoke a screen's token, at once."""
    _revoke(number, "board")


def _revoke(number: int, kind: Kind) -> None:
    with open_session(read_settings().database_url, write=True) as session:
        revoke_token(session, OPERATOR, number, kind)
    typer.echo(f"已吊销 / revoked: {number}")
