from playwright.sync_api import Page, expect


def test_the_api_is_described_without_a_network(page: Page, town: str) -> None:
    page.goto(f"{town}/docs")
    expect(page.locator(".opblock-summary-path").first).to_be_visible()
    expect(page.locator("#docs")).to_contain_text("/api/grid/locate")  # the rest is drawn when it is scrolled to
