"""Emergencies as they are shown: the list, one of them with all that is on record, and what duty screens are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from gisgrid.incidents.emergencies.alerting import ALERT, EMERGENCY, called_of, lines_for, require_emergency
from gisgrid.incidents.emergencies.instead import instead_of, is_unreached
from gisgrid.incidents.emergencies.nearest import Near, nearest
from gisgrid.incidents.emergencies.progress import REMARK, is_involved
from gisgrid.incidents.emergencies.start import TASK
from gisgrid.incidents.emergencies.tables import ContingencyPlan
from gisgrid.incidents.emergencies.timeline import Moment, timeline
from gisgrid.incidents.loop.present import steps_shown
from gisgrid.incidents.loop.steps import steps_of
from gisgrid.incidents.reports import INCIDENT, incident, incidents_page
from gisgrid.intake.finding import page_of
from gisgrid.parameters import Page
from gisgrid.patrols.live.watch import Source
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, sight_of, visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.tables import Department, Person, RoleName

Row = dict[str, Any]
MOST: Final = Page(limit=50, offset=0)
PLAN: Final = ContingencyPlan


def emergencies_page(
    session: Session, settings: Settings, person: int | None, page: Page, *, is_open: bool = False
) -> tuple[int, list[Row]]:
    """Return how many emergencies this session may see, and a page of them, the newest first.

    `is_called`: the person was alerted and has not acknowledged.
    """
    asked = _listed(person).where(visible(session, EMERGENCY), visible(session, INCIDENT))
    if is_open:
        asked = asked.where(EMERGENCY.c.ended_at.is_(None))
    matched, rows = page_of(session, asked.order_by(EMERGENCY.c.id.desc()), page)
    numbers = [row["incident_id"] for row in rows]
    every = Page(limit=max(len(numbers), 1), offset=0)
    found = incidents_page(session, settings.zone, every, more=[INCIDENT.c.id.in_(numbers)])[1]
    its = {each["id"]: each for each in found}
    return matched, [_entry(session, row, its[row["incident_id"]]) for row in rows]


def _listed(person: int | None) -> Select[Any]:
    kept = [EMERGENCY.c[name] for name in ("id", "incident_id", "started_at", "ended_at")]
    return (
        select(*kept, INCIDENT.c.number, PLAN.name_zh.label("plan_zh"), PLAN.name_en.label("plan_en"))
        .join(INCIDENT, INCIDENT.c.id == EMERGENCY.c.incident_id)
        .outerjoin(PLAN, PLAN.id == EMERGENCY.c.plan_id)
        .add_columns(EMERGENCY.c.started_by, literal(person or 0).label("asker"))
    )


def _entry(session: Session, row: Any, its: Row) -> Row:
    alerts = called_of(session, row["id"])
    mine = [each for each in alerts if each.person_id == row["asker"]]
    done = select(func.count(TASK.c.done_at), func.count(TASK.c.id)).where(
        visible(session, TASK), TASK.c.emergency_id == row["id"]
    )
    told = select(func.count(REMARK.c.id)).where(visible(session, REMARK), REMARK.c.emergency_id == row["id"])
    tasks_done, tasks = session.execute(done).one()
    return {
        **{name: row[name] for name in ("id", "incident_id", "number", "plan_zh", "plan_en", "started_at", "ended_at")},
        **{name: its[name] for name in ("kind_zh", "kind_en", "longitude", "latitude", "state_zh", "state_en")},
        "cell_code": its["substation_code"] or its["community_code"] or its["street_code"],
        "is_called": row["ended_at"] is None and any(each.acknowledged_at is None for each in mine),
        "alerted": len(alerts),
        "acknowledged": sum(each.acknowledged_at is not None for each in alerts),
        "tasks": tasks,
        "tasks_done": tasks_done,
        "remarks": session.scalar(told) or 0,
    }


def emergency_shown(session: Session, settings: Settings, caller: Caller, number: int, now: datetime) -> Row:
    """Return an emergency that the caller sees, as `EmergencyRecord` says it. Raises NoSuchEmergency.

    Phone numbers and the nearest patrollers are for those who are involved, while it runs; the latter, as everywhere,
    for those alone who may see tracks, in their cells.
    """
    row = require_emergency(session, number)
    asked = _listed(caller.person).where(
        visible(session, EMERGENCY), visible(session, INCIDENT), EMERGENCY.c.id == number
    )
    its = incident(session, settings.zone, row["incident_id"])
    is_in = is_involved(session, caller, row)
    is_helping = is_in and row["ended_at"] is None
    names = _Names(session, with_phones=is_helping)
    alerts, tasks, remarks = (_rows(session, table, number) for table in (ALERT, TASK, REMARK))
    near = nearest(session, settings, caller, its, now) if is_helping else []
    lines = _lines(session, settings, row, its, alerts, names)
    moments = timeline(row, _steps(session, its["id"]), alerts, tasks, remarks, lines)
    return {
        **_entry(session, session.execute(asked).mappings().one(), its),
        "description": its["description"],
        "is_involved": is_in,
        "started_by": names.of(row["started_by"]),
        "ended_by": names.of(row["ended_by"]),
        "words": row["words"],
        "lines": lines,
        "checklist": [_task(each, names) for each in tasks],
        "nearest": [each._asdict() for each in near],
        "timeline": [_told(each, names) for each in moments],
    }


def near_of(shown: Row) -> list[Near]:
    """Return whose positions an emergency as it is shown tells."""
    return [Near(**each) for each in shown["nearest"]]


def _rows(session: Session, table: Any, emergency: int) -> list[Row]:
    rows = select(table).where(visible(session, table), table.c.emergency_id == emergency).order_by(table.c.id)
    return [dict(row) for row in session.execute(rows).mappings()]


def _steps(session: Session, number: int) -> list[Row]:
    steps = steps_of(session, number)
    shown = steps_shown(session, steps)
    return [{**each, "made_by": step.made_by} for each, step in zip(shown, steps, strict=True)]


class _Names:
    """What people, roles and departments are called, asked for once; their phones for those who may know them."""

    def __init__(self, session: Session, *, with_phones: bool) -> None:
        self._session, self._with_phones = session, with_phones
        self._people: dict[int, tuple[str, str | None]] = {}
        self.roles = {row.code: (row.zh, row.en) for row in session.scalars(select(RoleName))}
        self.departments = {row.id: (row.zh, row.en) for row in session.scalars(select(Department))}

    def person(self, number: int) -> tuple[str, str | None]:
        """Return the name and the phone of a person."""
        if number not in self._people:
            person = self._session.get(Person, number)
            known = person is not None and person.erased_at is None
            name = (person.full_name or person.name) if person is not None and known else ""
            phone = person.phone if person is not None and self._with_phones else None
            self._people[number] = (name, phone)
        return self._people[number]

    def of(self, number: int | None) -> str | None:
        """Return the name of a person; None for nobody."""
        return (self.person(number)[0] or None) if number is not None else None

    def line(self, role: str | None, department_id: int | None) -> tuple[str, str]:
        """Return what a line is called."""
        if department_id is not None:
            return self.departments.get(department_id, ("", ""))
        return self.roles.get(role or "", (role or "", role or ""))


def _lines(session: Session, settings: Settings, row: Row, its: Row, alerts: Sequence[Row], names: _Names) -> list[Row]:
    """Return the lines with who was called in each, and whom to telephone for those in which nobody can be alerted."""
    found: list[Row] = []
    for line in lines_for(session, settings, row, its):
        theirs = [each for each in alerts if (each["role"], each["department_id"]) == line.key]
        zh, en = names.line(line.role, line.department_id)
        people = [_alert(each, names) for each in sorted(theirs, key=lambda each: int(each["turn"]))]
        is_received = any(each["acknowledged_at"] for each in theirs)
        told = {"zh": zh, "en": en, "phone": line.phone or None, "is_received": is_received, "people": people}
        found.append({"role": line.role, **told})
    return [{**each, **_unreached(each, found)} for each in found]


def _unreached(line: Row, lines: Sequence[Row]) -> Row:
    is_so = is_unreached(line)
    return {"is_unreached": is_so, "instead": instead_of(line, lines) if is_so else None}


def _alert(alert: Row, names: _Names) -> Row:
    name, phone = names.person(alert["person_id"])
    times = {name: alert[name] for name in ("turn", "alerted_at", "acknowledged_at", "followed_up_at")}
    return {"person": alert["person_id"], "name": name or None, "phone": phone, **times}


def _task(task: Row, names: _Names) -> Row:
    for_zh, for_en = names.line(task["role"], task["department_id"])
    kept = {name: task[name] for name in ("number", "zh", "en", "due_at", "done_at", "words")}
    return {**kept, "for_zh": for_zh, "for_en": for_en, "done_by": names.of(task["done_by"])}


def _told(moment: Moment, names: _Names) -> Row:
    kept = {name: getattr(moment, name) for name in ("at", "what", "zh", "en", "words")}
    return {**kept, "by": names.of(moment.person)}


# --- whoever is called, and duty screens ------------------------------------------------------------


def calls_to(session: Session, person: int) -> list[Row]:
    """Return the emergencies to which a person was called and has not acknowledged: whatever else they may see."""
    mine = select(ALERT.c.emergency_id).where(ALERT.c.person_id == person, ALERT.c.acknowledged_at.is_(None))
    with seeing_everything(session):  # who was alerted was let see it then
        open_ones = (EMERGENCY.c.ended_at.is_(None), EMERGENCY.c.id.in_(mine))
        rows = session.execute(_listed(person).where(*open_ones).order_by(EMERGENCY.c.id)).mappings()
        return [dict(row) for row in rows]


def watched(session: Session, settings: Settings, _: datetime) -> Row:
    """Tell a stream of the emergencies that run, by their numbers, as far as its person may see them."""
    person = sight_of(session).person
    if person is None or not _runs(session):
        return {}
    rows = emergencies_page(session, settings, person, MOST, is_open=True)[1]
    return {str(row["id"]): _on_screen(row) for row in rows}


def _runs(session: Session) -> bool:
    runs: ColumnElement[bool] = EMERGENCY.c.ended_at.is_(None)
    with seeing_everything(session):
        return session.execute(select(EMERGENCY.c.id).where(runs).limit(1)).first() is not None


def _on_screen(row: Mapping[str, Any]) -> Row:
    names = (
        "number",
        "kind_zh",
        "kind_en",
        "cell_code",
        "is_called",
        "alerted",
        "acknowledged",
        "tasks_done",
        "remarks",
    )
    told = {name: row[name] for name in names}
    return {**told, "started_at": row["started_at"].isoformat(timespec="seconds")}


EMERGENCIES: Final = Source("emergencies", "incidents", watched, every_s=2.0)
"""What duty screens hear of, in seconds."""
