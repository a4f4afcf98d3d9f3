"""Putting a backup back: never over data without being told, never under a running service, proved equal."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from gisgrid.backup import postgis, spatialite
from gisgrid.backup.alone import alone
from gisgrid.backup.archive import Manifest, require_there, unpack
from gisgrid.backup.fingerprint import fingerprint, is_empty
from gisgrid.database import DatabaseDamaged, file_of, make_file
from gisgrid.errors import Conflict, GisgridError, Refused
from gisgrid.migrations import refuse_newer


class OtherKindOfDatabase(Refused):
    """A backup of SpatiaLite for a PostGIS database, or the other way round."""


class DatabaseNotEmpty(Conflict):
    """A restore would replace data."""


class NotEqual(GisgridError):
    """The restored database is not the one that was backed up."""


def restore(engine: Engine, file: Path, *, is_forced: bool = False) -> Manifest:
    """Replace the database by a backup and return what it holds, read again from the database.

    A damaged file is kept aside when forced. Raises NoSuchBackup, BadBackup, OtherKindOfDatabase, DatabaseNewer,
    DatabaseInUse, DatabaseNotEmpty and DatabaseDamaged (unless forced), NotEqual.
    """
    require_there(file)
    with tempfile.TemporaryDirectory(dir=_folder(engine), prefix=".restore-") as folder:
        copy = Path(folder) / "database"
        manifest = unpack(file, copy)
        _require_fitting(engine, manifest)
        make_file(engine)
        try:
            _replace(engine, copy, manifest, is_forced=is_forced)
        except DatabaseDamaged:
            if not is_forced:
                raise
            _keep_aside(engine)
            _replace(engine, copy, manifest, is_forced=True)
    return manifest


def _folder(engine: Engine) -> Path | None:
    """Return where to unpack: beside an embedded database there is room for another."""
    file = file_of(engine)
    if file is None:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.parent


def _replace(engine: Engine, copy: Path, manifest: Manifest, *, is_forced: bool) -> None:
    kind = spatialite if engine.dialect.name == "sqlite" else postgis
    with alone(engine) as connection:
        if not is_forced and not is_empty(fingerprint(connection)):
            raise DatabaseNotEmpty(
                "数据库中已有数据;确要用备份覆盖,请加 --force",
                "the database holds data; to replace it by the backup, add --force",
            )
        connection.rollback()
        kind.put_back(connection, copy)
        if fingerprint(connection) != manifest.tables:
            raise NotEqual("恢复后的数据与备份不一致", "the restored database differs from the backup")


def _keep_aside(engine: Engine) -> None:
    """Rename a damaged file, which SQLite can neither lock nor write over, and what SQLite keeps beside it."""
    engine.dispose()
    file = file_of(engine)
    if file is not None:
        kept = f"{file.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        for end in ("", "-wal", "-shm"):
            part = file.with_name(file.name + end)
            if part.exists():
                part.rename(file.with_name(kept + end))
        make_file(engine)


def _require_fitting(engine: Engine, manifest: Manifest) -> None:
    if manifest.kind != engine.dialect.name:
        raise OtherKindOfDatabase(
            f"这是 {manifest.kind} 的备份,不能恢复到 {engine.dialect.name} 数据库",
            f"this is a backup of {manifest.kind}; it cannot be restored to {engine.dialect.name}",
        )
    refuse_newer(manifest.revision)
