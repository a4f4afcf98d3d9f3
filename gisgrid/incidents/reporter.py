"""Who reports: somebody with an account, or whoever is signed on to the phone that sends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.tables import Incident
from gisgrid.once import table_of
from gisgrid.patrols.duty.shifts import on_duty
from gisgrid.sight import Sight, seeing, seeing_everything, visible
from gisgrid.staff.caller import Caller

INCIDENT = table_of(Incident)


def reporter_of(session: Session, caller: Caller, at: datetime) -> int | None:
    """Return the row of the person who reports at a moment; None for a phone that nobody was signed on to."""
    if caller.kind != "device":
        return caller.person
    duty = on_duty(session, token_id=caller.token, at=at)
    return None if duty is None else duty.person


@contextmanager
def as_reporter(session: Session, caller: Caller, at: datetime) -> Iterator[Caller]:
    """Let a phone see, for a while, what whoever is signed on to it reported or has to handle; yield for whom it asks.

    It moves nothing for them: what is theirs to decide they decide under their own account.
    """
    if caller.kind != "device":
        yield caller
        return
    person = reporter_of(session, caller, at)
    with seeing(session, Sight(person=person)):
        yield replace(caller, person=person)


@contextmanager
def as_sender(session: Session, caller: Caller, incident: int, at: datetime) -> Iterator[None]:
    """Let a phone add to what it sent itself, whoever is signed on to it by now, or what they may see.

    Nothing of it may be told to them.
    """
    if _was_sent_by(session, caller, incident):
        with seeing_everything(session):
            yield
        return
    with as_reporter(session, caller, at):
        yield


def _was_sent_by(session: Session, caller: Caller, incident: int) -> bool:
    if caller.kind != "device":
        return False
    with seeing_everything(session):
        key = session.scalar(select(INCIDENT.c.key).where(visible(session, INCIDENT), INCIDENT.c.id == incident))
    return key is not None and key.startswith(f"{sender_of(caller)}\t")


def sender_of(caller: Caller) -> str:
    """Return what tells a caller's ids of their reports from another's: a phone is one sender, whoever carries it."""
    return f"device{caller.token}" if caller.kind == "device" else f"person{caller.person}"
