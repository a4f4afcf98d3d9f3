"""The doors of the service: which requests come through to the application at all, by their name or their path."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gisgrid.problems import problem
from gisgrid.tls.names import in_address

OWN_NAMES: Final = r"(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?"
INSTALL_PATHS: Final = re.compile(r"/install(/[a-z.]+)?|/language|/favicon\.ico|/static/[\w./-]+")
"""The page, what it is made of, and the choice of its language."""


class OwnNames:
    """Answers only whoever asks for the service by its own name: a page elsewhere may point another name here.

    Its names are that of `public_url` and, at the same port, those of its certificate.
    """

    def __init__(self, app: ASGIApp, public_url: str, names: Iterable[str] = ()) -> None:
        self.app = app
        public = urlsplit(public_url)
        port = f":{public.port}" if public.port else ""
        own = [public.netloc, *(in_address(name) + port for name in names)] if public.netloc else []
        self.names = re.compile("|".join([OWN_NAMES, *map(re.escape, own)]), re.IGNORECASE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app = self.app
        if scope["type"] in ("http", "websocket") and not self.names.fullmatch(Headers(scope=scope).get("host", "")):
            words = "请求的主机名不是本服务的地址 / that is not a name of this service"
            app = problem(HTTPStatus.BAD_REQUEST, "InvalidHost", words)
        await app(scope, receive, send)


class InstallDoor:
    """A door without encryption, which leads to the page for installing the authority and nowhere else.

    A phone that does not trust the certificate yet may not get past its warning: some browsers have no way past it,
    some save no file from behind it. No credentials are taken here, as on any plain connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        app = self.app
        if scope["type"] == "http" and scope["path"] == "/":  # what somebody types who has no code to scan
            scope = {**scope, "path": "/install", "raw_path": b"/install"}
        elif scope["type"] != "http" or not INSTALL_PATHS.fullmatch(scope["path"]):
            words = "这里只有证书安装页 /install / there is nothing here but the page for certificates: /install"
            app = problem(HTTPStatus.NOT_FOUND, "NotFound", words)
        await app(scope, receive, send)


class DoorFirst:
    """Leads what is sent below a prefix to a door of its own, past all that only routes need; the rest goes on."""

    def __init__(self, app: ASGIApp, prefix: str, door: ASGIApp) -> None:
        self.app = app
        self.prefix = prefix
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        is_for_door = scope["type"] == "http" and (path == self.prefix or path.startswith(f"{self.prefix}/"))
        await (self.door if is_for_door else self.app)(scope, receive, send)
