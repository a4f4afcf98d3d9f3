"""The icons of the installed page, made anew from the drawn one: `python -m tests.pages.icons`."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from gisgrid.pages.frame import FOLDER
from tests.browser import LAUNCH, chromium

SIZES = (192, 512)
PLACE = FOLDER / "static" / "patroller"
PAGE = """<body style="margin:0;background:#0f4c5f;display:grid;place-items:center;height:100vh">
<div style="width:78vw;height:78vw;border-radius:50%;background:#fff;display:grid;place-items:center">
<div style="width:46vw">{drawing}</div></div></body>"""
"""Whatever shape a phone cuts it to, what lies within four fifths of its width is seen."""


def make_icons(folder: Path = PLACE) -> list[Path]:
    """Draw an icon of each size; return them."""
    drawing = (FOLDER / "static" / "viewer" / "icon.svg").read_text(encoding="utf-8")
    made = [folder / f"icon-{size}.png" for size in SIZES]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=LAUNCH)
        for size, path in zip(SIZES, made, strict=True):
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(PAGE.format(drawing=drawing))
            page.screenshot(path=path)
        browser.close()
    return made


if __name__ == "__main__":
    for path in make_icons():
        print(path)  # noqa: T201
