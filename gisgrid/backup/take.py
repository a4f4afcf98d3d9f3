"""Taking a backup: one moment of the database, what it held, and that it can be read again."""

import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine, text

from gisgrid.backup import postgis, spatialite
from gisgrid.backup.archive import Manifest, bytes_print, exists, pack
from gisgrid.migrations import require_current


def back_up(engine: Engine, file: Path) -> Manifest:
    """Write a backup of the database to `file`, while the service writes, and return what it holds.

    Raises BackupExists, DatabaseNotReady, DatabaseDamaged, NoClientPrograms, ClientProgramFailed.
    """
    if file.exists():
        raise exists(file)
    require_current(engine)
    file.parent.mkdir(parents=True, exist_ok=True)
    is_embedded = engine.dialect.name == "sqlite"
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        copy = Path(folder) / "database"
        made_at = datetime.now(UTC)
        tables = (spatialite if is_embedded else postgis).take(engine, copy)
        with engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        manifest = Manifest(
            kind="sqlite" if is_embedded else "postgresql",
            program=version("gisgrid"),
            revision=revision,
            made_at=made_at,
            size=copy.stat().st_size,
            sha256=bytes_print(copy),
            tables=tables,
        )
        pack(file, manifest, copy)
    return manifest
