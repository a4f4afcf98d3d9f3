"""The local authority on the command line: made once, renewed when it is time, shown whenever a phone is set up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gisgrid.errors import Refused
from gisgrid.settings import Settings, read_settings
from gisgrid.staff.qr import qr_file, qr_terminal
from gisgrid.tls.authority import called, fingerprint, names_of
from gisgrid.tls.files import SERVER, authority_of, make, read, renew
from gisgrid.tls.names import in_address, read_names, written
from gisgrid.tls.served import install_url

commands = typer.Typer(name="tls", help="内网 HTTPS 证书 / https in a closed network", no_args_is_help=True)

INSTALL_PORTS = (8080, 8081)
FORMS = (".png", ".svg")


class BadPicture(Refused):
    """A picture of a kind that is not made."""


@commands.callback()
def tls() -> None:
    """内网 HTTPS 证书 / https in a closed network."""


@commands.command("init")
def init_command(
    names: Annotated[
        list[str],
        typer.Argument(
            help="手机访问用的主机名和 IP 地址,全部列出 / every host name and IP address of the server",
            metavar="NAME...",
        ),
    ],
) -> None:
    """建立本地证书机构和服务器证书,不覆盖已有的 / make an authority and a server certificate; overwrites nothing."""
    settings = read_settings()
    make(settings.tls_folder, read_names(names), datetime.now(UTC))
    typer.echo(f"已建立本地证书机构 / a local authority is made: {settings.tls_folder}")
    typer.echo("请另存一份,它不在 gisgrid backup 之内 / keep a copy of it: gisgrid backup does not")
    _show(settings)
    _tell_settings(settings)


@commands.command("renew")
def renew_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="名称,不写即照旧 / names, default: as before",
            metavar="NAME...",
            show_default=False,
        ),
    ] = None,
) -> None:
    """由同一机构换发服务器证书,手机不用重装 / a new server certificate of the same authority; phones need nothing."""
    settings = read_settings()
    renew(settings.tls_folder, read_names(names or []), datetime.now(UTC))
    typer.echo("已换发服务器证书,重启服务后生效 / the server certificate is renewed; start the service anew to use it")
    _show(settings)


@commands.command("show")
def show_command(
    picture: Annotated[
        Path | None, typer.Option(help="另存二维码为 .png 或 .svg / also write the QR code to a .png or .svg")
    ] = None,
) -> None:
    """显示名称、指纹、期限、手机安装地址和二维码 / names, fingerprint, days left, install address and its QR code."""
    settings = read_settings()
    if picture is not None and picture.suffix.lower() not in FORMS:
        raise BadPicture(f"{picture} 应以 .png 或 .svg 结尾", f"{picture} must end in .png or .svg")
    address = _show(settings)
    if picture is not None:
        qr_file(address, picture)
        typer.echo(f"二维码已存到 / the QR code is in: {picture}")


def _show(settings: Settings) -> str:
    """Print what an administrator and a phone's owner compare; return the address of the install page."""
    authority, server = authority_of(settings.tls_folder), read(settings.tls_folder / SERVER)
    names = written(names_of(server))
    left = (server.not_valid_after_utc - datetime.now(UTC)).days
    address = install_url(settings, names)
    typer.echo(f"名称 / names: {', '.join(names)}")
    typer.echo(f"证书机构 / authority: {called(authority)}")
    typer.echo(f"机构有效至 / authority valid until: {authority.not_valid_after_utc:%Y-%m-%d}")
    typer.echo(f"机构指纹 / its fingerprint, SHA-256:\n  {fingerprint(authority)}")
    typer.echo(
        f"服务器证书有效至 / server certificate valid until: {server.not_valid_after_utc:%Y-%m-%d}"
        f"(还有 {left} 天 / {left} days left)"
    )
    typer.echo(f"手机安装地址 / phones install the authority from: {address}")
    typer.echo(qr_terminal(address))
    return address


def _tell_settings(settings: Settings) -> None:
    """Print the settings with which the service uses what was made."""
    first = in_address(written(names_of(read(settings.tls_folder / SERVER)))[0])
    typer.echo("设好以下环境变量,再启动 gisgrid serve / set these, then run gisgrid serve:")
    typer.echo(f"  export GISGRID_HOST=0.0.0.0 GISGRID_PUBLIC_URL=https://{first}:{settings.port}")
    port = next(port for port in INSTALL_PORTS if port != settings.port)
    typer.echo(
        f"  export GISGRID_INSTALL_PORT={port}  # 手机打不开带警告的 https 页面时用;此端口不加密,只有安装页 / "
        "for phones that do not go past the warning; unencrypted, the install page alone"
    )
