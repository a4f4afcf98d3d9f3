"""Starting the service: what is not right is said in words before a single request is taken."""

import errno
import ipaddress
import re
import shutil
import socket
import subprocess
from contextlib import suppress
from http import HTTPStatus

import typer
import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gisgrid.app import create_app, problem
from gisgrid.errors import Forbidden, Unavailable
from gisgrid.logs import configure_logs
from gisgrid.settings import Settings

SHUTDOWN_S = 10
OWN_NAMES = re.compile(r"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?", re.IGNORECASE)


class NotLoopback(Forbidden):
    """Without sign-in the service is for this machine only."""


class PortTaken(Unavailable):
    """Another program listens on the port."""


class OwnNames:
    """Answers only whoever asks for this machine by loopback's names: a page elsewhere may point its own name here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app = self.app
        if scope["type"] in ("http", "websocket") and not OWN_NAMES.fullmatch(Headers(scope=scope).get("host", "")):
            words = "请求的主机名不对,请用 127.0.0.1 访问 / that is not a name of this service; ask 127.0.0.1"
            app = problem(HTTPStatus.BAD_REQUEST, "InvalidHost", words)
        await app(scope, receive, send)


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGINT, SIGTERM).

    Raises NotLoopback, PortTaken, and what `create_app` raises when the database cannot be used.
    """
    require_loopback(settings.host)
    configure_logs()
    with _door(settings) as door:
        app = create_app(settings)
        app.add_middleware(OwnNames)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # gisgrid.logs does it, without the query
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        _warn_without_cjk_font()
        address = f"http://{'[::1]' if ':' in settings.host else settings.host}:{settings.port}"
        typer.echo(f"网格巡查服务已启动:{address} (按 Ctrl+C 停止) / serving at {address} (Ctrl+C stops it)")
        with suppress(KeyboardInterrupt):  # uvicorn has stopped in order and passes the signal on
            uvicorn.Server(config).run(sockets=[door])


def require_loopback(host: str) -> None:
    """Check that an address is this machine's own. Raises NotLoopback."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise NotLoopback(
            f"尚无登录功能,只能在本机地址(127.0.0.1)上提供服务,不能用 {host}",
            f"there is no sign-in yet, so the service is for this machine only (127.0.0.1), not for {host}",
        )


def _door(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTaken(
            f"端口 {settings.port} 已被占用或不允许使用;请换一个端口,例如 GISGRID_PORT={settings.port + 1}",
            f"port {settings.port} is taken or not allowed; choose another: GISGRID_PORT={settings.port + 1}",
        ) from error


def _warn_without_cjk_font() -> None:
    lister = shutil.which("fc-list")
    if lister is None:
        return
    listed = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False)  # noqa: S603
    if listed.returncode == 0 and not listed.stdout.strip():
        typer.echo(
            "警告:系统没有中文字体,导出的文档将无法显示中文;请安装 apt install fonts-noto-cjk / "
            "warning: no Chinese font here, so documents cannot show Chinese: apt install fonts-noto-cjk",
            err=True,
        )
