"""Forms: which page of ours they come from, what their fields may hold, and where a browser goes afterwards."""

import hmac
import re
from typing import Annotated, Final

from fastapi import Depends, Form, Path
from pydantic import AfterValidator

from gisgrid.audit.record import Actor
from gisgrid.errors import Forbidden, Refused
from gisgrid.parse import CONTROL
from gisgrid.staff.caller import Asker, Caller
from gisgrid.words import told

LOCAL: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\uffff]*")
"""An address of this service alone: no scheme, no host, nothing that a browser turns into a slash or leaves out."""


class StaleForm(Forbidden):
    """A form that is not from a page of the session that sends it."""


class NoWords(Refused):
    """Something that has to be said in words comes without, or with marks that nobody sees."""


def _line(value: str) -> str:
    if CONTROL.search(value):
        raise told("不能含换行等控制字符", "must not hold control characters")
    return value.strip()


Line = Annotated[str, Form(max_length=200), AfterValidator(_line)]
"""A line of text, perhaps empty."""
Words = Annotated[str, Form(max_length=1000)]
"""A secret, taken as it is typed."""
Prose = Annotated[str, Form(max_length=2000)]
"""Some sentences: twice as long as their field lets them be, since a browser sends two characters for a new line."""
RowId = Annotated[int, Path(ge=1, le=2**53)]


def in_words(prose: str, zh: str, en: str) -> str:
    """Return sentences with single spaces for all breaks. Raises NoWords, which says what is missing."""
    plain = " ".join(prose.split())
    if not plain or not plain.isprintable():
        raise NoWords(zh, en)
    return plain


def require_own_form(caller: Caller, form_token: str) -> None:
    """Check that a form was made for the session, or the device, that sends it. Raises StaleForm."""
    made_for, sent = (words.encode("utf-8", "surrogatepass") for words in (caller.form_token, form_token))
    if not made_for or not hmac.compare_digest(made_for, sent):
        raise StaleForm(
            "页面已过期,请返回并刷新后再提交", "the page is out of date: go back, reload it and send it again"
        )


def _sender(caller: Asker, form_token: Annotated[str, Form(max_length=100)] = "") -> Caller:
    require_own_form(caller, form_token)
    return caller


Sender = Annotated[Caller, Depends(_sender)]
"""Who sends a form, which was made for their session."""


def actor_of(caller: Caller) -> Actor:
    """Return a person as the audit knows them."""
    return Actor("person", caller.person)


def local(place: str) -> str:
    """Return an address if it is one of this service, so that no link leads through us to somewhere else; else ""."""
    return place if LOCAL.fullmatch(place) else ""
