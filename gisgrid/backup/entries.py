"""What the audit tells of backups: one takes everything out of the house, and another undoes whatever came since."""

from contextlib import suppress
from datetime import datetime

from gisgrid.audit.heads import export_head, heads_folder
from gisgrid.audit.record import OPERATOR, record
from gisgrid.backup.archive import Manifest
from gisgrid.errors import Unavailable
from gisgrid.migrations import DatabaseNotReady, open_session
from gisgrid.settings import Settings


def note_taken(settings: Settings, manifest: Manifest) -> None:
    """Record that a backup was taken, and export the head of the chain. Raises what `open_session` raises."""
    _note(settings, "backup.taken", manifest)


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
