"""Alerting: who is called at once, who when nobody of their line acknowledges, and what makes them see it.

The next in line is looked for every few seconds by the service itself, and whoever does so twice alerts nobody twice.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, Actor, record
from gisgrid.database import session_scope
from gisgrid.errors import Conflict, NotFound
from gisgrid.incidents.emergencies.lines import Called, Line, is_waiting, lines_of, standing_in
from gisgrid.incidents.emergencies.plans import calls_of
from gisgrid.incidents.emergencies.tables import Alert, ContingencyPlan, Emergency
from gisgrid.incidents.handling import HANDLER, sees
from gisgrid.incidents.loop.standing import kind_of
from gisgrid.incidents.reports import require_incident
from gisgrid.jobs import one_by_one
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible

EMERGENCY, ALERT = table_of(Emergency), table_of(Alert)
COLUMNS: Final = [ALERT.c[name] for name in Called._fields]
LARGEST_ID: Final = 2**63 - 1


class NoSuchEmergency(NotFound):
    """No emergency that one may see has that number."""


class EmergencyOver(Conflict):
    """Something of an emergency that has ended."""


class NotCalled(Conflict):
    """Somebody acknowledges an alert that was not sent to them."""


def require_emergency(session: Session, emergency: int, *, lock: bool = False) -> dict[str, Any]:
    """Return the row of an emergency that may be seen; locked, nobody else changes it. Raises NoSuchEmergency."""
    query = select(EMERGENCY).where(visible(session, EMERGENCY), EMERGENCY.c.id == emergency)
    known = 0 < emergency <= LARGEST_ID
    row = session.execute(query.with_for_update() if lock else query).mappings().first() if known else None
    if row is None:
        raise NoSuchEmergency("没有这个编号的应急处置", "there is no emergency with that number")
    return dict(row)


def require_running(session: Session, emergency: int) -> dict[str, Any]:
    """Return the row of an emergency that runs, and stays locked. Raises NoSuchEmergency, EmergencyOver."""
    row = require_emergency(session, emergency, lock=True)
    if row["ended_at"] is not None:
        raise EmergencyOver("该应急处置已结束", "the emergency has ended")
    return row


def called_of(session: Session, emergency: int) -> list[Called]:
    """Return the alerts of an emergency that may be seen, line by line in the order in which lines were called."""
    asked = select(*COLUMNS).where(visible(session, ALERT), ALERT.c.emergency_id == emergency)
    rows = [Called(*row) for row in session.execute(asked.order_by(ALERT.c.id))]
    places = {key: place for place, key in enumerate(dict.fromkeys(row.key for row in rows))}
    return sorted(rows, key=lambda row: (places[row.key], row.turn))


def lines_for(
    session: Session, settings: Settings, emergency: Mapping[str, Any], incident: Mapping[str, Any]
) -> list[Line]:
    """Return the lines of an emergency: those of its plan, and the department that its kind is for."""
    plan = None if emergency["plan_id"] is None else session.get(ContingencyPlan, emergency["plan_id"])
    return lines_of(session, calls_of(plan), [kind_of(session, incident, settings.zone).default_department])


def call(
    session: Session,
    actor: Actor,
    emergency: Mapping[str, Any],
    incident: Mapping[str, Any],
    line: Line,
    most: int,
    now: datetime,
) -> list[int]:
    """Alert the next of a line, so many if there are as many; return their rows.

    The session sees everything. Whoever started it is in their line as one who has acknowledged.
    """
    before = called_of(session, emergency["id"])
    turn = max((each.turn for each in before if each.key == line.key), default=0)
    waiting = standing_in(session, line, incident, {each.person_id for each in before})
    # one by one: nobody is let see what they are not called to
    people = list(islice((each for each in waiting if _can_see(session, emergency, incident, each, now)), most))
    for number, person in enumerate(people, turn + 1):
        is_starter = person == emergency["started_by"]
        row = {"emergency_id": emergency["id"], "person_id": person, "alerted_at": now, "turn": number}
        whose = {"role": line.role, "department_id": line.department_id}
        session.execute(insert(ALERT), {**row, **whose, "acknowledged_at": now if is_starter else None})
        record(
            session, actor, "emergency.alerted", ("incident", incident["id"]), emergency=emergency["id"], person=person
        )
    return people


def _can_see(
    session: Session, emergency: Mapping[str, Any], incident: Mapping[str, Any], person: int, now: datetime
) -> bool:
    """Name somebody to handle what is confidential, so that they see what they are called to; tell whether they do."""
    if not incident["is_confidential"]:
        return True
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    by = emergency["started_by"] or person
    row = {"incident_id": incident["id"], "person_id": person, "named_by": by, "named_at": now}
    named = kind.insert(HANDLER).values(**row, reason="应急预案启动 / contingency plan")
    with session.begin_nested() as trial:
        session.execute(named.on_conflict_do_nothing())
        if sees(session, person, incident["id"]):
            return True
        trial.rollback()  # of the unit complained of, or without a role that sees incidents
    return False


def acknowledge(session: Session, person: int, emergency: int, now: datetime) -> None:
    """Say that somebody who was alerted has got it. Twice is once.

    Raises NoSuchEmergency, EmergencyOver, NotCalled.
    """
    require_running(session, emergency)
    mine = (visible(session, ALERT), ALERT.c.emergency_id == emergency, ALERT.c.person_id == person)
    row = session.execute(select(ALERT.c.id, ALERT.c.acknowledged_at).where(*mine)).first()
    if row is None:
        raise NotCalled(
            "没有通知到您,无须确认;可在处置记录中说明", "you were not alerted; say what you have to say as a remark"
        )
    if row.acknowledged_at is None:
        session.execute(update(ALERT).where(*mine).values(acknowledged_at=now))
        record(session, Actor("person", person), "emergency.acknowledged", ("emergency", emergency))


# --- the next in line ------------------------------------------------------------------------------


def call_next(
    engine: Engine, settings: Settings, now: datetime, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Alert the next of every line in which nobody has acknowledged in time; return how many were alerted."""
    with session_scope(engine) as session:
        waiting = [number for number in _running(session) if _waiting(called_of(session, number), settings, now)]
    return one_by_one(
        engine, waiting, lambda session, emergency: _follow_up(session, settings, emergency, now), is_stopping
    )


