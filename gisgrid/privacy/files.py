"""Files that hold personal data: nobody but their owner reads them, and none is there that the audit does not know."""

import os
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from gisgrid.grid.points import writable


def write_private(path: Path, parts: Iterable[bytes], tell: Callable[[str], None]) -> None:
    """Write a file; its name appears once `tell` has recorded its SHA-256. Raises NoSuchFolder."""
    part = writable(path).with_name(f".part-{path.name}")
    digest = sha256()
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for each in parts:
                digest.update(each)
                file.write(each)
            file.flush()
            os.fsync(file.fileno())
        tell(digest.hexdigest())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
