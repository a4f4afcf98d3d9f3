"""Mailboxes, and the server to which mails are handed, as they are written in settings. Pure."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

MAILBOX: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,250}")
MAIL_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailServer(NamedTuple):
    """Whom mails are handed to; `security` is a key of MAIL_PORTS, `user` "" where no sign-in is asked for."""

    security: str
    host: str
    port: int
    user: str
    password: str


def is_mailbox(address: str) -> bool:
    """Tell whether an address is that of a mailbox, alone and without a name before it."""
    return MAILBOX.fullmatch(address) is not None and address.isascii()


def read_mail_server(url: str) -> MailServer | None:
    """Return the server of an address such as smtps://user:password@host:port, None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or MAIL_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in MAIL_PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        return None
    user, password = (unquote(part or "") for part in (parts.username, parts.password))
    return MailServer(parts.scheme, parts.hostname, port, user, password)
