"""Starting the service: what is not right is said in words before a single request is taken."""

import errno
import re
import shutil
import socket
import subprocess
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

import typer
import uvicorn
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.errors import Forbidden, Refused, Unavailable
from gisgrid.logs import configure_logs
from gisgrid.problems import problem
from gisgrid.settings import Settings
from gisgrid.staff.connection import is_loopback
from gisgrid.staff.devices import link_url
from gisgrid.staff.opening import is_demonstration, opening_link

SHUTDOWN_S = 10
OWN_NAMES = r"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?"


class NoPublicUrl(Refused):
    """A service that others can reach must know by which name they do."""


class OnlyHere(Forbidden):
    """A demonstration, whose accounts anybody may take, is for this machine only."""


class PortTaken(Unavailable):
    """Another program listens on the port."""


class OwnNames:
    """Answers only whoever asks for the service by its own name: a page elsewhere may point another name here."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        public = urlsplit(public_url).netloc
        names = [OWN_NAMES, re.escape(public)] if public else [OWN_NAMES]
        self.names = re.compile("|".join(names), re.IGNORECASE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app = self.app
        if scope["type"] in ("http", "websocket") and not self.names.fullmatch(Headers(scope=scope).get("host", "")):
            words = "请求的主机名不是本服务的地址 / that is not a name of this service"
            app = problem(HTTPStatus.BAD_REQUEST, "InvalidHost", words)
        await app(scope, receive, send)


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGINT, SIGTERM).

    Raises NoPublicUrl, OnlyHere, PortTaken, and what `create_app` raises when the database cannot be used.
    """
    require_name(settings)
    configure_logs()
    with _door(settings) as door:
        app = create_app(settings)
        engine: Engine = app.state.engine
        require_here_only(settings, engine)
        app.add_middleware(OwnNames, public_url=settings.public_url)
        _warn_where_nobody_signs_in(settings)
        _warn_without_cjk_font()
        _tell(settings, engine)
        with suppress(KeyboardInterrupt):  # uvicorn has stopped in order and passes the signal on
            uvicorn.Server(_config(settings, app)).run(sockets=[door])


def _config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # gisgrid.logs does it, without the query
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )


def _tell(settings: Settings, engine: Engine) -> None:
    typer.echo(
        f"网格巡查服务已启动:{settings.origin} (按 Ctrl+C 停止) / serving at {settings.origin} (Ctrl+C stops it)"
    )
    link = opening_link(engine)
    if link is not None:
        address = link_url(settings, link.words)
        typer.echo(f"管理员一次性登录链接 / one-time link that signs in as administrator:\n  {address}")


def require_name(settings: Settings) -> None:
    """Check that a service on anything but loopback knows its address. Raises NoPublicUrl."""
    if not (is_loopback(settings.host) or settings.public_url):
        raise NoPublicUrl(
            f"在 {settings.host} 上对外服务须写明访问地址,例如 GISGRID_PUBLIC_URL=https://grid.example:8000;"
            "登录要求 https:设 GISGRID_TLS_CERT 与 GISGRID_TLS_KEY,或用反向代理",
            f"to serve on {settings.host}, say how others reach it: GISGRID_PUBLIC_URL=https://grid.example:8000; "
            "sign-in needs https: set GISGRID_TLS_CERT and GISGRID_TLS_KEY, or use a reverse proxy",
        )


def require_here_only(settings: Settings, engine: Engine) -> None:
    """Check that a demonstration is on loopback and has no name elsewhere. Raises OnlyHere."""
    with session_scope(engine) as session:
        is_for_all = is_demonstration(session)
    if is_for_all and not (is_loopback(settings.host) and not settings.public_url):
        raise OnlyHere(
            "演示系统的账号人人可用,只能在本机(127.0.0.1)上开放;正式使用请另建数据库:gisgrid init(不带 --sample)",
            "anybody may take the accounts of a demonstration, so it is for this machine only (127.0.0.1); for real "
            "use make another database: gisgrid init, without --sample",
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


def _warn_where_nobody_signs_in(settings: Settings) -> None:
    """Say before anybody tries that credentials will be refused: others would come without encryption."""
    is_encrypted = settings.origin.startswith("https:") and bool(settings.tls_cert or settings.trusted_proxies)
    if not (is_loopback(settings.host) or is_encrypted):
        typer.echo(
            f"警告:{settings.origin} 未加密,其他电脑和手机不能登录;请设 GISGRID_TLS_CERT 与 GISGRID_TLS_KEY,或设 "
            "GISGRID_TRUSTED_PROXIES 为提供 https 的反向代理,并用 https 的 GISGRID_PUBLIC_URL / "
            f"warning: nobody can sign in from elsewhere, for {settings.origin} is not encrypted: set GISGRID_TLS_CERT "
            "and GISGRID_TLS_KEY, or GISGRID_TRUSTED_PROXIES to the proxy that speaks https, and an https "
            "GISGRID_PUBLIC_URL",
            err=True,
        )


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
