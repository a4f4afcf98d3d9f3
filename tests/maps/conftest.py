"""Maps opened from disk in a real browser; the `context` fixture fails on any error or foreign request."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gisgrid.maps.pages import GridMap, write

Show = Callable[[GridMap], Page]


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Show:
    """Open a map from disk."""

    def opened(drawing: GridMap) -> Page:
        page.goto(write(drawing, tmp_path / "map.html").as_uri())
        return page

    return opened
