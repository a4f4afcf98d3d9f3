"""Bringing what is in the outbox to its receivers: at least once, tried again with growing waits, given up in the open.

Whoever takes a delivery moves its time on by a lease, sends outside any transaction and then notes what became of it:
if they die at it, it is sent again under the same name, so that a receiver can drop the repeat.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.jobs import Stopping
from gisgrid.notices.letters import Letter
from gisgrid.notices.sending import NotSent, send
from gisgrid.notices.tables import Delivery, Endpoint, Told
from gisgrid.once import table_of
from gisgrid.settings import Settings

DELIVERY: Final = table_of(Delivery)
LEASE: Final = timedelta(minutes=5)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=6)
GIVEN_UP_AFTER: Final = timedelta(days=3)
RUN_S: Final = 30
"""After so long no other delivery is begun: other jobs wait in the same thread."""
RETIRED: Final = "接收端已停用 / the endpoint is retired"

log = structlog.get_logger()


class Taken(NamedTuple):
    """A delivery that nobody else tries now, with what is needed to send it."""

    id: int
    attempts: int
    queued_at: datetime
    channel: str
    address: str
    letter: Letter
    endpoint: Endpoint | None


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: a minute, then twice as long each time, up to six hours.

    >>> [wait_after(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 9, 10, 99)]
    [1.0, 2.0, 4.0, 256.0, 360.0, 360.0]
    """
    doublings = max(0, min(attempts - 1, 20))
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def deliver_due(engine: Engine, settings: Settings, now: datetime, is_stopping: Stopping = lambda: False) -> int:
    """Send what is due at a time, what was never tried first; return how many arrived.

    An endpoint that fails is left alone until the next time, so that nobody waits for it again and again.
    """
    begun, resting, arrived = time.monotonic(), set[int](), 0
    while not is_stopping() and time.monotonic() - begun < RUN_S:
        taken = _take(engine, settings, now, resting)
        if taken is None:
            break
        if _deliver(engine, settings, taken, now):
            arrived += 1
        elif taken.endpoint is not None:
            resting.add(taken.endpoint.id)
    return arrived


def _deliver(engine: Engine, settings: Settings, taken: Taken, now: datetime) -> bool:
    if taken.endpoint is not None and taken.endpoint.retired_at is not None:
        _note(engine, taken, next_at=None, given_up_at=now, last_error=RETIRED)
        return False
    try:
        send(settings, taken.letter, taken.channel, taken.address, taken.endpoint)
    except NotSent as error:
        again = now + wait_after(taken.attempts)
        is_over = again > taken.queued_at + GIVEN_UP_AFTER
        log.warning("notice", delivery=taken.id, attempts=taken.attempts, failed=error.en, given_up=is_over)
        tried = {"given_up_at": now, "next_at": None} if is_over else {"next_at": again}
        _note(engine, taken, last_error=error.description, **tried)
        return False
    _note(engine, taken, next_at=None, given_up_at=None, delivered_at=datetime.now(UTC), last_error="")
    return True


def _take(engine: Engine, settings: Settings, now: datetime, resting: set[int]) -> Taken | None:
    """Take a delivery that is due, if there is one, for as long as a lease."""
    is_calm = or_(DELIVERY.c.endpoint_id.is_(None), DELIVERY.c.endpoint_id.not_in(sorted(resting)))
    due = select(DELIVERY.c.id).where(DELIVERY.c.next_at <= now, is_calm).limit(1)
    due = due.order_by(DELIVERY.c.attempts, DELIVERY.c.next_at, DELIVERY.c.id)
    with session_scope(engine) as session:  # most of the time there is none, and no writer has to wait for that
        if session.scalar(due) is None:
            return None
    with session_scope(engine, write=True) as session:
        row = session.scalar(due.with_for_update(skip_locked=True))
        if row is None:
            return None
        moved = {"next_at": now + LEASE, "attempts": DELIVERY.c.attempts + 1}
        session.execute(update(DELIVERY).where(DELIVERY.c.id == row).values(moved))
        return _taken(session, settings, row)


def _taken(session: Session, settings: Settings, row: int) -> Taken:
    delivery = session.get_one(Delivery, row)
    told = session.get_one(Told, delivery.outbox_id)
    endpoint = None if delivery.endpoint_id is None else session.get_one(Endpoint, delivery.endpoint_id)
    letter = letter_of(settings, told, delivery.ref)
    return Taken(row, delivery.attempts, delivery.queued_at, delivery.channel, delivery.address, letter, endpoint)


def letter_of(settings: Settings, told: Told, ref: str) -> Letter:
    """Return a notice as it is sent under a name."""
    about = None if told.about_kind is None or told.about_id is None else (told.about_kind, told.about_id)
    words = told.subject_zh, told.words_zh, told.subject_en, told.words_en
    return Letter(ref, told.topic, *words, settings.origin + told.link if told.link else "", about, told.made_at)


def _note(engine: Engine, taken: Taken, **became: Any) -> None:
    """Note what became of a delivery; what somebody else found after the lease stays, unless this one arrived."""
    with session_scope(engine, write=True) as session:
        its = update(DELIVERY).where(DELIVERY.c.id == taken.id)
        if "delivered_at" not in became:
            its = its.where(DELIVERY.c.attempts == taken.attempts, DELIVERY.c.delivered_at.is_(None))
        session.execute(its.values(**became))