def _running(session: Session) -> Sequence[int]:
    return session.scalars(select(EMERGENCY.c.id).where(EMERGENCY.c.ended_at.is_(None)).order_by(EMERGENCY.c.id)).all()


def _waiting(called: Sequence[Called], settings: Settings, now: datetime) -> set[tuple[str, int | None]]:
    lines = groupby(called, key=lambda each: each.key)
    return {key for key, alerts in lines if is_waiting(list(alerts), now, settings.alert_next_s)}


def _follow_up(session: Session, settings: Settings, emergency: int, now: datetime) -> int:
    row = require_emergency(session, emergency, lock=True)
    if row["ended_at"] is not None:
        return 0
    incident = require_incident(session, row["incident_id"])
    due = _waiting(called_of(session, emergency), settings, now)  # anew, now that nobody else does the same
    alerted = 0
    with seeing_everything(session):
        for line in lines_for(session, settings, row, incident):
            if line.key in due:
                _note_silence(session, emergency, line, now)
                alerted += len(call(session, PROGRAM, row, incident, line, 1, now))
    return alerted


def _note_silence(session: Session, emergency: int, line: Line, now: datetime) -> None:
    theirs = (ALERT.c.role == line.role, ALERT.c.department_id.is_not_distinct_from(line.department_id))
    silent = (ALERT.c.emergency_id == emergency, *theirs, ALERT.c.followed_up_at.is_(None))
    session.execute(update(ALERT).where(*silent).values(followed_up_at=now))
