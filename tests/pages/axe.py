"""axe-core in the pages of a browser: what it finds wrong with them, and where."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""All rules but those for AAA and the experimental ones."""
RUN = """
async (only) => {
    const { violations } = await axe.run({ runOnly: only, resultTypes: ["violations"], preload: false });
    return violations.map(({ id, nodes }) => [id, nodes.map((node) => [node.html.slice(0, 200), node.failureSummary])]);
}
"""


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page, *rules: str) -> list[Any]:
    """Return which rules a page breaks, each with the elements that break it; of all rules, or of some."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found: list[Any] = page.evaluate(RUN, only)
    return found
