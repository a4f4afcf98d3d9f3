"""The door for scripts, styles and pictures: read and packed once, then answered from memory, past the routes.

A page is made of many small files: through the machinery of routes each took longer than all else about it.
"""

import gzip
import os
from email.utils import formatdate
from pathlib import Path
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Receive, Scope, Send

from gisgrid.maps.assets import STATIC as MAP_STATIC
from gisgrid.pages.frame import FOLDER

PREFIX: Final = "/static"
WORTH_PACKING: Final = 1000
"""Bytes from which on a file is sent compressed."""


class Kept(NamedTuple):
    """A file in memory, as it is and compressed (None where that is no gain), and what is said of it."""

    plain: bytes
    packed: bytes | None
    headers: dict[str, str]
    media_type: str | None


class KeptFiles(StaticFiles):
    """A folder whose files are kept in memory; a file that was changed since is read again."""

    def __init__(self, directory: PathLike) -> None:
        super().__init__(directory=directory)
        self._kept: dict[tuple[str, int], Kept] = {}

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the answer with a file, or that it is unchanged."""
        key = (str(full_path), stat_result.st_mtime_ns)
        kept = self._kept.get(key) or self._kept.setdefault(key, _read(full_path, stat_result))
        asked = Headers(scope=scope)
        is_packed = kept.packed is not None and "gzip" in asked.get("accept-encoding", "")
        body = kept.packed if kept.packed is not None and is_packed else kept.plain
        encoding = {"content-encoding": "gzip"} if is_packed else {}
        answer = Response(body, status_code, {**kept.headers, **encoding}, kept.media_type)
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, asked) else answer


def _read(path: PathLike, stat: os.stat_result) -> Kept:
    plain = Path(path).read_bytes()
    packed = gzip.compress(plain, 9, mtime=0) if len(plain) >= WORTH_PACKING else None
    known = FileResponse(path, stat_result=stat)  # the library's own ETag and type
    headers = {
        "etag": known.headers["etag"],
        "cache-control": "no-cache",  # kept but asked for: files of two versions must not meet in one page
        "last-modified": formatdate(stat.st_mtime, usegmt=True),
        "vary": "Accept-Encoding",
    }
    return Kept(plain, packed if packed and len(packed) < len(plain) else None, headers, known.media_type)


FOLDERS: Final = {"maps/": KeptFiles(MAP_STATIC), "": KeptFiles(FOLDER / "static")}
"""Folders served below PREFIX as they are, by how a path begins; the longer beginning comes first."""


async def static_door(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request for a file of FOLDERS. Raises what is told by the handlers of the application around it."""
    path = scope["path"].removeprefix(PREFIX).lstrip("/")
    beginning, files = next((each, files) for each, files in FOLDERS.items() if path.startswith(each))
    answer = await files.get_response(path.removeprefix(beginning), scope)
    await answer(scope, receive, send)
