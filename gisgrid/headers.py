"""What every answer tells the browser: nothing but this service's own files, in no other site's frame, kept nowhere."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind} 'self'" for kind in ("script-src", "style-src", "connect-src", "font-src", "form-action")),
        "manifest-src 'self'",
        "worker-src 'self'",
        "img-src 'self' data:",  # a QR code is shown once and is no file
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, browsers do not name the origin of a form
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
SENT: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
NAMES: Final = frozenset(name for name, _ in SENT)
"""As they go out: to set one after another takes longer than all else here."""
YEAR_S: Final = 31_536_000
SAME_FOR_ALL: Final = ("/static/", "/map.js", "/favicon.ico")


class SafeHeaders:
    """Adds HEADERS to every answer. What is not the same for everybody is kept by no cache.

    Where the certificate is trusted by browsers of themselves, they are to come by https alone from then on. One of the
    local authority is trusted by none until it is installed: on a phone that remembers to insist on https there is no
    way past the warning, nor to the plain install page, so there such a memory is ended.
    """

    def __init__(self, app: ASGIApp, *, is_trusted: bool = True) -> None:
        self.app = app
        self.transport = f"max-age={YEAR_S if is_trusted else 0}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name not in NAMES]
                message["headers"] = [*kept, *SENT]
                headers = MutableHeaders(scope=message)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = self.transport
                    headers["Cross-Origin-Opener-Policy"] = "same-origin"  # of which browsers complain on plain http
                if not scope["path"].startswith(SAME_FOR_ALL):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_safely)
