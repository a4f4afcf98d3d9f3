"""Everything about one person, for that person: what is stored of them, what they did, and who looked."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import ENTRIES, Actor, record
from gisgrid.documents.csv_table import csv_bytes
from gisgrid.grid.tables import LEVELS
from gisgrid.incidents.emergencies.tables import Alert, Emergency, Remark, Task
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.orders.tables import Order
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.incidents.surveys.tables import Survey
from gisgrid.incidents.tables import Exhibit, Handler, Incident, Step
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.intake.finding import cell_codes, coded
from gisgrid.once import table_of
from gisgrid.patrols.plans.tables import Gap, Plan, PlanPerson
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.privacy.raw_days import raw_days_of
from gisgrid.privacy.rules import (
    ALARM,
    CONSENT,
    FIX,
    HEARTBEAT,
    HOLD,
    NOTE,
    OBJECTION,
    PATROL,
    PATROLLER,
    SHIFT,
    TOKEN,
    UNREAD,
)
from gisgrid.privacy.subject import Subject
from gisgrid.publications.own import RECEIPT
from gisgrid.publications.publish import PUBLICATION
from gisgrid.settings import Settings
from gisgrid.staff.tables import Appointment, Person, Skill

PERSON: Final = table_of(Person)
INCIDENT: Final = table_of(Incident)
STEP: Final = table_of(Step)
SUGGESTION: Final = table_of(Suggestion)
GAP, PLAN = table_of(Gap), table_of(Plan)
EMERGENCY, ALERT, TASK, REMARK = table_of(Emergency), table_of(Alert), table_of(Task), table_of(Remark)
ORDER = table_of(Order)
ORDERED: Final = (ORDER.c.issued_by, ORDER.c.addressee_person_id, ORDER.c.replied_by, ORDER.c.closed_by)
SECRET: Final = frozenset({"hash", "form_token", "password_hash", "pin_hash", "name_key", "geometry", "seed"})
"""What lets somebody in, and what only repeats another column."""
FIX_COLUMNS: Final = (
    "client_id",
    *(column.name for column in FIX.c if column.name != "id" and not column.name.endswith("_id")),
    *("outing", *(f"{level}_code" for level in LEVELS)),
)
"""A fix without the numbers of rows."""

Row = dict[str, Any]


def about(session: Session, settings: Settings, subject: Subject) -> bytes:
    """Return a zip file: `person.json` with everything but the fixes, and those as CSV and as GeoJSON."""
    fixes = _fixes(session, subject.patroller_id)
    told = {"exported_at": _plain(datetime.now(UTC)), **_told(session, subject), "raw_days": _files(settings, subject)}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _json(told))
        archive.writestr("fixes.csv", _csv(fixes))
        archive.writestr("fixes.geojson", _geojson(fixes))
    return content.getvalue()


def record_export(session: Session, actor: Actor, subject: Subject, sha256: str) -> None:
    """Record in the audit that everything about a person was given out."""
    record(session, actor, "export.person", subject.audited, patroller=subject.patroller_id, sha256=sha256)


def _told(session: Session, subject: Subject) -> dict[str, Any]:
    person = -1 if subject.person is None else subject.person.id
    walker = -1 if subject.patroller_id is None else subject.patroller_id
    asked: dict[str, tuple[Table, ColumnElement[bool]]] = {
        "accounts": (PERSON, PERSON.c.id == person),
        "skills": (table_of(Skill), table_of(Skill).c.person_id == person),
        "roles": (table_of(Appointment), table_of(Appointment).c.person_id == person),
        "tokens": (TOKEN, TOKEN.c.person_id == person),
        "consents": (CONSENT, CONSENT.c.person_id == person),
        "patrollers": (PATROLLER, PATROLLER.c.id == walker),
        "outings": (PATROL, PATROL.c.patroller_id == walker),
        "shifts": (SHIFT, SHIFT.c.patroller_id == walker),
        "objections": (OBJECTION, OBJECTION.c.patroller_id == walker),
        "alarms": (ALARM, ALARM.c.patroller_id == walker),
        "fix_notes": (NOTE, NOTE.c.fix_id.in_(select(FIX.c.id).where(FIX.c.patroller_id == walker))),
        "fix_notes_written": (NOTE, NOTE.c.written_by == person),
        "heartbeats": (HEARTBEAT, HEARTBEAT.c.sender_id == walker),
        "unread": (UNREAD, UNREAD.c.token_id.in_(select(TOKEN.c.id).where(TOKEN.c.person_id == person))),
        "holds": (HOLD, HOLD.c.patroller_id == walker),
        "incidents_reported": (INCIDENT, INCIDENT.c.reported_by == person),
        "incidents_dispatched": (INCIDENT, INCIDENT.c.handler_id == person),
        "incident_steps_made": (STEP, STEP.c.made_by == person),
        "incident_exhibits_added": (table_of(Exhibit), table_of(Exhibit).c.added_by == person),
        "kinds_imported": (table_of(KindEdition), table_of(KindEdition).c.imported_by == person),
        "incidents_handled": (table_of(Handler), table_of(Handler).c.person_id == person),
        "searches_saved": (table_of(SavedSearch), table_of(SavedSearch).c.person_id == person),
        "follow_ups_made": (table_of(FollowUp), table_of(FollowUp).c.made_by == person),
        "surveys_entered": (table_of(Survey), table_of(Survey).c.entered_by == person),
        "plans_made": (PLAN, PLAN.c.made_by == person),
        "plans_walked": (table_of(PlanPerson), table_of(PlanPerson).c.person_id == person),
        "rounds_suggested": (SUGGESTION, or_(SUGGESTION.c.person_id == person, SUGGESTION.c.made_by == person)),
        "gaps_closed": (GAP, GAP.c.closed_by == person),
        "publications_made": (PUBLICATION, PUBLICATION.c.published_by == person),
        "receipts": (RECEIPT, RECEIPT.c.person_id == person),
        "emergencies": (EMERGENCY, or_(EMERGENCY.c.started_by == person, EMERGENCY.c.ended_by == person)),
        "emergency_alerts": (ALERT, ALERT.c.person_id == person),
        "emergency_tasks_done": (TASK, TASK.c.done_by == person),
        "emergency_remarks": (REMARK, REMARK.c.written_by == person),
        "orders": (ORDER, or_(*(column == person for column in ORDERED))),
    }
    found = {name: _rows(session, table, where) for name, (table, where) in asked.items()}
    return {**found, **_audit(session, person)}


def _rows(session: Session, table: Table, where: ColumnElement[bool]) -> list[Row]:
    columns = [column for column in table.c if column.name not in SECRET]
    rows = session.execute(select(*columns).where(where).order_by(*table.primary_key.columns)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _audit(session: Session, person: int) -> dict[str, list[Row]]:
    """Return what the person did, and what others did that was about them, by name: they may know who looked."""
    names = dict(session.execute(select(PERSON.c.id, PERSON.c.name)).all())
    columns = [ENTRIES.c[name] for name in ("at", "actor", "actor_id", "action", "subject", "subject_id", "detail")]
    found = {}
    for name, kind in (("done", "actor"), ("done_by_others", "subject")):
        where = (ENTRIES.c[kind] == "person", ENTRIES.c[f"{kind}_id"] == person)
        rows = session.execute(select(*columns).where(*where).order_by(ENTRIES.c.number)).mappings()
        found[name] = [_entry(row, names) for row in rows]
    return found


def _entry(row: Any, names: dict[int, str]) -> Row:
    by = names.get(row["actor_id"]) if row["actor"] == "person" else None
    return {**row, "at": _plain(row["at"]), "detail": json.loads(row["detail"]), "actor_name": by}


def _fixes(session: Session, walker: int | None) -> list[Row]:
    codes = cell_codes(session)
    asked = select(*FIX.c, PATROL.c.ref.label("outing")).outerjoin(PATROL, PATROL.c.id == FIX.c.patrol_id)
    mine = false() if walker is None else FIX.c.patroller_id == walker
    rows = session.execute(asked.where(mine).order_by(FIX.c.fix_at, FIX.c.id)).mappings()
    return [_fix({**row, **coded(row, codes)}) for row in rows]


def _files(settings: Settings, subject: Subject) -> list[str]:
    """Return in which files of raw days the same fixes are kept as well."""
    return [] if subject.patroller is None else raw_days_of(settings, subject.patroller.ref)


def _fix(row: Row) -> Row:
    return {name: _plain(row[name]) for name in FIX_COLUMNS}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def _csv(fixes: Sequence[Row]) -> bytes:
    rows = [["" if fix[name] is None else fix[name] for name in FIX_COLUMNS] for fix in fixes]
    return csv_bytes([FIX_COLUMNS, *rows])


def _geojson(fixes: Sequence[Row]) -> str:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [fix["longitude"], fix["latitude"]]},
            "properties": {name: value for name, value in fix.items() if name not in ("longitude", "latitude")},
        }
        for fix in fixes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
