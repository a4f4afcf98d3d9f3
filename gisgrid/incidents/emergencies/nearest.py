"""Which patrollers on duty are nearest to an incident, by their last positions; whose are read is on record."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor
from gisgrid.patrols.duty.on_duty import duties_seen
from gisgrid.patrols.judge import distance_m
from gisgrid.patrols.reading import note_reading, unread_of_late
from gisgrid.patrols.tables import Patroller
from gisgrid.settings import Settings
from gisgrid.sight import seeing
from gisgrid.staff.caller import Caller, sight_for
from gisgrid.staff.tables import Person

MOST: Final = 5
AGAIN: Final = timedelta(hours=1)
"""Whoever goes on looking at an emergency is not recorded anew before."""


class Near(NamedTuple):
    """A patroller: who, the phone number of their account, how far from the incident, where and when."""

    ref: str
    name: str
    phone: str | None
    distance_m: float
    longitude: float
    latitude: float
    fix_at: datetime


def nearest(
    session: Session, settings: Settings, caller: Caller, incident: Mapping[str, Any], now: datetime
) -> list[Near]:
    """Return the nearest of those on duty whose tracks the caller may see: an emergency opens no others'."""
    if not caller.may("tracks"):
        return []
    with seeing(session, sight_for(session, caller, "tracks")):
        duties = duties_seen(session, settings, now)
    placed = {ref: duty["position"] for ref, duty in duties.items() if duty["position"] is not None}
    if not placed:
        return []
    there = np.array([(at["longitude"], at["latitude"]) for at in placed.values()])
    place = np.array([[incident["longitude"], incident["latitude"]]]).repeat(len(there), axis=0)
    apart = distance_m(there[:, 0], there[:, 1], place[:, 0], place[:, 1])
    people = _people(session, list(placed))
    found = [
        Near(ref, *people[ref], float(metres), at["longitude"], at["latitude"], datetime.fromisoformat(at["fix_at"]))
        for (ref, at), metres in zip(placed.items(), apart, strict=True)
    ]
    return sorted(found, key=lambda each: (each.distance_m, each.ref))[:MOST]


def _people(session: Session, refs: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    asked = select(Patroller.ref, Patroller.name, Person.full_name, Person.name.label("account"), Person.phone)
    rows = session.execute(asked.outerjoin(Person, Person.id == Patroller.person_id).where(Patroller.ref.in_(refs)))
    return {row.ref: (row.full_name or row.account or row.name or row.ref, row.phone) for row in rows}


def purpose_of(number: str | None) -> str:
    """Return for what the positions are read, as those whose they are will read it."""
    return f"应急处置 emergency {number or ''}".strip()


def unrecorded(session: Session, actor: Actor, near: Sequence[Near], purpose: str, now: datetime) -> set[str]:
    """Return those of whom it is not yet on record that somebody reads their position for this."""
    refs = {each.ref for each in near}
    return unread_of_late(session, actor, refs, purpose, now - AGAIN) if refs else set()


def note(session: Session, actor: Actor, refs: set[str], purpose: str, but: int | None) -> None:
    """Record that somebody reads the positions of some; not of the person `but`."""
    if refs:
        note_reading(session, actor, refs, purpose, but=but)
