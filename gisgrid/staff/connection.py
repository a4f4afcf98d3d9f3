"""What a browser's connection tells: whether words are safe on it, from where it comes, and which cookies it holds."""

import ipaddress
import re
from typing import Final, Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

from gisgrid.errors import Forbidden
from gisgrid.staff.tokens import LIFE

Cookie = Literal["session", "browser", "device", "oidc"]

NAMES: Final[dict[Cookie, str]] = {
    "session": "gisgrid",
    "browser": "gisgrid-browser",
    "device": "gisgrid-device",
    "oidc": "gisgrid-oidc",
}

HOST: Final = re.compile(r"\[([^\]]*)\]|([^:]*)")


class PlainHttp(Forbidden):
    """Credentials on a connection that anybody on the way can read."""


def is_private(connection: HTTPConnection) -> bool:
    """Tell whether nobody on the way can read along: TLS, or both ends on this machine."""
    if _is_https(connection):
        return True
    return is_loopback(peer(connection)) and is_loopback(_asked_for(connection))


def _is_https(connection: HTTPConnection) -> bool:
    return bool(connection.scope["scheme"] == "https")


def _asked_for(connection: HTTPConnection) -> str:
    """Return the name that a request asks for; whatever it is, it need not be one."""
    bracketed, plain = HOST.match(connection.headers.get("host", "")).groups()  # type: ignore[union-attr]
    return bracketed or plain or ""


def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own, reached from nowhere else."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_private(connection: HTTPConnection) -> None:
    """Check that credentials may be sent here. Raises PlainHttp."""
    if not is_private(connection):
        raise PlainHttp(
            "此连接未加密,口令和令牌会被旁人读到,因此不能登录;请用 https:// 地址,"
            "或请管理员用 gisgrid tls init 建立证书,或配置 GISGRID_TLS_CERT 或反向代理",
            "this connection is not encrypted: anybody on the way could read passwords and tokens, so there is no "
            "sign-in here; use the https:// address, or have one set up: by gisgrid tls init, GISGRID_TLS_CERT or a "
            "reverse proxy",
        )


def peer(connection: HTTPConnection) -> str:
    """Return the address from which a request comes: the browser's, as far as a trusted proxy tells it."""
    return connection.client.host if connection.client else ""


def cookie(connection: HTTPConnection, name: Cookie) -> str | None:
    """Return what a cookie of ours holds. On TLS only one that no other host and no plain page can have set."""
    return connection.cookies.get(_named(connection, name))


def set_cookie(connection: HTTPConnection, answer: Response, name: Cookie, words: str, *, seconds: int = 0) -> None:
    """Give a browser a cookie that scripts cannot read and other sites do not send; it lives as its token does."""
    life = seconds or int(LIFE[name].total_seconds())
    is_secure = _is_https(connection)
    answer.set_cookie(_named(connection, name), words, life, path="/", secure=is_secure, httponly=True, samesite="lax")


def drop_cookie(connection: HTTPConnection, answer: Response, name: Cookie) -> None:
    """Take a cookie away."""
    is_secure = _is_https(connection)
    answer.delete_cookie(_named(connection, name), path="/", secure=is_secure, httponly=True, samesite="lax")


def _named(connection: HTTPConnection, name: Cookie) -> str:
    return f"__Host-{NAMES[name]}" if _is_https(connection) else NAMES[name]
