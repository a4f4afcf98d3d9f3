"""Which language a page is in: what the reader chose, else what the browser asks for, else Chinese."""

import re
from collections.abc import Callable
from typing import Final, Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

Language = Literal["zh-CN", "en"]
Say = Callable[[str, str], str]

HALF_WIDTH: Final = re.compile("(?<=[一-鿿…》”）])[,;:?!]|[,;:?!](?=[一-鿿《“（])")
FULL_WIDTH: Final = str.maketrans(",;:?!", "，；：？！")
FIRST_WORD: Final = re.compile(r"(?!gisgrid\b)[a-z](?=[a-z']*(?:[\s,;:-]|$))")

COOKIE: Final = "gisgrid-language"
"""Scripts may read and set it: the viewer changes its language without asking the service."""
YEAR_S: Final = 365 * 24 * 3600


def language_of(connection: HTTPConnection) -> Language:
    """Return the language of whoever asks."""
    chosen = connection.cookies.get(COOKIE)
    if chosen in ("zh-CN", "en"):
        return "en" if chosen == "en" else "zh-CN"
    return _asked(connection.headers.get("accept-language", ""))


def _asked(header: str) -> Language:
    """Return the first of our languages that a browser lists; browsers list the one they like best first."""
    for listed in header.split(","):
        tag = listed.partition(";")[0].strip().lower()
        if tag == "zh" or tag.startswith("zh-"):
            return "zh-CN"
        if tag == "en" or tag.startswith("en-"):
            return "en"
    return "zh-CN"


def speaking(language: Language) -> Say:
    """Return what chooses between a text in Chinese and the same in English."""
    return (lambda zh, en: en) if language == "en" else (lambda zh, en: zh)


def full_width(zh: str) -> str:
    """Return a Chinese text with the marks that Chinese has: commands, paths and times keep theirs."""
    return HALF_WIDTH.sub(lambda mark: mark[0].translate(FULL_WIDTH), zh)


def sentence(en: str) -> str:
    """Return an English text with a capital, unless it begins with a command or a name of the program's."""
    return en[:1].upper() + en[1:] if FIRST_WORD.match(en) else en


def remember(answer: Response, language: Language) -> None:
    """Keep a choice in the browser."""
    answer.set_cookie(COOKIE, language, YEAR_S, path="/", samesite="lax")
