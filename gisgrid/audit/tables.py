"""Rows of the audit: the entries, where their chain ends, and where it begins after a purge."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId


class AuditEntry(Base):
    """One act, written in the transaction of the act. The database itself refuses to change or delete it.

    Numbers have no gaps. `actor` and `subject` are kinds, each with the number of its row: nobody is named, so that a
    person can be erased while the chain stays whole. `detail` is a JSON object.
    """

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(RowId, index=True)
    action: Mapped[str]
    subject: Mapped[str | None]
    subject_id: Mapped[int | None] = mapped_column(RowId, index=True)
    detail: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The last entry, in one row: whoever writes locks it, so that the chain never forks."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(RowId)
    hash: Mapped[str]


class AuditAnchor(Base):
    """The last of the entries that a purge took, and how many it took."""

    __tablename__ = "audit_anchors"

    number: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    hash: Mapped[str]
    entries: Mapped[int] = mapped_column(RowId)
    purged_at: Mapped[datetime]
