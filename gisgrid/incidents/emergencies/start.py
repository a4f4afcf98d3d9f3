"""The start of an emergency: by the report of what is one, or by a button. All three levels are alerted at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, Forbidden, Refused
from gisgrid.incidents.emergencies.alerting import EMERGENCY, call, lines_for
from gisgrid.incidents.emergencies.plans import checklist_of, plan_for
from gisgrid.incidents.emergencies.tables import ContingencyPlan, Task
from gisgrid.incidents.kinds.stored import Editions
from gisgrid.incidents.lifecycle import OPEN
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.report import Report, report
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.telling import News, tell
from gisgrid.intake.arrivals import Outcome
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything
from gisgrid.staff.caller import Caller
from gisgrid.staff.offices import departments

TASK: Final = table_of(Task)
LEEWAY: Final = timedelta(minutes=10)
"""Clocks of phones may be ahead by so much; what is dated later would take a number of a day to come."""
FRESH: Final = timedelta(hours=24)
"""What is reported later than so long after it happened alerts nobody by itself: it is for the button."""


class AlreadyStarted(Conflict):
    """An emergency of the incident runs."""


class NothingToStart(Conflict):
    """The incident has ended."""


class ReportedAhead(Refused):
    """A report that is dated ahead."""


class NotYoursToStart(Forbidden):
    """Somebody who sees an incident, and has no part in it."""


def report_at_once(session: Session, settings: Settings, sent: Sequence[Report], actor: Actor | None) -> list[Outcome]:
    """Report incidents as `report` does, and in the same transaction start the plan of each that is an emergency."""
    ahead = [_ahead() if each.reported_at > each.received_at + LEEWAY else None for each in sent]
    taken = [each for each, error in zip(sent, ahead, strict=True) if error is None]
    stored = iter(report(session, taken, settings.zone, actor))
    outcomes = [next(stored) if error is None else Outcome("refused", None, error) for error in ahead]
    editions = Editions(session)
    for outcome in outcomes:
        row = outcome.row
        if outcome.status == "stored" and row and actor and _is_urgent(editions, row, settings.zone):
            with seeing_everything(session):  # whoever reports may see less than where they are
                _start(session, settings, actor, require_incident(session, row["id"]), row["reported_by"])
    return outcomes


def _ahead() -> ReportedAhead:
    return ReportedAhead(
        "上报时间在将来;请核对日期、时间和手机的时钟",
        "it is reported at a time to come: check the date, the time and the clock of the phone",
    )


def _is_urgent(editions: Editions, row: Mapping[str, Any], zone: ZoneInfo) -> bool:
    kind = editions.kind_at(row["kind"], row["reported_at"], zone)
    return kind is not None and kind.is_emergency and row["received_at"] - row["reported_at"] <= FRESH


def start(session: Session, settings: Settings, caller: Caller, incident: int) -> int:
    """Start the emergency of an incident that somebody sees and has a part in; return its row.

    Raises NoSuchIncident, NotYoursToStart, NothingToStart, AlreadyStarted.
    """
    row = require_incident(session, incident, lock=True)
    if not hands_of(session, caller, row):
        raise NotYoursToStart(
            "应急预案由负责该网格的人员、承办部门或巡查员启动",
            "a plan is started by those who answer for the cell, act on the incident or patrol there",
        )
    if row["state"] not in OPEN:
        raise NothingToStart("此件已办结;如又发生,请先重办", "it has ended; reopen it first")
    with seeing_everything(session):
        return _start(session, settings, Actor("person", caller.person), row, caller.person)


def running_of(session: Session, incident: int) -> int | None:
    """Return the row of the emergency of an incident that runs; None for none. The session sees everything."""
    asked = select(EMERGENCY.c.id).where(EMERGENCY.c.incident_id == incident, EMERGENCY.c.ended_at.is_(None))
    return session.scalar(asked)


def _start(session: Session, settings: Settings, actor: Actor, incident: Mapping[str, Any], by: int | None) -> int:
    """Start the plan of an incident, in a session that sees everything."""
    if running_of(session, incident["id"]) is not None:
        raise AlreadyStarted("该事件的应急预案已启动", "the plan of this incident has been started")
    now = datetime.now(UTC)
    plan = plan_for(session, incident["kind"])
    row: dict[str, Any] = {
        "incident_id": incident["id"],
        "plan_id": plan and plan.id,
        "started_at": now,
        "started_by": by,
    }
    row["id"] = session.execute(insert(EMERGENCY).returning(EMERGENCY.c.id), row).scalar_one()
    _copy_checklist(session, row["id"], plan, now)
    record(session, actor, "emergency.started", ("incident", incident["id"]), emergency=row["id"])
    news = News(
        "emergency", "启动应急预案", "an emergency", incident["answering_code"], link=f"/emergencies/{row['id']}"
    )
    tell(session, settings.zone, incident, news)
    for line in lines_for(session, settings, row, incident):
        call(session, actor, row, incident, line, line.at_once, now)
    number: int = row["id"]
    return number


def _copy_checklist(session: Session, emergency: int, plan: ContingencyPlan | None, now: datetime) -> None:
    rows = {each.code: each.id for each in departments(session)}
    tasks = [
        {
            "emergency_id": emergency,
            "number": number,
            "zh": item.zh,
            "en": item.en,
            "role": item.role,
            "department_id": rows.get(item.department or ""),
            "due_at": now + timedelta(minutes=item.minutes),
        }
        for number, item in enumerate(checklist_of(plan), 1)
    ]
    if tasks:
        session.execute(insert(TASK), tasks)
