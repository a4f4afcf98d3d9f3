"""The watch over pages must see what it is there to see."""

import pytest
from playwright.sync_api import Browser

from tests.browser import faults_of


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("<script>nowhere.to.be.found</script>", "page error"),
        ("<img src='http://example.org/x.png'>", "another host"),
        ("<script>fetch('https://example.org/').catch(() => 0)</script>", "another host"),
        ("<link rel=stylesheet href='//example.org/x.css'>", None),  # without a host of its own there is no other
        ("<script>console.error('bad')</script>", "console: bad"),
        ("<p>你好</p>", None),
    ],
)
def test_a_faulty_page_is_noticed(browser: Browser, page: str, fault: str | None) -> None:
    context = browser.new_context()
    faults = faults_of(context)
    tab = context.new_page()
    tab.goto(f"data:text/html;charset=utf-8,{page}")
    tab.wait_for_timeout(200)
    context.close()
    if fault is None:
        assert faults == []
    else:
        assert any(fault in found for found in faults)
