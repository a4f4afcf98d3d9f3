"""What a notice looks like on its way: JSON for programs, a group robot of 企业微信, an SMS gateway, a mail. Pure.

Who gets it is found elsewhere; what it may hold is said in `outbox`.
"""

import hmac
import json
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus

WECOM_BYTES: Final = 4096
"""What a group robot takes, in UTF-8: https://developer.work.weixin.qq.com/document/path/91770."""
PLACES: Final = re.compile(r"\{(phone|words)\}")
MARKED: Final = str.maketrans("[]<>*`#_", "［］＜＞＊｀＃＿")
"""Marks of markdown, which would make links and mentions of what somebody typed."""


class Letter(NamedTuple):
    """A notice as it is sent; `ref` is the same at each repeat, `link` is whole, or ""."""

    ref: str
    topic: str
    subject_zh: str
    words_zh: str
    subject_en: str
    words_en: str
    link: str
    about: tuple[str, int] | None
    made_at: datetime


class Body(NamedTuple):
    """The body of a request, and its media type."""

    content: bytes
    kind: str = "application/json"


def plain(letter: Letter) -> Body:
    """Return a notice for programs."""
    about = None if letter.about is None else {"kind": letter.about[0], "id": letter.about[1]}
    return _json(
        {
            "id": letter.ref,
            "topic": letter.topic,
            "subject": {"zh": letter.subject_zh, "en": letter.subject_en},
            "words": {"zh": letter.words_zh, "en": letter.words_en},
            "link": letter.link or None,
            "about": about,
            "made_at": letter.made_at.isoformat(),
        }
    )


def wecom(letter: Letter) -> Body:
    """Return a notice for a group robot of 企业微信. What is too long is cut; the link stays."""
    parts = (letter.subject_zh, letter.words_zh, letter.subject_en, letter.words_en)
    first, *others = (part.translate(MARKED) for part in parts if part)
    link = f"\n[打开 / open]({letter.link})" if letter.link else ""
    words = _cut("\n".join([f"**{first}**", *others]), WECOM_BYTES - len(link.encode()))
    return _json({"msgtype": "markdown", "markdown": {"content": words + link}})


def _cut(words: str, most: int) -> str:
    """Return words of at most so many bytes in UTF-8, with a mark where something is left out."""
    whole = words.encode()
    if len(whole) <= most:
        return words
    return whole[: most - len("…".encode())].decode(errors="ignore") + "…"


def sms(letter: Letter, body: str, phone: str) -> Body:
    """Return what a gateway is sent for one telephone: `body`, JSON or a form, with {phone} and {words} filled in.

    In Chinese alone: such a gateway counts every character.
    """
    words = " ".join(filter(None, (letter.subject_zh, letter.words_zh, letter.link)))
    is_json = is_json_template(body)
    values = {"phone": phone, "words": words}

    def filled(found: re.Match[str]) -> str:
        value = values[found[1]]
        return json.dumps(value, ensure_ascii=False)[1:-1] if is_json else quote_plus(value)

    content = PLACES.sub(filled, body).encode()
    return Body(content) if is_json else Body(content, "application/x-www-form-urlencoded")


def is_json_template(body: str) -> bool:
    """Tell whether what a gateway is sent is JSON; else it is a form."""
    return body.lstrip().startswith(("{", "["))


def _json(content: dict[str, Any]) -> Body:
    return Body(json.dumps(content, ensure_ascii=False).encode())


def signature(secret: str, timestamp: str, content: bytes) -> str:
    """Return the signature of a body: HMAC with SHA-256 over the time, a full stop and the body."""
    return "sha256=" + hmac.digest(secret.encode(), f"{timestamp}.".encode() + content, "sha256").hex()


def mail(letter: Letter, sender: str, to: str) -> EmailMessage:
    """Return a notice as a mail, which has the same id at each repeat."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = f"{letter.subject_zh} / {letter.subject_en}"
    made["From"], made["To"] = sender, to
    made["Date"] = format_datetime(letter.made_at)
    made["Message-ID"] = f"<{letter.ref}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    words = "\n\n".join(filter(None, (letter.words_zh, letter.words_en, letter.link)))
    made.set_content(words + "\n", cte="base64")
    return made
