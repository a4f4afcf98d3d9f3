"""A map or a report as a file: whole or not at all, so that a full disk does not cost the older one."""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from gisgrid.errors import Unavailable


class NotWritten(Unavailable):
    """A file that could not be written."""


def put(path: Path, content: bytes) -> None:
    """Write a file, its folder made if missing. Raises NotWritten.

    Its name appears, or means the new one, once all of it is there. A device or a pipe is written to as it is: another
    file must not take its place.
    """
    target = Path(os.path.realpath(path))  # of a link, what it leads to
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, content)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise NotWritten(
            f"{path} 写不了({why});请检查目录权限和磁盘空间,或换一个位置",
            f"cannot write {path} ({why}); look at the rights and the room there, or choose another place",
        ) from error


def _replace(target: Path, content: bytes) -> None:
    part = target.with_name(f".part-{uuid4().hex}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)  # who may read the older one may read the new one, and nobody else
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
