"""What goes on while an emergency runs: tasks are ticked off, words are said, and with words it ends."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Forbidden, NotFound, Refused
from gisgrid.incidents.emergencies.alerting import ALERT, EMERGENCY, require_running
from gisgrid.incidents.emergencies.start import TASK
from gisgrid.incidents.emergencies.tables import Remark
from gisgrid.incidents.lifecycle import Hand
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.reports import require_incident
from gisgrid.once import table_of
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller

REMARK: Final = table_of(Remark)
ACTING: Final = frozenset[Hand]({"desk", "department", "handler", "supervision"})


class NotInvolved(Forbidden):
    """Somebody who sees an emergency, and neither was alerted nor acts on its incident."""


class NoSuchTask(NotFound):
    """The checklist has no task of that number."""


class WordsMissing(Refused):
    """Something that has to be said in words comes without."""


def is_involved(session: Session, caller: Caller, emergency: Mapping[str, Any]) -> bool:
    """Tell whether somebody who sees an emergency was alerted, started it, or acts on its incident."""
    if caller.person is None:
        return False
    mine = (visible(session, ALERT), ALERT.c.emergency_id == emergency["id"], ALERT.c.person_id == caller.person)
    if emergency["started_by"] == caller.person or session.execute(select(ALERT.c.id).where(*mine)).first():
        return True
    return bool(hands_of(session, caller, require_incident(session, emergency["incident_id"])) & ACTING)


def tick(session: Session, caller: Caller, emergency: int, number: int, words: str = "") -> None:
    """Say that a task is done; the first who says so counts.

    Raises NoSuchEmergency, EmergencyOver, NotInvolved, NoSuchTask.
    """
    _require_part(session, caller, emergency)
    its = (visible(session, TASK), TASK.c.emergency_id == emergency, TASK.c.number == number)
    task = session.execute(select(TASK.c.id, TASK.c.done_at).where(*its)).first()
    if task is None:
        raise NoSuchTask("清单中没有这一项", "the checklist has no such task")
    if task.done_at is not None:
        return
    done = {"done_at": datetime.now(UTC), "done_by": caller.person, "words": words.strip()}
    session.execute(update(TASK).where(*its).values(done))
    _record(session, caller, "emergency.task_done", emergency, task=number)


def say(session: Session, caller: Caller, emergency: int, words: str) -> None:
    """Add words to the record. Raises NoSuchEmergency, EmergencyOver, NotInvolved, WordsMissing."""
    _require_part(session, caller, emergency)
    said = _words(words, "请写明情况", "say what there is to say")
    row = {"emergency_id": emergency, "words": said, "written_by": caller.person, "written_at": datetime.now(UTC)}
    session.execute(insert(REMARK), row)
    _record(session, caller, "emergency.remarked", emergency)


def end(session: Session, caller: Caller, emergency: int, words: str) -> None:
    """End an emergency, with words on how. Raises NoSuchEmergency, EmergencyOver, NotInvolved, WordsMissing."""
    _require_part(session, caller, emergency)
    said = _words(words, "结束应急须写明结果", "say how it ended")
    ended = {"ended_at": datetime.now(UTC), "ended_by": caller.person, "words": said}
    its = (visible(session, EMERGENCY), EMERGENCY.c.id == emergency)
    session.execute(update(EMERGENCY).where(*its).values(ended))
    _record(session, caller, "emergency.ended", emergency)


def _require_part(session: Session, caller: Caller, emergency: int) -> None:
    row = require_running(session, emergency)
    if not is_involved(session, caller, row):
        raise NotInvolved(
            "只有被通知的人员和承办此件的人员可以处置", "it is for those who were alerted, and who act on the incident"
        )


def _words(words: str, zh: str, en: str) -> str:
    if not words.strip():
        raise WordsMissing(zh, en)
    return words.strip()


def _record(session: Session, caller: Caller, action: str, emergency: int, **detail: int) -> None:
    record(session, Actor("person", caller.person), action, ("emergency", emergency), **detail)
