"""Putting a notice into the outbox, in the transaction of what it tells of: both are there or neither.

Notices leave the house: they carry number, kind, cell, deadline and a link, never what somebody described or who it is
about. Whoever follows the link signs in, and sees there what they may see.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gisgrid.notices.tables import Channel, Delivery, Endpoint, Told

Topic = Literal[
    "incident.dispatched", "incident.escalated", "incident.overdue", "emergency", "order", "publication", "gap"
]
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, in both languages. `link` is a place of this service, as /publications; `about` a kind and a row.

    Subjects and words are of one line each; other breaks become spaces.
    """

    topic: Topic
    subject_zh: str
    words_zh: str
    subject_en: str
    words_en: str
    link: str = ""
    about: tuple[str, int] | None = None


class Recipient(NamedTuple):
    """Whom a notice goes to: the address of a channel, through an endpoint if its secret and template are wanted."""

    channel: Channel
    address: str
    endpoint_id: int | None = None


def post(session: Session, notice: Notice, to: Sequence[Recipient]) -> int | None:
    """Put a notice into the outbox, for each of the recipients once; return its row, None where it is for nobody.

    Nothing is sent here: that happens soon after the commit.
    """
    if not to:
        return None
    now = datetime.now(UTC)
    kind, identifier = notice.about or (None, None)
    words = {name: _line(getattr(notice, name)) for name in ("subject_zh", "words_zh", "subject_en", "words_en")}
    told = Told(**words, topic=notice.topic, link=notice.link, about_kind=kind, about_id=identifier, made_at=now)
    session.add(told)
    session.flush()
    for channel, address, endpoint in dict.fromkeys(to):
        row = Delivery(outbox_id=told.id, ref=uuid4().hex, channel=channel, address=address, endpoint_id=endpoint)
        row.queued_at = row.next_at = now
        session.add(row)
    session.flush()
    return told.id


def _line(words: str) -> str:
    return " ".join(words.split())


def endpoints_for(session: Session, topic: Topic, cell_codes: Collection[str]) -> list[Recipient]:
    """Return who hears of something of a topic that happens in a cell, whose code and those above it are given.

    An endpoint of a cell hears of what happens in it and below; one of no cell of everything.
    """
    here = or_(Endpoint.cell_code.is_(None), Endpoint.cell_code.in_(sorted(cell_codes)))
    asked = select(Endpoint).where(Endpoint.retired_at.is_(None), here).order_by(Endpoint.id)
    return [each for endpoint in session.scalars(asked) if topic in endpoint.topics for each in recipients(endpoint)]


def told_of(session: Session, topic: Topic, about: tuple[str, int]) -> list[Recipient]:
    """Return who was ever told of something, by a topic; endpoints that were retired since hear nothing more."""
    asked = select(Delivery.channel, Delivery.address, Delivery.endpoint_id).distinct()
    asked = asked.join(Told, Told.id == Delivery.outbox_id).outerjoin(Endpoint, Endpoint.id == Delivery.endpoint_id)
    asked = asked.where(Told.topic == topic, Told.about_kind == about[0], Told.about_id == about[1])
    rows = session.execute(asked.where(Endpoint.retired_at.is_(None)))
    return [Recipient(*row) for row in sorted(rows, key=lambda row: (row.channel, row.address, row.endpoint_id or 0))]


def recipients(endpoint: Endpoint) -> list[Recipient]:
    """Return the addresses of an endpoint: a gateway has one for each telephone."""
    addresses = endpoint.phones if endpoint.template == "sms" else [endpoint.address]
    return [Recipient(endpoint.channel, address, endpoint.id) for address in addresses]
