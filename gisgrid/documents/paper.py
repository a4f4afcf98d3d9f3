"""A paper of an office: title, sections of prose, drawings and tables, date, annexes; as HTML to print and as PDF.

The official style follows GB/T 9704-2012 (A4, type area 156 mm × 225 mm, title 22 pt, body 16 pt); the plain one is
denser and has its headings in English, too. The page holds all it needs: nothing is fetched.
"""

from collections.abc import Collection, Sequence
from datetime import date
from importlib.resources import files
from typing import Final, NamedTuple

from markupsafe import Markup

from gisgrid.documents.case_sheet import ENGINE
from gisgrid.documents.chinese import as_set
from gisgrid.documents.pdf import pdf_of

NUMBERS: Final = dict(enumerate("一二三四五六七八九十"))
STYLES: Final = {False: "official.css", True: "plain.css"}
SHARED: Final = "paper.css"

Both = tuple[str, str]
"""Chinese and English."""


class Prose(NamedTuple):
    """Paragraphs, numbered if they are a list; `is_small` for notes; Chinese ones are set as `as_set` does."""

    paragraphs: Sequence[str]
    is_numbered: bool = False
    is_small: bool = False
    is_english: bool = False


class Drawing(NamedTuple):
    """A drawing in SVG, made by us: it goes into the page as it is. `caption` stands below it."""

    svg: str
    caption: str


class Table(NamedTuple):
    """A table, its head on each page. `widths`: shares of the columns; `texts`: columns set to the left."""

    caption: str
    heads: Sequence[Both]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    texts: Collection[int] = ()
    is_small: bool = False


class Section(NamedTuple):
    """A section, or an annex, with its heading."""

    title: Both
    parts: Sequence[Prose | Drawing | Table]


class Paper(NamedTuple):
    """A whole paper; `title` without a mark at its end, `signed` the office that hands it in.

    `pages` begin a page each, after the signature and before the annexes, and have no number.
    """

    title: str
    title_en: str
    subtitle: str
    sections: Sequence[Section]
    annexes: Sequence[Section]
    signed: str
    dated: date
    is_plain: bool = False
    pages: Sequence[Section] = ()


def paper_pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF; see `pdf_of` for where to call it. Raises NoPango, NoFont."""
    return pdf_of(paper_page(paper), images={})


def paper_page(paper: Paper) -> str:
    """Return a paper as a page of HTML that prints as the PDF does."""
    css = "\n".join(files(__package__).joinpath(name).read_text("utf-8") for name in (SHARED, STYLES[paper.is_plain]))
    return ENGINE.get_template("paper.html").render(
        paper=paper,
        css=Markup(css),  # noqa: S704 - our own file
        dated=f"{paper.dated.year}年{paper.dated.month}月{paper.dated.day}日",
        numbers=lambda at: NUMBERS.get(at, at + 1),
        kind=lambda part: type(part).__name__,
        drawn=Markup,
        as_set=as_set,
    )
