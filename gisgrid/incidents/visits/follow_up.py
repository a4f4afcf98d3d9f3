"""The follow-up visit: whoever did not do the work asks those concerned what they think of it, once it is done."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, Refused
from gisgrid.incidents.lifecycle import DONE, Hand
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.loop.steps import steps_of, workers
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.once import table_of
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.tables import Person

FOLLOW_UP = table_of(FollowUp)
Way = Literal["phone", "on_site"]
WAYS: Final[dict[Way, tuple[str, str]]] = {"phone": ("电话回访", "by telephone"), "on_site": ("上门回访", "on site")}
VISITS: Final = frozenset[Hand]({"desk", "supervision"})
"""Whose it is to visit afterwards."""
MOST: Final = 20
"""Visits of one incident."""


class NotDone(Conflict):
    """An incident that has not been brought to an end."""


class NotYourVisit(Forbidden):
    """A visit of others: of the desk or of supervision, and never of whoever did the work."""


class TooManyVisits(Refused):
    """An incident that has been followed up often enough."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was heard. `satisfaction`: 1 to 5, None for whoever would not say."""

    way: Way
    satisfaction: int | None = None
    words: str = ""


def follow_up(session: Session, caller: Caller, incident: int, visit: Visit) -> int:
    """Put a visit on record; return its number. Raises NoSuchIncident, NotDone, NotYourVisit, TooManyVisits."""
    row = require_incident(session, incident, lock=True)
    if row["state"] not in DONE:
        raise NotDone("案件还没有办结,办结后再回访", "the incident is not done yet: follow it up when it is")
    if not may_visit(session, caller, row):
        raise NotYourVisit(
            "回访由所在网格及以上的工作人员或督查人员进行,经办人不能回访自己办的案件",
            "a follow-up visit is for the desk of the cell or above, or for supervision; never for who did the work",
        )
    its = (visible(session, FOLLOW_UP), FOLLOW_UP.c.incident_id == incident)
    if (session.scalar(select(func.count()).select_from(FOLLOW_UP).where(*its)) or 0) >= MOST:
        raise TooManyVisits(f"一件案件至多回访 {MOST} 次", f"an incident is followed up at most {MOST} times")
    heard = {"way": visit.way, "satisfaction": visit.satisfaction, "words": visit.words.strip()}
    made = {"incident_id": incident, "made_by": caller.person, "made_at": datetime.now(UTC), **heard}
    number: int = session.execute(insert(FOLLOW_UP).values(made).returning(FOLLOW_UP.c.id)).scalar_one()
    actor = Actor("person", caller.person)
    record(session, actor, "incident.followed_up", ("incident", incident), follow_up=number)
    return number


def may_visit(session: Session, caller: Caller, row: dict[str, Any]) -> bool:
    """Tell whether a caller may follow up an incident, as its row, once it is done."""
    is_workers = caller.person in workers(steps_of(session, row["id"])) or caller.person == row["handler_id"]
    return caller.person is not None and bool(VISITS & hands_of(session, caller, row)) and not is_workers


def follow_ups(session: Session, incident: int) -> list[dict[str, Any]]:
    """Return the visits of an incident in their order, with who made each. Raises NoSuchIncident."""
    require_incident(session, incident)
    by = func.coalesce(func.nullif(Person.full_name, ""), Person.name).label("by")
    columns = [FOLLOW_UP.c[name] for name in ("id", "made_at", "way", "satisfaction", "words")]
    asked = select(*columns, by).outerjoin(Person, Person.id == FOLLOW_UP.c.made_by)
    its = asked.where(visible(session, FOLLOW_UP), FOLLOW_UP.c.incident_id == incident).order_by(FOLLOW_UP.c.id)
    return [{**row, **_called(row["way"])} for row in session.execute(its).mappings()]


def visits_shown(session: Session, caller: Caller, incident: int) -> dict[str, Any]:
    """Return what the macro of `follow_ups.html` shows: `visits`, and whether the caller may add one now."""
    row = require_incident(session, incident)
    may_add = row["state"] in DONE and may_visit(session, caller, row)
    return {"incident": incident, "visits": follow_ups(session, incident), "may_add": may_add}


def _called(way: Way) -> dict[str, str]:
    zh, en = WAYS[way]
    return {"way_zh": zh, "way_en": en}
