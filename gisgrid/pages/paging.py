"""Long lists, a page at a time."""

from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import Query, Request

from gisgrid.parameters import Page

OffsetQuery = Annotated[int, Query(ge=0, le=2**53)]


class Turn(NamedTuple):
    """Which rows are shown, of how many, and the addresses of the pages beside; "" where there is none."""

    first: int
    last: int
    matched: int
    before: str
    after: str


def turned(request: Request, page: Page, matched: int) -> Turn:
    """Return how to go on from a page of a list."""
    last = min(page.offset + page.limit, matched)
    before = _address(request, max(0, page.offset - page.limit)) if page.offset else ""
    after = _address(request, last) if last < matched else ""
    return Turn(min(page.offset + 1, matched), last, matched, before, after)


def _address(request: Request, offset: int) -> str:
    asked = {**request.query_params, "offset": offset}
    asked.pop("done", None)  # it was told
    return f"{request.scope['path']}?{urlencode(asked)}"
