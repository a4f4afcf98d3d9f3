"""The same request sent again: a client that lost the answer tries once more, and Open311 gives it no id of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.open311.fields import KEY
from gisgrid.incidents.reports import INCIDENT
from gisgrid.sight import visible

WINDOW: Final = timedelta(seconds=60)
"""What is the same in every field so soon afterwards is the same request."""


def client_id_of(fields: Mapping[str, str], at: datetime) -> str:
    """Return the id of what is sent: that of all its fields, in the stretch of time in which it came."""
    told = sorted((name, value) for name, value in fields.items() if name != KEY)
    return f"open311-{sha256(repr(told).encode()).hexdigest()[:32]}-{int(at.timestamp() // WINDOW.total_seconds())}"


def sent_before(session: Session, sender: str, fields: Mapping[str, str], now: datetime) -> str | None:
    """Return the number of the request that a sender's fields are a repetition of; None for a new one."""
    keys = [f"{sender}\t{client_id_of(fields, at)}" for at in (now - WINDOW, now)]
    its = (visible(session, INCIDENT), INCIDENT.c.key.in_(keys), INCIDENT.c.received_at > now - WINDOW)
    return session.scalar(select(INCIDENT.c.number).where(*its))
