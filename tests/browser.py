"""Chromium for the tests: where it is, how it is started, and what counts as a fault of a page."""

import os
import shutil
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def resolving(*names: str) -> list[str]:
    """Return how a browser is started that finds some names on this machine, and no others."""
    here = ", ".join(f"MAP {name} 127.0.0.1" for name in names)
    return [*LAUNCH[:-1], f"--host-resolver-rules={here}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Return the path of the browser: $CHROMIUM, or one of the system's; None leaves it to playwright's own."""
    return os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)


def faults_of(context: BrowserContext, host: str = "127.0.0.1") -> list[str]:
    """Return a list that fills with what goes wrong in the pages of a context.

    Counted are uncaught errors, errors on the console (a missing file is one) and requests to any other host.
    """
    faults: list[str] = []

    def on_request(request: Request) -> None:
        if urlsplit(request.url).hostname not in (None, "", host):
            faults.append(f"request to another host: {request.url[:200]}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text[:500]} ({message.location.get('url')})")

    context.on("request", on_request)
    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"page error: {error.error}"))
    return faults
