"""To whom an incident was dispatched, and for how long it was theirs.

To a person, if one is named, else to the staff of the departments that are. It is theirs from the dispatch until it is
sent to others, sent back or ended.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.geometry import points_to_metric
from gisgrid.incidents.figures.course import Record
from gisgrid.incidents.lifecycle import OPEN
from gisgrid.incidents.loop.hands import ACT
from gisgrid.incidents.loop.steps import COLUMNS, STEP, Done, done
from gisgrid.once import AT_A_TIME
from gisgrid.patrols.plans.judge_rounds import patrollers_of
from gisgrid.patrols.sealed import sealed_until
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.people import key_of
from gisgrid.staff.tables import Appointment, Department, Person

WITHIN: Final = timedelta(days=30)
"""So long after the report somebody is looked for: who comes later comes for something else. Our own choice."""
SENDS: Final = ("dispatch", "transfer")
BACK: Final = "filed"


class Errand(NamedTuple):
    """An incident, where it is in metres, and the patrollers whose it is within `[start, end)`."""

    incident: int
    x: float
    y: float
    who: frozenset[int]
    start: datetime
    end: datetime


class Sent(NamedTuple):
    """To whom an incident was sent within `[start, end)`; without an end it is theirs still."""

    start: datetime
    end: datetime | None
    person: str | None
    departments: tuple[str, ...]


def sendings(steps: Sequence[Done]) -> list[Sent]:
    """Return to whom an incident was sent one after another, by its steps in order. Pure."""
    found = []
    for step, *following in (steps[number:] for number in range(len(steps))):
        if step.move in SENDS:
            end = next((each.made_at for each in following if each.move in SENDS or _is_over(each)), None)
            detail = step.detail
            found.append(Sent(step.made_at, end, detail.get("person"), tuple(detail.get("departments") or ())))
    return found


def _is_over(step: Done) -> bool:
    return step.to_state == BACK or step.to_state not in OPEN


def errands_of(session: Session, settings: Settings, records: Sequence[Record]) -> list[Errand]:
    """Return who had to see to which of some incidents, and when; each with the number of its record.

    Not there: incidents that have no place of their own, and those that were sent out on days that are sealed, of whose
    fixes nothing is known. It looks at everything: whoever shows x.
    """
    records = [each for each in records if each.is_placed]
    sent = {number: sendings(its) for number, its in _steps(session, [each.id for each in records]).items()}
    people, staff = _who(session, [each for its in sent.values() for each in its])
    walked = patrollers_of(session, {*people.values(), *(person for its in staff.values() for person in its)})
    newest = sealed_until(session)
    found = []
    for record, x, y in zip(records, *_metres(records, settings.metric_crs), strict=True):
        its = sent.get(record.id, [])
        if its and newest is not None and its[0].start.astimezone(settings.zone).date() <= newest:
            continue
        until = record.reported_at + WITHIN
        for each in its:
            persons = _sent_to(each, people, staff)
            who = frozenset(walked[person] for person in persons if person in walked)
            end = until if each.end is None else min(each.end, until)
            if who and each.start < end:
                found.append(Errand(record.id, x, y, who, each.start, end))
    return found


def _metres(records: Sequence[Record], metric_crs: str) -> tuple[list[float], list[float]]:
    longitude, latitude = np.array([(each.longitude, each.latitude) for each in records]).reshape(-1, 2).T
    x, y = points_to_metric(longitude, latitude, metric_crs)
    return x.tolist(), y.tolist()


def _steps(session: Session, incidents: Sequence[int]) -> dict[int, list[Done]]:
    found: dict[int, list[Done]] = {}
    for start in range(0, len(incidents), AT_A_TIME):
        asked = select(STEP.c.incident_id, *COLUMNS).where(
            visible(session, STEP), STEP.c.incident_id.in_(incidents[start : start + AT_A_TIME])
        )
        for incident, *row in session.execute(asked.order_by(STEP.c.incident_id, STEP.c.number)):
            found.setdefault(incident, []).append(done(row))
    return found


def _who(session: Session, sent: Iterable[Sent]) -> tuple[dict[str, int], dict[str, set[int]]]:
    """Return the persons that are named, by their folded names, and the staff of departments, by their codes."""
    names = {key_of(each.person) for each in sent if each.person}
    named = select(Person.name_key, Person.id).where(Person.erased_at.is_(None), Person.name_key.in_(names))
    people = dict(session.execute(named).all()) if names else {}
    asked = select(Department.code, Appointment.person_id).join(Appointment, Appointment.department_id == Department.id)
    staff: dict[str, set[int]] = {}
    for code, person in session.execute(asked.where(Appointment.role.in_(ACT))):
        staff.setdefault(code, set()).add(person)
    return people, staff


def _sent_to(sent: Sent, people: Mapping[str, int], staff: Mapping[str, set[int]]) -> set[int]:
    if sent.person:
        return {people[key_of(sent.person)]} if key_of(sent.person) in people else set()
    return {person for code in sent.departments for person in staff.get(code, ())}
