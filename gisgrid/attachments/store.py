"""Keeping attachments by their content: the same bytes are one row, however often they come in."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.attachments.document import Document, document_of, is_pdf
from gisgrid.attachments.photo import Photo, photo_of
from gisgrid.attachments.tables import Attachment
from gisgrid.errors import NotFound
from gisgrid.once import table_of
from gisgrid.settings import Settings

ATTACHMENT = table_of(Attachment)


class NoSuchAttachment(NotFound):
    """Nothing with that hash is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an attachment: `hash` is its name, width and height (pixels) are those of a photo."""

    hash: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched(Kept):
    """An attachment with its bytes."""

    data: bytes = b""


def taken_in(data: bytes, settings: Settings) -> Photo | Document:
    """Return what is kept of a file that somebody sends, of whatever name and type: its bytes decide.

    To be called before a write begins: a photo takes up to a second. Raises NotAPhoto, PhotoTooLarge, NotADocument,
    DocumentTooLarge.
    """
    if is_pdf(data):
        return document_of(data, max_bytes=settings.max_document_bytes)
    return photo_of(data, max_bytes=settings.max_photo_bytes)


def keep(session: Session, content: Photo | Document, now: datetime) -> Kept:
    """Store a photo or document once; return its facts."""
    size = (content.width, content.height) if isinstance(content, Photo) else (None, None)
    kept = Kept(sha256(content.data).hexdigest(), content.media_type, len(content.data), *size)
    row = {**_facts(kept), "data": content.data, "added_at": now}
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    # one that is there already is as good as new, so that nothing takes it away before it is referred to
    statement = insert(ATTACHMENT).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["hash"], set_={"added_at": now}))
    return kept


def _facts(kept: Kept) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in ("hash", "media_type", "size", "width", "height")}


def fetch(session: Session, name: str) -> Fetched:
    """Return an attachment by its hash. Raises NoSuchAttachment.

    Whether it may be seen is for the caller to find out first, by the row that refers to it.
    """
    asked = select(*(ATTACHMENT.c[part] for part in ("hash", "media_type", "size", "width", "height", "data")))
    found = session.execute(asked.where(ATTACHMENT.c.hash == name)).first()
    if found is None:
        raise NoSuchAttachment(
            "没有这个附件,可能已按期限删除", "there is no such attachment; perhaps its time was over"
        )
    facts = Kept(found.hash, found.media_type, found.size, found.width, found.height)
    return Fetched(**_facts(facts), data=bytes(found.data))
