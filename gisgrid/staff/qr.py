"""QR codes: an address that a phone reads off a screen instead of having it typed in."""

import io

import segno

QUIET: int = 2
"""Light squares round a code; readers need them."""


def qr_terminal(text: str) -> str:
    """Return a QR code in half blocks, for a terminal with light letters on dark."""
    drawn = io.StringIO()
    segno.make_qr(text, error="m").terminal(drawn, border=QUIET, compact=True)
    return drawn.getvalue()


def qr_png(text: str, scale: int = 6) -> bytes:
    """Return a QR code as a PNG of so many pixels a square."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=scale, border=QUIET * 2)
    return drawn.getvalue()
