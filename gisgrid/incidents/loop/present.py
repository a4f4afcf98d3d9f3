"""The case of an incident as it is shown: what is on record, and what whoever asks could do next."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.lifecycle import RULES, STATES, Hand, Move, open_to, required
from gisgrid.incidents.loop.evidence import exhibits
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.loop.standing import Case, Wish, case_of, limit_of, standing, state_of
from gisgrid.incidents.loop.steps import Done, names_of
from gisgrid.incidents.reports import require_incident
from gisgrid.incidents.tables import Party
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.tables import Department, Person

PARTY = table_of(Party)
LEVELS_ABOVE: Final = ("street", "community", "substation")
KEEP_CONTACT: Final = frozenset[Hand]({"desk", "handler"})
"""Who may know how to reach whoever told of an incident."""


def case_shown(session: Session, settings: Settings, caller: Caller, incident: int) -> dict[str, Any]:
    """Return the case of an incident that the caller sees, as `CaseEntry` says it. Raises NoSuchIncident."""
    case = case_of(session, settings, require_incident(session, incident), datetime.now(UTC))
    hands = hands_of(session, caller, case.row)
    kept = {name: case.row[name] for name in ("id", "number", "revision", "answering_code", "condition", "source")}
    zh, en = STATES[state_of(case)]
    return {
        **kept,
        "state": state_of(case),
        "state_zh": zh,
        "state_en": en,
        "level": LEVELS_ABOVE[len(case.above)] if case.row["answering_code"] else "street",
        "departments": departments_of(session, incident),
        "handler": _name(session, case.row["handler_id"]),
        "outside_number": case.row["outside_number"],
        "contact": case.row["contact"] if hands & KEEP_CONTACT else None,
        "merged_into": case.row["merged_into_id"],
        "neighbours": list(case.beside),
        "across_the_edge": list(case.across),
        "clock": clock_shown(case),
        "steps": steps_shown(session, case.steps),
        "exhibits": exhibits(session, incident),
        "moves": _moves(case, hands, caller.person),
    }


def departments_of(session: Session, incident: int) -> list[str]:
    """Return the codes of the departments that act on an incident, the leading one first."""
    asked = select(Department.code).join(PARTY, PARTY.c.department_id == Department.id)
    its = asked.where(visible(session, PARTY), PARTY.c.incident_id == incident)
    return list(session.scalars(its.order_by(PARTY.c.is_lead.desc(), Department.id)))


def _name(session: Session, person: int | None) -> str | None:
    return None if person is None else session.scalar(select(Person.name).where(Person.id == person))


def clock_shown(case: Case) -> dict[str, Any]:
    """Return the clock of a case as `ClockEntry` says it."""
    shown, limit = case.clock, limit_of(case.kind, case.row["condition"])
    names = ("state", "started_at", "used_s", "allowed_s", "due_at", "is_overdue", "extensions")
    return {"clock": limit.clock if limit else None, **{name: getattr(shown, name) for name in names}}


def steps_shown(session: Session, steps: Sequence[Done]) -> list[dict[str, Any]]:
    """Return steps with the names of who made them and of what they did."""
    names = names_of(session, steps)
    return [{**step._asdict(), **_called(step.move), "by": names.get(step.made_by)} for step in steps]


def _called(move: str) -> dict[str, str]:
    rule = RULES.get(cast("Move", move))
    return {"zh": rule.zh, "en": rule.en} if rule else {"zh": "上报", "en": "report"}


def _moves(case: Case, hands: frozenset[Hand], person: int | None) -> list[dict[str, Any]]:
    found = []
    for move in RULES:
        held = standing(case, hands, person, Wish(move))
        if move in open_to(held):
            needs = required(move, held)
            missing = [need for need in needs if need not in held.met]
            found.append(
                {"move": move, "zh": RULES[move].zh, "en": RULES[move].en, "needs": list(needs), "missing": missing}
            )
    return found
