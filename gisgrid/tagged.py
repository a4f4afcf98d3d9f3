"""Answers with a tag of what they hold: whoever has it already is told that nothing has changed.

A browser keeps them and asks each time: whoever may no longer see one is told so.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from fastapi import Request
from fastapi.responses import Response

KEPT: Final = "private, no-cache"


def tagged(
    request: Request, content: bytes, media_type: str, headers: Mapping[str, str] | None = None, tag: str | None = None
) -> Response:
    """Return an answer with content, 304 where the browser has it already; `tag` is its hash, if that is known."""
    quoted = f'"{tag or sha256(content).hexdigest()[:32]}"'
    told = {**(headers or {}), "ETag": quoted, "Cache-Control": KEPT}
    known = (each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(","))
    if quoted in known:
        return Response(status_code=304, headers=told)
    return Response(content, media_type=media_type, headers=told)
