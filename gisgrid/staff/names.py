"""Names as people type them: one line, plain letters, and no two that differ in case alone."""

import re
import unicodedata


def one_line(text: str, least: int, most: int) -> str | None:
    """Return a text in plain letters and single spaces; None for one too short or long, or with unseen marks in it."""
    plain = re.sub(" +", " ", unicodedata.normalize("NFKC", text)).strip(" ")
    return plain if least <= len(plain) <= most and plain.isprintable() else None


def folded(name: str) -> str:
    """Return what is compared of a name: neither case nor the width of letters matters."""
    return unicodedata.normalize("NFKC", name).casefold()
