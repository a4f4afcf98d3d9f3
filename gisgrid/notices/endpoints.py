"""Endpoints: added and retired by whoever runs the service, on the command line alone, so that no page can name one."""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR, record
from gisgrid.errors import Conflict, NotFound, Refused
from gisgrid.mailboxes import is_mailbox
from gisgrid.notices.letters import PLACES, is_json_template
from gisgrid.notices.outbox import TOPICS
from gisgrid.notices.tables import Channel, Endpoint, Template
from gisgrid.parse import CONTROL
from gisgrid.settings import Settings

PHONE: Final = re.compile(r"\+?[0-9]{3,20}")


class BadEndpoint(Refused):
    """An endpoint that is not as one must be."""


class MailOff(Refused):
    """No server for mails is set up."""


class EndpointNameTaken(Conflict):
    """Another endpoint in use has that name."""


class NoSuchEndpoint(NotFound):
    """No endpoint in use has that name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An endpoint as somebody wants it: `address` is a mailbox, or an address of http. No topics are all."""

    name: str
    address: str
    template: Template = "plain"
    topics: Sequence[str] = ()
    cell_code: str | None = None
    phones: Sequence[str] = ()
    body: str = ""

    @property
    def channel(self) -> Channel:
        """How it is reached."""
        return "webhook" if "://" in self.address else "mail"


def add_endpoint(session: Session, settings: Settings, wish: Wish) -> Endpoint:
    """Add an endpoint, with a new secret if it is one of http. Raises BadEndpoint, MailOff, EndpointNameTaken."""
    _require_sound(wish)
    if wish.channel == "mail" and settings.mail_server is None:
        raise MailOff(
            "没有配置发信服务器,邮件不会发出;请先设 GISGRID_SMTP_URL 和 GISGRID_MAIL_FROM",
            "no server for mails is set up, so none would go out: set GISGRID_SMTP_URL and GISGRID_MAIL_FROM first",
        )
    if _called(session, wish.name) is not None:
        raise EndpointNameTaken(
            "已有同名的接收端;请换一个名称,或先停用原来的",
            "there is an endpoint of that name: take another, or retire it",
        )
    made = Endpoint(
        name=wish.name,
        channel=wish.channel,
        address=wish.address,
        secret=secrets.token_urlsafe(32) if wish.channel == "webhook" else "",
        template=wish.template,
        body=wish.body,
        phones=list(wish.phones),
        topics=list(wish.topics or TOPICS),
        cell_code=wish.cell_code,
        created_at=datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    told = {"channel": made.channel, "template": made.template, "topics": made.topics, "cell": made.cell_code}
    record(session, OPERATOR, "endpoint.added", ("endpoint", made.id), **told)
    return made


def retire_endpoint(session: Session, name: str) -> Endpoint:
    """Retire an endpoint: it hears of nothing more, and what still waits for it is given up. Raises NoSuchEndpoint."""
    endpoint = endpoint_called(session, name)
    endpoint.retired_at = datetime.now(UTC)
    session.flush()
    record(session, OPERATOR, "endpoint.retired", ("endpoint", endpoint.id))
    return endpoint


def endpoint_called(session: Session, name: str) -> Endpoint:
    """Return the endpoint in use that has a name. Raises NoSuchEndpoint."""
    found = _called(session, name)
    if found is None:
        raise NoSuchEndpoint(
            "没有这个名称的接收端;列出全部:gisgrid notices endpoint list",
            "no endpoint has that name; list them: gisgrid notices endpoint list",
        )
    return found


def _called(session: Session, name: str) -> Endpoint | None:
    return session.scalar(select(Endpoint).where(Endpoint.name == name, Endpoint.retired_at.is_(None)))


def endpoints(session: Session) -> Sequence[Endpoint]:
    """Return the endpoints in use, by their names."""
    return session.scalars(select(Endpoint).where(Endpoint.retired_at.is_(None)).order_by(Endpoint.name)).all()


def where_to(endpoint: Endpoint) -> str:
    """Return where an endpoint is, without the keys that an address may hold."""
    if endpoint.channel == "mail":
        return endpoint.address
    parts = urlsplit(endpoint.address)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}/…"


# --- as one must be --------------------------------------------------------------------------------


def _require_sound(wish: Wish) -> None:
    if not 1 <= len(wish.name.strip()) <= 100 or CONTROL.search(wish.name):
        raise BadEndpoint("请给接收端一个名称,一行,100 字以内", "give the endpoint a name, a line of 100 characters")
    unknown = sorted(set(wish.topics) - set(TOPICS))
    if unknown:
        raise BadEndpoint(
            f"没有这类通知;有:{'、'.join(TOPICS)}", f"there is no such topic; there are: {', '.join(TOPICS)}"
        )
    if wish.channel == "mail":
        _require_mailbox(wish)
    elif not _is_address(wish.address):
        raise BadEndpoint(
            "地址应为 https://主机名/…,不带用户名和口令;同一台机器或内网可用 http://",
            "the address must be https://name/…, without user and password; within one's own network http:// will do",
        )
    _require_gateway(wish)


def _require_mailbox(wish: Wish) -> None:
    if not is_mailbox(wish.address):
        raise BadEndpoint(
            "地址应为 https://…,或邮箱,例如 grid@example.cn",
            "the address must be https://…, or a mailbox such as grid@example.cn",
        )
    if wish.template != "plain":
        raise BadEndpoint("这个模板只用于 http 地址", "this template is for addresses of http")


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port  # which is read here, and wrong perhaps
    except ValueError:
        return False
    is_clean = address.isascii() and not CONTROL.search(address) and " " not in address
    return is_clean and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None


def _require_gateway(wish: Wish) -> None:
    """Check what is for a gateway of text messages: telephones, and a body with places for both."""
    if wish.template != "sms":
        if wish.phones or wish.body:
            raise BadEndpoint("手机号和正文模板只用于短信(sms)", "telephones and a body are for the template sms alone")
        return
    if not wish.phones or not all(PHONE.fullmatch(phone) for phone in wish.phones):
        raise BadEndpoint("短信需要手机号,只写数字", "text messages need telephones, in digits")
    if set(PLACES.findall(wish.body)) != {"phone", "words"} or not _is_body(wish.body):
        raise BadEndpoint(
            '短信正文模板应为 JSON 或表单,含 {phone} 和 {words},例如 {"mobile":"{phone}","content":"{words}"}',
            'the body for the gateway must be JSON or a form with {phone} and {words}, such as {"mobile":"{phone}",'
            '"content":"{words}"}',
        )


def _is_body(body: str) -> bool:
    if not is_json_template(body):
        return body.isascii() and not CONTROL.search(body)
    try:
        json.loads(PLACES.sub("0", body))
    except ValueError:
        return False
    return True
