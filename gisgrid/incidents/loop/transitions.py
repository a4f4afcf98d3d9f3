"""The one way in which an incident moves: asked for, judged by the table, recorded as a step, its row made to agree.

Whoever moves names the revision that they saw. Where somebody else was quicker they are told who, and nothing changes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from gisgrid.audit.record import PROGRAM, Actor, record
from gisgrid.errors import Conflict
from gisgrid.incidents.calendar.stored import calendar_of
from gisgrid.incidents.clock import reading
from gisgrid.incidents.lifecycle import RULES, Hand, Move, State, judge
from gisgrid.incidents.loop.addressees import Addressee, addressee_of, parties
from gisgrid.incidents.loop.hands import hands_of
from gisgrid.incidents.loop.standing import Case, Wish, case_of, limit_of, standing
from gisgrid.incidents.loop.steps import STEP, Done, names_of, ticks
from gisgrid.incidents.reports import INCIDENT, require_incident
from gisgrid.incidents.tables import Party
from gisgrid.incidents.telling import News, tell
from gisgrid.notices.outbox import Topic
from gisgrid.once import table_of
from gisgrid.settings import Settings
from gisgrid.sight import seeing_everything, visible
from gisgrid.staff.caller import Caller

PARTY = table_of(Party)
SAMPLE: Final = 10
"""Of so many that are settled on the spot one is checked."""

TOPICS: Final[Mapping[Move, Topic]] = {
    "dispatch": "incident.dispatched",
    "transfer": "incident.dispatched",
    "escalate": "incident.escalated",
}

Values = dict[str, Any]


class MovedMeanwhile(Conflict):
    """Somebody else moved the incident after it was looked at."""


def move(session: Session, settings: Settings, caller: Caller, incident: int, revision: int, wish: Wish) -> None:
    """Move an incident that the caller sees. `revision` is the one that they looked at.

    Raises NoSuchIncident, MovedMeanwhile, IllegalMove, NotYourMove, Incomplete, NoSuchAddressee.
    """
    now = datetime.now(UTC)
    row = require_incident(session, incident, lock=True)
    case = case_of(session, settings, row, now)
    _require_revision(session, case, revision)
    hands = hands_of(session, caller, row)
    _move(session, settings, Actor("person", caller.person), case, hands, wish)


def move_by_itself(session: Session, settings: Settings, incident: int, wish: Wish, now: datetime) -> None:
    """Move an incident as the program does: what is due, in nobody's name. Raises IllegalMove, Incomplete."""
    case = case_of(session, settings, require_incident(session, incident, lock=True), now)
    _move(session, settings, PROGRAM, case, RULES[wish.move].hands, wish)


def _require_revision(session: Session, case: Case, revision: int) -> None:
    if revision == case.row["revision"]:
        return
    last = case.steps[-1]
    name = names_of(session, [last]).get(last.made_by, "")
    zh, en = (RULES[last.move].zh, RULES[last.move].en) if last.move in RULES else ("上报", "report")
    raise MovedMeanwhile(
        f"此件已变动:{name}已“{zh}”;请刷新后再办(当前修订号 {case.row['revision']})",
        f"somebody{name and f' ({name})'} was quicker: {en}; look again first (revision {case.row['revision']} now)",
    )


def _move(session: Session, settings: Settings, actor: Actor, case: Case, hands: frozenset[Hand], wish: Wish) -> None:
    person = actor.id if actor.kind == "person" else None
    to_state = judge(wish.move, standing(case, hands, person, wish))
    to = addressee_of(session, case, wish)
    changed = {**_effects(case, wish, to), "state": to_state, "revision": case.row["revision"] + 1}
    step = _step(case, person, wish, to_state, changed.get("answering_code", case.row["answering_code"]))
    session.execute(insert(STEP), {**step._asdict(), "incident_id": case.row["id"], "detail": json.dumps(step.detail)})
    changed["due_at"] = _due_at(session, settings, case, step, changed)
    with seeing_everything(session):  # it may go where whoever moves it sees it no more
        its = (visible(session, INCIDENT), INCIDENT.c.id == case.row["id"])
        session.execute(update(INCIDENT).where(*its).values(**changed))
        _name_parties(session, case, wish, to)
    _tell(session, case, wish, step.answering_code, by_itself=actor == PROGRAM)
    record(session, actor, "incident.moved", ("incident", case.row["id"]), move=wish.move)


