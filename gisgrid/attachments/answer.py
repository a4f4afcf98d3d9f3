"""How an attachment is answered: as what we know it to be, whatever was sent, and kept by nobody but who may see it."""

from typing import Final

from fastapi import Request
from fastapi.responses import Response

from gisgrid.attachments.document import PDF
from gisgrid.attachments.photo import JPEG
from gisgrid.attachments.store import Fetched
from gisgrid.tagged import tagged

SHOWN: Final = {JPEG: ("inline", "photo", "jpg"), PDF: ("attachment", "document", "pdf")}
"""A picture of our own making is shown; a stranger's document is only saved."""


def attachment_answer(request: Request, fetched: Fetched) -> Response:
    """Return the answer with an attachment that whoever asks may see; 304 where the browser has it already."""
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": _disposition(fetched)}
    return tagged(request, fetched.data, fetched.media_type, headers, fetched.hash)


def _disposition(fetched: Fetched) -> str:
    how, name, ending = SHOWN[fetched.media_type]
    return f'{how}; filename="{name}-{fetched.hash[:12]}.{ending}"'
