"""QR codes: an address that a phone reads off a screen instead of having it typed in."""

import io
from pathlib import Path

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


def qr_file(text: str, file: Path, scale: int = 8) -> None:
    """Write a QR code to be printed, in the form that the end of the file's name says: .png or .svg."""
    segno.make_qr(text, error="m").save(str(file), scale=scale, border=QUIET * 2)