def _tell(session: Session, case: Case, wish: Wish, answering: str | None, *, by_itself: bool) -> None:
    """Tell of a move those who wait for such; what goes up by itself was not settled in its time."""
    topic = "incident.overdue" if by_itself and wish.move == "escalate" else TOPICS.get(wish.move)
    if topic is not None:
        rule = RULES[wish.move]
        tell(session, case.zone, case.row, News(topic, rule.zh, rule.en, answering, case.clock.due_at))


def _step(case: Case, person: int | None, wish: Wish, to_state: State, answering: str | None) -> Done:
    told = {
        "condition": wish.condition,
        "departments": list(wish.departments) or None,
        "person": wish.person,
        "cell": wish.cell,
        "into": wish.into,
        "until": wish.until and wish.until.isoformat(),
        "score": wish.score,
        "from_cell": case.row["answering_code"] if answering != case.row["answering_code"] else None,
    }
    return Done(
        number=case.steps[-1].number + 1,
        move=wish.move,
        from_state=case.row["state"],
        to_state=to_state,
        made_at=case.now,
        made_by=person,
        answering_code=answering,
        words=wish.words.strip(),
        detail={name: value for name, value in told.items() if value is not None},
        longitude=wish.longitude,
        latitude=wish.latitude,
    )


def _due_at(session: Session, settings: Settings, case: Case, step: Done, changed: Values) -> datetime | None:
    """Work the limit out of all the steps, the new one with them: it is never taken from what was kept."""
    limit = limit_of(case.kind, changed.get("condition", case.row["condition"]))
    shown = reading(ticks([*case.steps, step]), limit, calendar_of(session, settings), case.now)
    return None if shown.state == "stopped" else shown.due_at


# --- what each move changes of the row --------------------------------------------------------------


def _effects(case: Case, wish: Wish, to: Addressee) -> Values:
    effect = EFFECTS.get(wish.move)
    return effect(case, wish, to) if effect else {}


def _sent_to(_: Case, __: Wish, to: Addressee) -> Values:
    return {"department_id": to.lead, "handler_id": to.person}


def _taken_back(_: Case, __: Wish, ___: Addressee) -> Values:
    return {"department_id": None, "handler_id": None}


def _settled(case: Case, _: Wish, __: Addressee) -> Values:
    """Choose one in SAMPLE to be checked: nobody can tell beforehand which, and it can be worked out afterwards."""
    drawn = int.from_bytes(sha256(f"{case.row['number']}\0{case.row['key']}".encode()).digest()[:8])
    return {"is_sampled": drawn % SAMPLE == 0}


EFFECTS: Final[Mapping[Move, Callable[[Case, Wish, Addressee], Values]]] = {
    "file": lambda _, wish, __: {"condition": wish.condition},
    "settle": _settled,
    "dispatch": _sent_to,
    "transfer": _sent_to,
    "send_back": _taken_back,
    "escalate": lambda case, _, __: {"answering_code": case.above[0]},
    "hand_over": lambda _, wish, __: {"answering_code": wish.cell},
    "merge": lambda _, wish, __: {"merged_into_id": wish.into},
    "reopen": lambda *_: {"department_id": None, "handler_id": None, "merged_into_id": None, "condition": None},
}


def _name_parties(session: Session, case: Case, wish: Wish, to: Addressee) -> None:
    """Write anew which departments act, where a move says so."""
    if wish.move not in ("dispatch", "transfer", "send_back", "reopen"):
        return
    session.execute(delete(PARTY).where(visible(session, PARTY), PARTY.c.incident_id == case.row["id"]))
    rows = parties(case.row["id"], to)
    if rows:
        session.execute(insert(PARTY), rows)
