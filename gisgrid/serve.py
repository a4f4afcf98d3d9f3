"""Starting the service: what is not right is said in words before a single request is taken."""

import errno
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import typer
import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from gisgrid.app import create_app
from gisgrid.database import session_scope
from gisgrid.doors import InstallDoor, OwnNames
from gisgrid.errors import Forbidden, Refused, Unavailable
from gisgrid.logs import configure_logs
from gisgrid.settings import Settings
from gisgrid.staff.connection import is_loopback
from gisgrid.staff.devices import link_url
from gisgrid.staff.opening import is_demonstration, opening_link
from gisgrid.tls.files import bad
from gisgrid.tls.served import Served, install_url, warning
from gisgrid.workers import only_service, require_workers, work_together

SHUTDOWN_S = 10
QUIET: Final[dict[str, Any]] = {"log_config": None, "access_log": False, "server_header": False}
"""The log is that of gisgrid.logs, without the query."""


class NoPublicUrl(Refused):
    """A service that others can reach must know by which name they do."""


class OnlyHere(Forbidden):
    """A demonstration, whose accounts anybody may take, is for this machine only."""


class PortTaken(Unavailable):
    """Another program listens on the port."""


class Server(uvicorn.Server):
    """Tells the application that it ends before it waits for answers: a live stream has no end of its own."""

    def __init__(self, config: uvicorn.Config, ending: threading.Event) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in order."""
        self._ending.set()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGINT, SIGTERM).

    Raises NoPublicUrl, OneWorker, AnotherService, OnlyHere, PortTaken, BadCertificate, and what `create_app` raises
    when the database cannot be used.
    """
    require_name(settings)
    require_workers(settings)
    configure_logs()
    with ExitStack() as held:
        door = held.enter_context(_door(settings, settings.port))
        app = create_app(settings)
        engine: Engine = app.state.engine
        certificate: Served | None = app.state.certificate
        held.enter_context(only_service(engine))
        require_here_only(settings, engine)
        config = _config(settings, app, certificate)
        port = settings.install_port
        installing = _installing(app, held.enter_context(_door(settings, port))) if port else nullcontext()
        _warn_where_nobody_signs_in(settings)
        _warn_of_certificate(settings, certificate)
        _warn_without_cjk_font()
        _tell(settings, engine, certificate)

        def work(number: int) -> None:
            # the signal: uvicorn has stopped in order and passes it on
            with installing if number == 0 else nullcontext(), suppress(KeyboardInterrupt):
                Server(config, app.state.ending).run(sockets=[door])

        if settings.workers == 1:
            work(0)
        else:
            engine.dispose()  # connections are no two processes'
            work_together(work, settings.workers)


def _config(settings: Settings, app: ASGIApp, certificate: Served | None) -> uvicorn.Config:
    """Return how the service is served, its certificate and key read. Raises BadCertificate."""
    names = certificate.names if certificate and settings.tls_cert else ()
    config = uvicorn.Config(
        OwnNames(app, settings.public_url, names),
        **QUIET,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    try:
        config.load()
    except OSError as error:  # which errors of TLS are, too
        raise bad(settings.tls_key or settings.tls_cert or Path(), error) from error
    return config


@contextmanager
def _installing(app: ASGIApp, door: socket.socket) -> Iterator[None]:
    """Keep the door for installing the authority open, in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(InstallDoor(app), **QUIET, proxy_headers=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="install", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(SHUTDOWN_S)


def _tell(settings: Settings, engine: Engine, certificate: Served | None) -> None:
    typer.echo(
        f"网格巡查服务已启动:{settings.origin} (按 Ctrl+C 停止) / serving at {settings.origin} (Ctrl+C stops it)"
    )
    if certificate and certificate.is_local and settings.public_url:
        address = install_url(settings, certificate.names)
        typer.echo(f"手机先在这里装证书 / phones first install the certificate from: {address}")
    link = opening_link(engine)
    if link is not None:
        address = link_url(settings, link.words)
        typer.echo(f"管理员一次性登录链接 / one-time link that signs in as administrator:\n  {address}")


def require_name(settings: Settings) -> None:
    """Check that a service on anything but loopback knows its address. Raises NoPublicUrl."""
    if not (is_loopback(settings.host) or settings.public_url):
        raise NoPublicUrl(
            f"在 {settings.host} 上对外服务须写明访问地址,例如 GISGRID_PUBLIC_URL=https://grid.example:8000;"
            "登录要求 https:内网可用 gisgrid tls init 建立证书,或设 GISGRID_TLS_CERT 与 GISGRID_TLS_KEY,或用反向代理",
            f"to serve on {settings.host}, say how others reach it: GISGRID_PUBLIC_URL=https://grid.example:8000; "
            "sign-in needs https: for a closed network make a certificate by gisgrid tls init, or set "
            "GISGRID_TLS_CERT and GISGRID_TLS_KEY, or use a reverse proxy",
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


def _door(settings: Settings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        knob = "GISGRID_PORT" if port == settings.port else "GISGRID_INSTALL_PORT"
        raise PortTaken(
            f"端口 {port} 已被占用或不允许使用;请换一个端口,例如 {knob}={port + 1}",
            f"port {port} is taken or not allowed; choose another: {knob}={port + 1}",
        ) from error


def _warn_where_nobody_signs_in(settings: Settings) -> None:
    """Say before anybody tries that credentials will be refused: others would come without encryption."""
    is_encrypted = settings.origin.startswith("https:") and bool(settings.tls_cert or settings.trusted_proxies)
    if not (is_loopback(settings.host) or is_encrypted):
        typer.echo(
            f"警告:{settings.origin} 未加密,其他电脑和手机不能登录;请用 gisgrid tls init 建立证书,或设 "
            "GISGRID_TLS_CERT 与 GISGRID_TLS_KEY,或设 GISGRID_TRUSTED_PROXIES 为提供 https 的反向代理,并用 https 的 "
            f"GISGRID_PUBLIC_URL / warning: nobody can sign in from elsewhere, for {settings.origin} is not encrypted: "
            "make a certificate by gisgrid tls init, or set GISGRID_TLS_CERT and GISGRID_TLS_KEY, or "
            "GISGRID_TRUSTED_PROXIES to the proxy that speaks https, and an https GISGRID_PUBLIC_URL",
            err=True,
        )


def _warn_of_certificate(settings: Settings, certificate: Served | None) -> None:
    """Say that phones refuse the certificate, or soon will."""
    if certificate is None:
        return
    told = warning(certificate, datetime.now(UTC))
    if told:
        typer.echo(f"警告:{told[0]} / warning: {told[1]}", err=True)
    name = urlsplit(settings.public_url).hostname
    if settings.tls_cert and certificate.is_local and name not in certificate.names:
        own = ", ".join(certificate.names)
        typer.echo(
            f"警告:证书是 {own} 的,不是 {name} 的,手机会拒绝;请改 GISGRID_PUBLIC_URL,或运行 gisgrid tls renew {name} / "
            f"warning: the certificate is for {own}, not for {name}, and phones will refuse it: change "
            f"GISGRID_PUBLIC_URL, or run gisgrid tls renew {name}",
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
