"""Rows of the attachments: photos and documents, each by what is in it."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base


class Attachment(Base):
    """A photo or document under the SHA-256 of its bytes; `added_at` is when it last came in.

    The bytes are in the database on purpose: with the step that they prove they are committed, backed up, restored and
    erased. A folder beside it would have to be kept in step with every one of these.

    It has no rule of sight: who may see it is decided by the row that refers to it, and it is asked for by way of that
    row alone.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_added_at", "added_at"),)

    hash: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(deferred=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    added_at: Mapped[datetime]
