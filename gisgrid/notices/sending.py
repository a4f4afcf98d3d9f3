"""Sending one letter: to an address of http, which is signed and leads nowhere else, or to a mailbox."""

import json
import smtplib
import ssl
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpx

from gisgrid.errors import Unavailable
from gisgrid.mailboxes import MailServer
from gisgrid.notices.letters import Body, Letter, mail, plain, signature, sms, wecom
from gisgrid.notices.tables import Endpoint
from gisgrid.settings import Settings

PATIENCE_S: Final = 10
MAX_BYTES: Final = 64_000
"""What is read of an answer."""


class NotSent(Unavailable):
    """A letter did not arrive, as far as one can tell; it is tried again later. Says nothing of the address."""


def not_sent(why: str) -> NotSent:
    """Say that a letter did not arrive; what hindered it is told in the words of the protocol."""
    return NotSent(f"未送达:{why}", f"not delivered: {why}")


def send(settings: Settings, letter: Letter, channel: str, address: str, endpoint: Endpoint | None) -> None:
    """Send a letter. Raises NotSent."""
    if channel == "mail":
        post(settings, mail(letter, settings.mail_from, address))
    elif endpoint is None:
        _send_http(letter, address, "", plain(letter))
    elif endpoint.template == "wecom":
        _heed(_send_http(letter, address, endpoint.secret, wecom(letter)))
    elif endpoint.template == "sms":
        _send_http(letter, endpoint.address, endpoint.secret, sms(letter, endpoint.body, address))
    else:
        _send_http(letter, address, endpoint.secret, plain(letter))


# --- by http ---------------------------------------------------------------------------------------


@cache
def _authorities() -> SSLContext:
    """Return whose certificates are good: the usual ones, or those of SSL_CERT_FILE. Reading them takes a while."""
    return httpx.create_ssl_context()


def _send_http(letter: Letter, address: str, secret: str, body: Body) -> bytes:
    """Post a body; return what is answered."""
    timestamp = str(int(datetime.now(UTC).timestamp()))
    headers = {
        "Content-Type": f"{body.kind}; charset=utf-8",
        "Accept-Encoding": "identity",
        "User-Agent": "gisgrid",
        "X-Gisgrid-Delivery": letter.ref,
        "X-Gisgrid-Timestamp": timestamp,
    }
    if secret:
        headers["X-Gisgrid-Signature"] = signature(secret, timestamp, body.content)
    try:
        return _answer(address, headers, body.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        raise not_sent(type(error).__name__) from error


def _answer(address: str, headers: dict[str, str], content: bytes) -> bytes:
    begun, answered = time.monotonic(), bytearray()
    how: dict[str, Any] = {"timeout": PATIENCE_S, "verify": _authorities(), "follow_redirects": False}
    with httpx.stream("POST", address, headers=headers, content=content, **how) as answer:
        if not answer.is_success:
            raise not_sent(f"HTTP {answer.status_code}")
        for part in answer.iter_bytes():
            answered += part
            if len(answered) > MAX_BYTES or time.monotonic() - begun > PATIENCE_S:
                break  # it has been taken; what else is said is of no interest
    return bytes(answered)


def _heed(answered: bytes) -> None:
    """Check what a group robot says, which is 200 even where it takes nothing. Raises NotSent."""
    try:
        said = json.loads(answered)
    except ValueError as error:
        raise not_sent("no JSON") from error
    code = said.get("errcode") if isinstance(said, dict) else None
    if code != 0:
        raise not_sent(f"errcode {code if isinstance(code, int) else '?'}")


# --- by mail ---------------------------------------------------------------------------------------


def post(settings: Settings, message: EmailMessage) -> None:
    """Hand a mail to the server of the settings. Raises NotSent."""
    server = settings.mail_server
    if server is None:
        raise not_sent("GISGRID_SMTP_URL")
    try:
        with _connection(server, settings.mail_from) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise not_sent(f"SMTP {error.smtp_code}") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise not_sent(f"SMTP {next(iter(error.recipients.values()))[0]}") from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise not_sent(type(error).__name__) from error


def _connection(server: MailServer, sender: str) -> smtplib.SMTP:
    how: dict[str, Any] = {"timeout": PATIENCE_S, "local_hostname": sender.rpartition("@")[2]}
    if server.security == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, context=ssl.create_default_context(), **how)
    connection = smtplib.SMTP(server.host, server.port, **how)
    if server.security == "smtp+starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection
