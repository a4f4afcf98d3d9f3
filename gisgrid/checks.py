"""What a setting may say, each value by itself: addresses, servers, times. Every check returns the value, or raises a
complaint in both languages. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from gisgrid.mailboxes import read_mail_server
from gisgrid.parse import CONTROL, read_hours
from gisgrid.words import told

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
ORIGIN: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?")
TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def own_address(value: str) -> str:
    """Check an address under which the service is reached, "" for none."""
    if value and not ORIGIN.fullmatch(value):
        raise told(
            "应为 https://主机名,可带端口,不带路径;例如 https://grid.example.cn",
            "must be https://name, with a port perhaps and without a path; for example https://grid.example.cn",
        )
    return value


def issuer(value: str) -> str:
    """Check the address of an OpenID provider, "" for none."""
    if value and (not is_private_address(value) or "?" in value or "#" in value):
        raise told(
            "应为统一身份认证(OpenID)的 https:// 地址,不带 ? 和 #;本机可用 http://127.0.0.1",
            "must be the https:// address of a provider, without ? and #; on this machine http://127.0.0.1 will do",
        )
    return value


def is_private_address(address: str) -> bool:
    """Tell whether nobody on the way to an address can read along: TLS, or this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def mail_url(value: SecretStr) -> SecretStr:
    """Check the server that sends mails, "" for none."""
    url = value.get_secret_value()
    server = read_mail_server(url) if url else None
    if url and server is None:
        raise told(
            "应为 smtps://用户:口令@主机:端口、smtp+starttls://… 或 smtp://主机:端口",
            "must be smtps://user:password@host:port, smtp+starttls://… or smtp://host:port",
        )
    if server is not None and server.user and server.security == "smtp" and server.host not in LOOPBACK:
        raise told(
            "口令不能不加密地发送;请用 smtps:// 或 smtp+starttls://",
            "would send the password unencrypted; use smtps:// or smtp+starttls://",
        )
    return value


def time_of_day(value: str) -> str:
    """Check a time of the clock."""
    if not TIME_OF_DAY.fullmatch(value):
        raise told("应为钟点;例如 08:00", "must be a time of the clock, such as 08:00")
    return value


def zone_name(value: str) -> str:
    """Check the name of a time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise told("没有这个时区;例如 Asia/Shanghai", "is no time zone; for example Asia/Shanghai") from error
    return value


def hours_of_work(value: str) -> str:
    """Check the hours of a working day."""
    try:
        read_hours(value)
    except ValueError as error:
        raise told(
            "应为先后相接、互不重叠的时段;例如 08:00-12:00,14:00-18:00",
            "must be hours one after another, such as 08:00-12:00,14:00-18:00",
        ) from error
    return value


def line(value: str) -> str:
    """Check a text that is shown to people as one line; what surrounds it is left out."""
    if CONTROL.search(value):
        raise told("应为一行文字,不含换行等控制字符", "must be one line of text, without control characters")
    return value.strip()
