"""What every answer tells the browser: nothing but this service's own files, in no other site's frame, kept nowhere."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN: Final = ("script-src", "style-src", "connect-src", "font-src", "form-action", "manifest-src", "worker-src")
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, browsers do not name the origin of a form
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
NAMES: Final = frozenset(name.lower().encode() for name in (*HEADERS, "Content-Security-Policy"))
YEAR_S: Final = 31_536_000
SAME_FOR_ALL: Final = ("/static/", "/map.js", "/viewer.css", "/favicon.ico")


def policy(pictures: str = "") -> str:
    """Return what pages may load: files of this service, and pictures of one other origin, if one is named."""
    own = (f"{kind} 'self'" for kind in OWN)
    img = f"img-src 'self' data: {pictures}".strip()  # a QR code is shown once and is no file
    return "; ".join(("default-src 'none'", *own, img, "base-uri 'none'", "frame-ancestors 'none'"))


class SafeHeaders:
    """Adds HEADERS and the policy to every answer. What is not the same for everybody is kept by no cache.

    `pictures` is the origin of a base layer's tiles, if they are of another host.

    Where the certificate is trusted by browsers of themselves, they are to come by https alone from then on. One of the
    local authority is trusted by none until it is installed: on a phone that remembers to insist on https there is no
    way past the warning, nor to the plain install page, so there such a memory is ended.
    """

    def __init__(self, app: ASGIApp, *, is_trusted: bool = True, pictures: str = "") -> None:
        self.app = app
        every = {**HEADERS, "Content-Security-Policy": policy(pictures)}
        # as they go out: to set one after another takes longer than all else here
        self.sent = [(name.lower().encode(), value.encode()) for name, value in every.items()]
        self.transport = f"max-age={YEAR_S if is_trusted else 0}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name not in NAMES]
                message["headers"] = [*kept, *self.sent]
                headers = MutableHeaders(scope=message)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = self.transport
                    headers["Cross-Origin-Opener-Policy"] = "same-origin"  # of which browsers complain on plain http
                if not scope["path"].startswith(SAME_FOR_ALL):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_safely)
