"""Photos and documents that come with a form: read and made anew before anything is written, then added in one go."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

from sqlalchemy.orm import Session

from gisgrid.attachments.document import Document
from gisgrid.attachments.photo import Photo
from gisgrid.attachments.sent import Form
from gisgrid.attachments.store import taken_in
from gisgrid.audit.record import Actor
from gisgrid.errors import Refused
from gisgrid.incidents.loop.evidence import Shows, add_exhibit
from gisgrid.pages.called import Both
from gisgrid.settings import Settings

MOST_CAPTION: Final = 200
SHOWN: Final = {"found": Both("发现时", "as found"), "done": Both("处置后", "as handled")}
FIELD: Final = {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "photos, or PDF"}

Contents = Sequence[Photo | Document]


class NothingSent(Refused):
    """A form for photos without one, or with a caption that cannot be kept."""


def contents_of(form: Form, settings: Settings) -> Contents:
    """Return the photos and documents of a form. Raises FileTooLarge, NotAPhoto and what else is wrong with a file."""
    return [taken_in(each.read(settings.max_photo_bytes), settings) for each in form.files]


def captioned(form: Form) -> tuple[Shows, str]:
    """Return what the files of a form show, and their caption. Raises NothingSent."""
    shows, caption = form.fields.get("shows", "found"), form.fields.get("caption", "").strip()
    if not form.files:
        raise NothingSent("请先选择照片或 PDF 文书", "choose photos, or a document in PDF, first")
    if shows not in get_args(Shows) or len(caption) > MOST_CAPTION or not (caption.isprintable() or not caption):
        raise NothingSent(
            f"说明至多 {MOST_CAPTION} 字,一行", f"a caption is one line of at most {MOST_CAPTION} letters"
        )
    return cast("Shows", shows), caption


def add_all(session: Session, actor: Actor, number: int, contents: Contents, shows: Shows, caption: str = "") -> None:
    """Add photos and documents to an incident that may be seen. Raises NoSuchIncident, TooManyExhibits."""
    for content in contents:
        add_exhibit(session, actor, number, content, shows, caption, datetime.now(UTC))


def shown(exhibits: Sequence[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Return the photos and documents of an incident as its page shows them: with address, and words for each."""
    found = []
    for at, each in enumerate(exhibits, 1):
        what = SHOWN[each["shows"]]
        is_photo = each["media_type"].startswith("image/")
        kind = Both("照片", "photo") if is_photo else Both("文书", "document")
        alt = Both(f"{what.zh}的{kind.zh} {at}", f"{kind.en} {at}, {what.en}")
        words = Both(each["caption"], each["caption"]) if each["caption"] else alt
        address = f"/api/incidents/{number}/exhibits/{each['id']}"
        found.append({**each, "is_photo": is_photo, "alt": words, "what": what, "kind": kind, "address": address})
    return found
