"""The notice as pages show it: its Markdown taken apart, so that nothing in it becomes markup of ours."""

import re
from typing import Final, NamedTuple

from gisgrid.patrols.duty.notice import Notice

ITEM: Final = re.compile(r"- (?:\*\*(?P<term>[^*]+)\*\*)?(?P<text>.*)", re.DOTALL)


class Article(NamedTuple):
    """A paragraph of the notice: its first words, which stand out, and the rest."""

    term: str
    text: str


def articles(stands: Notice) -> dict[str, list[Article]]:
    """Return the notice, paragraph by paragraph, by language; the first is its title."""
    return {"zh-CN": _articles(stands.zh, ""), "en": _articles(stands.en, " ")}


def _articles(text: str, between: str) -> list[Article]:
    title, *items = re.split(r"\n(?=- )", text.strip())
    found = [ITEM.fullmatch(between.join(line.strip() for line in item.splitlines())) for item in items]
    return [
        Article(title.strip("*\n "), ""),
        *(Article(each["term"] or "", each["text"].strip()) for each in found if each),
    ]
