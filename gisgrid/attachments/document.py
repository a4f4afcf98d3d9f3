"""Which documents are taken: PDF alone, kept byte for byte. It is never opened here, only handed out to be saved.

Pure.
"""

import re
from dataclasses import dataclass
from typing import Final

from gisgrid.errors import Refused, TooLarge

PDF: Final = "application/pdf"
BEGINS: Final = re.compile(rb"%PDF-[12]\.\d")
END: Final = b"%%EOF"
TAIL: Final = 1024  # bytes in which readers look for the end


class NotADocument(Refused):
    """A file that is no PDF, or whose end is missing."""


class DocumentTooLarge(TooLarge):
    """A document of more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF as it was sent."""

    data: bytes
    media_type: str = PDF


def is_pdf(data: bytes) -> bool:
    """Tell whether a file begins as a PDF does, whole or not."""
    return BEGINS.match(data) is not None


def document_of(data: bytes, *, max_bytes: int = 5_000_000) -> Document:
    """Return a PDF as it is. Raises DocumentTooLarge, NotADocument."""
    if len(data) > max_bytes:
        megabytes = f"{max_bytes / 1e6:g}"
        raise DocumentTooLarge(
            f"文件超过 {megabytes} MB,请压缩或分开后再传",
            f"the document is larger than {megabytes} MB; make it smaller or split it first",
        )
    if not is_pdf(data) or END not in data[-TAIL:]:
        raise NotADocument("不是完整的 PDF 文件;请另存为 PDF 后再传", "is no whole PDF; save it as a PDF and try again")
    return Document(data)
