"""The file of a backup: a zip of the copied database and of a manifest that says what must be in it."""

import hashlib
import os
import shutil
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from gisgrid.backup.fingerprint import TablePrint
from gisgrid.errors import Conflict, NotFound, Refused

MANIFEST, COPY = "manifest.json", "database"
MAX_MANIFEST_BYTES = 1_000_000


class BadBackup(Refused):
    """The file is no backup, or it is not what was written."""


class NoSuchBackup(NotFound):
    """There is no file of that name."""


class BackupExists(Conflict):
    """A file of that name is there already."""


class Manifest(BaseModel):
    """What a backup holds. `kind` is the database it was taken from; `sha256` is that of the copy's bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    kind: Literal["sqlite", "postgresql"]
    program: str
    revision: str
    made_at: datetime
    size: int
    sha256: str
    tables: dict[str, TablePrint]


def bytes_print(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(file: Path, manifest: Manifest, copy: Path) -> None:
    """Write the backup; it has its name only when it is whole and on the disk. Raises BackupExists."""
    part = file.with_name(file.name + ".part")
    # only the owner may read it: it tells where people were
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
            archive.write(copy, COPY)
        raw.flush()
        os.fsync(raw.fileno())
    try:
        os.link(part, file)  # unlike a rename it never replaces a file
    except FileExistsError as error:
        raise exists(file) from error
    finally:
        part.unlink()


def exists(file: Path) -> BackupExists:
    """Say that a backup would overwrite a file."""
    return BackupExists(f"文件 {file} 已存在,请换一个文件名", f"{file} is there already; choose another name")


def require_there(file: Path) -> None:
    """Check that a backup is there. Raises NoSuchBackup."""
    if not file.exists():
        raise NoSuchBackup(f"文件 {file} 不存在", f"there is no file {file}")


def unpack(file: Path, copy: Path) -> Manifest:
    """Write the copied database of a backup to `copy`. Raises BadBackup if a byte of it is not as it was written."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            if archive.getinfo(COPY).file_size != manifest.size:
                raise _bad(file, "大小不符", "its size differs")
            with archive.open(COPY) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
    except (OSError, EOFError, KeyError, ValidationError, zipfile.BadZipFile, zlib.error) as error:
        raise _bad(file, "无法读取", f"it cannot be read: {type(error).__name__}") from error
    if bytes_print(copy) != manifest.sha256:
        raise _bad(file, "校验和不符", "its checksum differs")
    return manifest


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as file:
        return Manifest.model_validate_json(file.read(MAX_MANIFEST_BYTES))


def _bad(file: Path, zh: str, en: str) -> BadBackup:
    return BadBackup(f"{file} 不是完好的备份({zh})", f"{file} is no sound backup ({en})")
