"""What the audit tells of backups: one takes everything out of the house, and another undoes whatever came since."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gisgrid.audit.heads import FILE, export_head, heads_folder
from gisgrid.audit.record import OPERATOR, record
from gisgrid.backup.archive import Manifest
from gisgrid.errors import Unavailable
from gisgrid.migrations import DatabaseNotReady, open_session
from gisgrid.settings import Settings


def note_taken(settings: Settings, manifest: Manifest) -> None:
    """Record that a backup was taken, and export the head of the chain. Raises what `open_session` raises."""
    _note(settings, "backup.taken", manifest)


def put_heads_aside(settings: Settings) -> Path | None:
    """Rename the exported heads, which are those of a chain that a restore has replaced; None where there are none."""
    heads = heads_folder(settings) / FILE
    if not heads.exists():
        return None
    aside = heads.with_name(f"{heads.stem}-{datetime.now(settings.zone):%Y%m%d-%H%M%S}{heads.suffix}")
    return heads.rename(aside)


def note_restored(settings: Settings, manifest: Manifest) -> bool:
    """Record in the restored audit that it is a restored one; False where the backup is too old for this program."""
    try:
        _note(settings, "backup.restored", manifest)
    except DatabaseNotReady:
        return False
    return True


def _note(settings: Settings, action: str, manifest: Manifest) -> None:
    with open_session(settings.database_url, write=True) as session:
        record(session, OPERATOR, action, made_at=manifest.made_at.isoformat(), sha256=manifest.sha256)
    keep_head(settings)


def keep_head(settings: Settings) -> None:
    """Export the head as it stands, so that what a restore takes away is missed; nothing where there is no audit."""
    with suppress(Unavailable), open_session(settings.database_url) as session:
        export_head(session, heads_folder(settings), datetime.now(settings.zone).date())
