"""Rows of the notices: what is told, to whom it still has to be brought, and which endpoints there are."""

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.database import Base, RowId

Channel = Literal["mail", "webhook"]
Template = Literal["plain", "wecom", "sms"]


class Endpoint(Base):
    """Where notices go: a mailbox, or an address of http. It hears of its topics, in its cell and below; None is all.

    `body` is what a gateway of `sms` is sent, with {phone} and {words}, once for each of the `phones`.
    """

    __tablename__ = "endpoints"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    channel: Mapped[Channel] = mapped_column(String)
    address: Mapped[str]
    secret: Mapped[str]
    template: Mapped[Template] = mapped_column(String)
    body: Mapped[str] = mapped_column(default="")
    phones: Mapped[list[str]] = mapped_column(JSON, default=list)
    topics: Mapped[list[str]] = mapped_column(JSON)
    cell_code: Mapped[str | None]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Told(Base):
    """A notice, as it was when it happened; `link` is a place of this service."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    topic: Mapped[str]
    subject_zh: Mapped[str]
    words_zh: Mapped[str]
    subject_en: Mapped[str]
    words_en: Mapped[str]
    link: Mapped[str]
    about_kind: Mapped[str | None]
    about_id: Mapped[int | None] = mapped_column(RowId)
    made_at: Mapped[datetime]


class Delivery(Base):
    """A notice that has to reach an address: a mailbox, an address of http, or a telephone behind a gateway.

    `ref` names it to the receiver, so that a repeat can be told; `queued_at` is when it was put in, or put in again.
    `next_at` is when it is tried next, None once nothing is left to do.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    ref: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(String)
    address: Mapped[str]
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("endpoints.id"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
