"""The manual over HTTP: the README as it came with the program, on a page that needs no other host.

Open to all: it says nothing of anybody, and whoever begins with an empty installation has no other copy at hand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, metadata
from itertools import pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from gisgrid import __version__
from gisgrid.pages.called import Both
from gisgrid.pages.frame import PAGES, page
from gisgrid.pages.language import full_width

router = APIRouter(tags=["pages"], responses=PAGES)

READER: Final = MarkdownIt("commonmark", {"html": False}).enable("table")
"""Markup in the text stays text."""
BROKEN: Final = re.compile(r"(?<=[一-鿿、。…》”），；：,;:]) *\n(?=[一-鿿《“（])")
"""Where a line ends between Chinese words, which have no space between them."""
WORDS: Final = ("text", "code_inline")
UNNAMED: Final = re.compile(r"[^\w -]")
"""What stands in no name of a heading, as on GitHub: the links of the text lead to the same places there and here."""


class Heading(NamedTuple):
    """A heading of the text: where links lead to, its rank (2 is the highest), and its words in each language."""

    name: str
    rank: int
    words: Both


class Manual(NamedTuple):
    """The text as markup of ours, and its headings in order."""

    markup: Markup
    headings: tuple[Heading, ...]


@router.get("/manual", response_class=HTMLResponse)
def get_manual(request: Request) -> HTMLResponse:
    """Show the manual, or say that the program came without one."""
    return page(request, "manual.html", manual=manual_of(shipped()), version=__version__)


def shipped() -> str:
    """Return the text that was installed with the program; empty if there is none."""
    try:
        return "".join(metadata("gisgrid").get_all("Description") or [])
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def manual_of(text: str) -> Manual:
    """Read a text in Markdown: without its title, which the page has, and without pictures, which are not served."""
    tokens = list(_without_title(READER.parse(text)))
    headings = tuple(_name_headings(tokens))
    names = {heading.name for heading in headings}
    for token in tokens:
        token.children = list(_fit(token.children, names)) if token.children else token.children
        if "style" in token.attrs:  # how a column is aligned, which the policy for pages forbids
            token.attrs = {"class": str(token.attrs["style"]).removeprefix("text-align:")}
    filled = _without_blanks(SyntaxTreeNode(tokens)).to_tokens()
    return Manual(Markup(READER.renderer.render(filled, READER.options, {})), headings)  # noqa: S704 - html is off


def _without_title(tokens: Iterable[Token]) -> Iterator[Token]:
    is_title = False
    for token in tokens:
        is_title = is_title or (token.type, token.tag) == ("heading_open", "h1")
        if not is_title:
            yield token
        is_title = is_title and token.type != "heading_close"


def _name_headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give each heading an id, no two the same. Both languages stand in a heading, `中文 / English`."""
    taken: set[str] = set()
    for opening, inside in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        title = "".join(child.content for child in inside.children or [] if child.type in WORDS)
        name = _free(UNNAMED.sub("", title.lower()).replace(" ", "-"), taken)
        taken.add(name)
        opening.attrSet("id", name)
        zh, _, en = title.partition(" / ")
        yield Heading(name, int(opening.tag[1:]), Both(zh, en or zh))


def _free(name: str, taken: set[str]) -> str:
    number = 0
    while (found := f"{name}-{number}" if number else name) in taken:
        number += 1
    return found


def _fit(children: Iterable[Token], names: set[str]) -> Iterator[Token]:
    """Yield what stands in a line: links only where they lead to a heading, no pictures, Chinese marks in Chinese."""
    is_kept = False
    for child in children:
        if child.type == "link_open":
            place = unquote(str(child.attrs["href"]))
            is_kept = place.startswith("#") and place[1:] in names
        if child.type == "image" or (child.type in ("link_open", "link_close") and not is_kept):
            continue
        if child.type == "text":
            child.content = full_width(child.content)
        yield child


def _without_blanks(node: SyntaxTreeNode) -> SyntaxTreeNode:
    """Take out what is empty without pictures: paragraphs, rows, tables without rows. An empty cell heads nothing."""
    if node.type == "th" and not _has_words(node) and node.nester_tokens:
        node.nester_tokens.opening.tag = node.nester_tokens.closing.tag = "td"
    node.children = [_without_blanks(child) for child in node.children if not _is_blank(child)]
    return node


def _is_blank(node: SyntaxTreeNode) -> bool:
    if node.type == "table":
        return all(_is_blank(row) for row in node.children[-1].children)
    return node.type in ("paragraph", "tr") and not _has_words(node)


def _has_words(node: SyntaxTreeNode) -> bool:
    return any(leaf.type in WORDS and leaf.content for leaf in node.walk())


def _join_lines(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.content = BROKEN.sub("", token.content)


def _block(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
    """Show code in a box that scrolls, by keyboard too."""
    return Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(tokens[at].content)


def _table(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
    return '<div class="scroller" tabindex="0"><table>\n' if tokens[at].nesting > 0 else "</table></div>\n"


READER.core.ruler.before("inline", "join_lines", _join_lines)
for kind, rule in (("fence", _block), ("code_block", _block), ("table_open", _table), ("table_close", _table)):
    READER.add_render_rule(kind, rule)
