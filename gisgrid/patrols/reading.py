"""Looking at another's track: for a purpose that is typed, on record, and known to whoever walked it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.finding import entries_page
from gisgrid.audit.record import ENTRIES, Actor, detail_text, record
from gisgrid.errors import Forbidden
from gisgrid.parameters import Page
from gisgrid.patrols.people import own_patroller
from gisgrid.patrols.tables import Patroller
from gisgrid.staff.caller import Caller
from gisgrid.staff.offices import role_names
from gisgrid.staff.roles import ROLES
from gisgrid.staff.tables import Appointment, Person
from gisgrid.wire import Purpose
from gisgrid.words import bad_input

READ = "track.read"
PURPOSE: TypeAdapter[str] = TypeAdapter(Purpose)
OTHERS = {"operator": ("系统运维", "operator"), "program": ("系统", "program")}


class PurposeNeeded(Forbidden):
    """Others' fixes are not shown to anybody who does not say what for."""


def require_purpose(session: Session, caller: Caller, patroller: str | None, purpose: str | None) -> None:
    """Check that a purpose is given where fixes of other people could be shown. Raises PurposeNeeded.

    `patroller` is the ref of the only one who is asked for, if there is one.
    """
    if purpose is not None or not caller.may("tracks"):
        return
    own = own_patroller(session, caller.person or 0)
    if own is None or own.ref != patroller:
        mine = f";只看本人:patroller={own.ref}" if own else ""
        yours = f"; for your own alone: patroller={own.ref}" if own else ""
        raise PurposeNeeded(
            f"查看他人的定位须写明目的,例如 purpose=核查11月1日巡查异议(5 至 200 字),当事人可以看到{mine}",
            "to see others' fixes say what for, as purpose=checking an objection (5 to 200 characters); they can see it"
            f"{yours}",
        )


def read_purpose(text: str) -> str:
    """Return a purpose as it is typed at the command line. Raises BadInput."""
    try:
        return PURPOSE.validate_python(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise bad_input([{**fault, "loc": ("purpose",)}]) from error


def note_reading(
    session: Session, actor: Actor, refs: Collection[str], purpose: str, *, but: int | None = None
) -> None:
    """Record that somebody looked at the tracks of some patrollers, in an entry for each; not of the person `but`."""
    rows = session.execute(select(Patroller.id, Patroller.person_id).where(Patroller.ref.in_(refs)))
    for patroller, person in rows.all():
        if person is None:
            record(session, actor, READ, ("patroller", patroller), purpose=purpose)
        elif person != but:
            record(session, actor, READ, ("person", person), purpose=purpose)


def unread_of_late(session: Session, actor: Actor, refs: Collection[str], purpose: str, since: datetime) -> set[str]:
    """Return those of whom it is not recorded since a time that somebody looks at their tracks for that purpose."""
    ours = (ENTRIES.c.actor == actor.kind, ENTRIES.c.actor_id == actor.id, ENTRIES.c.action == READ)
    asked = select(ENTRIES.c.subject, ENTRIES.c.subject_id).where(ENTRIES.c.at >= since, *ours)
    known = {tuple(row) for row in session.execute(asked.where(ENTRIES.c.detail == detail_text({"purpose": purpose})))}
    rows = session.execute(select(Patroller.ref, Patroller.id, Patroller.person_id).where(Patroller.ref.in_(refs)))
    return {row.ref for row in rows if not {("patroller", row.id), ("person", row.person_id)} & known}


def readers(session: Session, person_id: int, page: Page) -> tuple[int, list[dict[str, Any]]]:
    """Return how often others looked at a person's track, and a page of when, who, as what, why, the newest first."""
    matched, entries = entries_page(session, page, subject="person", subject_id=person_id, action=READ)
    people = {entry["actor_id"] for entry in entries if entry["actor"] == "person"}
    called, roles = _called(session, people), _roles(session, people)
    return matched, [
        {
            "at": entry["at"],
            "reader": called.get(entry["actor_id"], "") if entry["actor"] == "person" else _other(entry["actor"]),
            "roles": roles.get(entry["actor_id"], []),
            "purpose": str(entry["detail"].get("purpose", "")),
        }
        for entry in entries
    ]


def _other(actor: str) -> str:
    return " / ".join(OTHERS.get(actor, (actor, actor)))


def _called(session: Session, people: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.name, Person.full_name).where(Person.id.in_(people)))
    return {row.id: row.full_name or row.name for row in rows}


def _roles(session: Session, people: Collection[int]) -> dict[int, list[dict[str, str]]]:
    """Return as what people may look at tracks today."""
    names = {role.code: {"zh": role.zh, "en": role.en} for role in role_names(session)}
    seeing = [role for role, permissions in ROLES.items() if "tracks" in permissions]
    held = select(Appointment.person_id, Appointment.role).distinct().order_by(Appointment.role)
    found: dict[int, list[dict[str, str]]] = {}
    for person, role in session.execute(held.where(Appointment.person_id.in_(people), Appointment.role.in_(seeing))):
        found.setdefault(person, []).append(names.get(role, {"zh": role, "en": role}))
    return found
