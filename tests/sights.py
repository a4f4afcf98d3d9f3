"""What anybody may see, said once more in plain Python; and rows and sights at random to try the walls with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete, insert, select
from sqlalchemy.orm import Session

from gisgrid.attachments.tables import Attachment
from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.incidents.emergencies.tables import Alert, Emergency, Remark, Task
from gisgrid.incidents.orders.tables import Order
from gisgrid.incidents.tables import Exhibit, Handler, Incident, Party, Step
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.once import table_of
from gisgrid.patrols.plans.tables import Gap, Plan, PlanArea, PlanPerson
from gisgrid.patrols.suggest.tables import Suggestion
from gisgrid.patrols.tables import DEVICE, Alarm, Fix, FixNote, Heartbeat, Objection, Patroller, Shift, Unread
from gisgrid.publications.tables import Publication, Receipt
from gisgrid.sight import Cells, Sight
from gisgrid.staff.tables import Appointment, Department, Person
from gisgrid.staff.tokens import issue
from tests.laid import lay
from tests.rows import DAWN, a_position

Row = Mapping[str, Any]
Rows = dict[str, list[dict[str, Any]]]
PLACED = (
    *("incidents", "fixes", "shifts", "objections", "incident_handlers", "plans", "plan_people", "plan_areas", "gaps"),
    *("alarms", "fix_notes", "heartbeats", "unread", "incident_parties", "incident_steps", "incident_exhibits"),
    *("publications", "receipts", "follow_ups", "supervision_orders", "emergencies"),
    *("emergency_alerts", "emergency_tasks", "emergency_remarks", "suggestions"),
)
"""The scoped tables, in an order in which they can be filled."""
DEVICE_CELLS = ("440307009002001", 'a"b\\,{}')
"""The cells of two phones; the code of the second is as odd as one can be."""
WITH_THEIRS = ("incident_steps", "incident_exhibits")
"""What goes with its incident, and not before."""
KEPT = "0" * 64
PUBLISHED_TO = (None, "440307009", "440307009002", *DEVICE_CELLS)
APPOINTED: tuple[tuple[str, str | None], ...] = (
    ("cadre", DEVICE_CELLS[0]),
    ("patroller", "440307009002"),
    ("patroller", None),
)
"""What each of the people is, and where: below a community, in it, and everywhere."""
POINT = "SRID=4326;POINT(114.5 22.5)"
AREA = "SRID=4326;POLYGON((114 22, 115 22, 115 23, 114 22))"
STANDINGS = ("counted", "withheld", "quarantined", "evidence")


class Ground(NamedTuple):
    """What rows refer to: cells, people, departments, and walkers with the person that each of them is, if any.

    `tokens`: of keys the person, of devices the code of the cell; `phones`: the walkers that are a device, by token.
    """

    streets: list[int]
    communities: list[int]
    substations: list[int]
    people: list[int]
    walkers: dict[int, int | None]
    departments: list[int]
    tokens: dict[int, tuple[int | None, str | None]]
    phones: dict[int, int]

    @property
    def cells(self) -> list[int]:
        return [*self.streets, *self.communities, *self.substations]


def ground(engine: Engine) -> Ground:
    """Lay a grid and add people who walk."""
    lay(engine)
    with session_scope(engine, write=True) as session:
        levels = {level: _some(session, level) for level in ("street", "community", "substation")}
        people = [Person(name=f"p{number}", created_at=DAWN) for number in range(3)]
        session.add_all(people)
        session.flush()
        for each, (role, code) in zip(people, APPOINTED, strict=True):
            session.add(Appointment(person_id=each.id, role=role, cell_code=code, granted_at=DAWN))
        walkers = [Patroller(ref=f"w{each}", person_id=each) for each in (people[0].id, people[1].id, None)]
        session.add_all(walkers)
        session.flush()
        session.add(Attachment(hash=KEPT, media_type="application/pdf", size=4, data=b"%PDF", added_at=DAWN))
        departments = list(session.scalars(select(Department.id).order_by(Department.id).limit(2)))
        numbers = [person.id for person in people]
        tokens = [issue(session, "device", cell_code=code).row for code in DEVICE_CELLS]
        tokens += [issue(session, "api", person_id=people[0].id).row]
        phones = {each.id: Patroller(ref=f"{DEVICE}{each.id}") for each in tokens if each.kind == "device"}
        session.add_all(phones.values())
        session.flush()
        known = {each.id: (each.person_id, each.cell_code) for each in tokens}
        rows_of_phones = {token: phone.id for token, phone in phones.items()}
        walking = {each.id: each.person_id for each in walkers}
        return Ground(*levels.values(), numbers, walking, departments, known, rows_of_phones)


def _some(session: Session, level: str) -> list[int]:
    return list(session.scalars(select(Cell.id).where(Cell.level == level).order_by(Cell.code).limit(2)))


# --- rows and sights at random -----------------------------------------------------------------------


def sights(at: Ground) -> st.SearchStrategy[Sight]:
    """Return sights that see anything from nothing at all to all rows."""

    def some(ids: Sequence[int]) -> st.SearchStrategy[frozenset[int]]:
        return st.frozensets(st.sampled_from(ids))

    cells = st.builds(Cells, some(at.streets), some(at.communities), some(at.substations), st.booleans())
    people = st.none() | st.sampled_from(at.people)
    limited = st.builds(
        Sight,
        answers=cells,
        confides=cells,
        beneath=some(at.cells),
        codes=st.frozensets(st.sampled_from(DEVICE_CELLS)),
        departments=some(at.departments),
        person=people,
    )
    return limited | st.builds(Sight, everything=st.booleans())


def rows(at: Ground) -> st.SearchStrategy[Rows]:
    """Return rows for each of the scoped tables."""
    return st.tuples(
        st.lists(_incidents(at), min_size=1, max_size=6),
        st.lists(_fixes(at), min_size=1, max_size=6),
        st.just(list(at.walkers)),
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(at.walkers))), min_size=1, max_size=3),
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(at.people)), min_size=1, max_size=5),
        st.lists(st.fixed_dictionaries(_place(at)), min_size=1, max_size=3),
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from(at.people)), min_size=1, max_size=4),
        st.lists(st.fixed_dictionaries(_place(at)), min_size=1, max_size=4),
        st.lists(_alarms(at), min_size=1, max_size=3),
        st.lists(st.integers(0, 5), min_size=1, max_size=3),
        st.just([*at.walkers, *at.phones.values()]),
        st.just(list(at.tokens)),
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from(at.departments)), min_size=1, max_size=3),
        st.lists(_publications(at), min_size=1, max_size=4),
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from(at.people)), min_size=1, max_size=4),
        st.lists(st.fixed_dictionaries({**_place(at), **_suggested(at)}), min_size=1, max_size=4),
    ).map(lambda drawn: dict(zip(PLACED, _numbered(at, *drawn), strict=True)))


def _one_of(ids: Sequence[int]) -> st.SearchStrategy[int | None]:
    return st.none() | st.sampled_from(ids)


def _suggested(at: Ground) -> dict[str, st.SearchStrategy[int | None]]:
    return {"person_id": st.sampled_from(at.people), "made_by": _one_of(at.people)}


def _place(at: Ground) -> dict[str, st.SearchStrategy[int | None]]:
    # not only as the grid nests: a wall is not to lean on it
    levels = {"street_id": at.streets, "community_id": at.communities, "substation_id": at.substations}
    return {column: _one_of(ids) for column, ids in levels.items()}


def _incidents(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    about = {"complained_cell_id": _one_of(at.cells), "complained_department_id": _one_of(at.departments)}
    told = {"is_confidential": st.booleans(), "reported_by": _one_of(at.people), "handler_id": _one_of(at.people)}
    told["answering_code"] = st.none() | st.sampled_from(DEVICE_CELLS)
    return st.fixed_dictionaries({**_place(at), **about, **told})


def _fixes(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    walker = st.sampled_from(list(at.walkers))
    return st.fixed_dictionaries({**_place(at), "patroller_id": walker, "standing": st.sampled_from(STANDINGS)})


def _alarms(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({**_place(at), "patroller_id": st.sampled_from(list(at.walkers))})


def _publications(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    role = st.none() | st.sampled_from(["cadre", "patroller", "mediator"])
    made = {"cell_code": st.sampled_from(PUBLISHED_TO), "role": role, "published_by": _one_of(at.people)}
    return st.fixed_dictionaries(made)


def _numbered(
    at: Ground,
    incidents: list[dict[str, Any]],
    fixes: list[dict[str, Any]],
    shifts: list[int],
    objections: list[tuple[int, int]],
    handlers: list[tuple[int, int]],
    plans: list[dict[str, Any]],
    named_in: list[tuple[int, int]],
    gaps: list[dict[str, Any]],
    alarms: list[dict[str, Any]],
    noted: list[int],
    beating: list[int],
    tokens: list[int],
    acting: list[tuple[int, int]],
    publications: list[dict[str, Any]],
    receipts: list[tuple[int, int]],
    suggested: list[dict[str, Any]],
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of each table with all that they need."""
    place = a_position()
    told = {"kind": "L0201", "description": "", "reported_at": DAWN, "received_at": DAWN, "geometry": POINT, **place}
    yield [{**told, **row, "id": n, "key": f"{n}"} for n, row in enumerate(incidents, 1)]
    measured = {"fix_at": DAWN, "received_at": DAWN, **place}
    yield [
        {**measured, **row, "sender_id": row["patroller_id"], "id": n, "client_id": f"{n}"}
        for n, row in enumerate(fixes, 1)
    ]
    times = {"started_at": DAWN, "ended_at": DAWN, "signed_on_at": DAWN}
    yield [{**times, "id": n, "patroller_id": walker} for n, walker in enumerate(shifts, 1)]
    said = {"words": "", "made_at": DAWN, "reply": ""}
    contested = enumerate(((fix % len(fixes) + 1, walker) for fix, walker in objections), 1)
    yield [{**said, "id": n, "fix_id": fix, "patroller_id": walker} for n, (fix, walker) in contested]
    named = {"named_by": at.people[0], "named_at": DAWN, "reason": ""}
    pairs = sorted({(incident % len(incidents) + 1, person) for incident, person in handlers})
    yield [{**named, "incident_id": incident, "person_id": person} for incident, person in pairs]
    yield from _planned(plans, named_in, gaps)
    called = {"raised_at": DAWN, "received_at": DAWN, "words": ""}
    sender = next(iter(at.walkers))
    yield [{**called, **row, "id": n, "client_id": f"{n}", "sender_id": sender} for n, row in enumerate(alarms, 1)]
    note = {"act": "noted", "words": "", "written_at": DAWN}
    yield [{**note, "id": n, "fix_id": fix % len(fixes) + 1} for n, fix in enumerate(noted, 1)]
    yield [{"id": n, "sender_id": each, "beat_at": DAWN, "received_at": DAWN} for n, each in enumerate(beating, 1)]
    unread = dict.fromkeys(("protocol", "zh", "en", "body"), "")
    yield [{**unread, "id": n, "token_id": token, "received_at": DAWN} for n, token in enumerate(tokens, 1)]
    yield from _moved(len(incidents), acting)
    said = {"title": "", "words": "", "must_confirm": False, "published_at": DAWN}
    yield [{**said, **row, "id": n} for n, row in enumerate(publications, 1)]
    seen = sorted({(publication % len(publications) + 1, person) for publication, person in receipts})
    yield [{"publication_id": publication, "person_id": person, "seen_at": DAWN} for publication, person in seen]
    yield from _urgent(len(incidents), at.people[0])
    until = {"made_at": DAWN, "expires_at": DAWN, "minutes": 60, "started_from": "cell", "is_by_ways": False}
    way = {"longitude": 114.5, "latitude": 22.5, "detour": 1.0, "places": "[]", "line": "[]"}
    yield [{**until, **way, **row, "id": n} for n, row in enumerate(suggested, 1)]


def _urgent(incidents: int, person: int) -> Iterator[list[dict[str, Any]]]:
    """Yield for each incident a visit, an order, and an emergency with what belongs to it."""
    each = range(1, incidents + 1)
    yield [{"id": n, "incident_id": n, "made_at": DAWN, "way": "phone", "words": ""} for n in each]
    ordered = {"words": "", "issued_at": DAWN, "deadline_at": DAWN}
    yield [{**ordered, "id": n, "number": f"{n}", "incident_id": n} for n in each]
    yield [{"id": n, "incident_id": n, "started_at": DAWN} for n in each]
    alert = {"person_id": person, "role": "cadre", "turn": 1, "alerted_at": DAWN}
    yield [{**alert, "id": n, "emergency_id": n} for n in each]
    yield [{"id": n, "emergency_id": n, "number": 1, "zh": "", "en": "", "due_at": DAWN} for n in each]
    yield [{"id": n, "emergency_id": n, "words": "", "written_at": DAWN} for n in each]


def _moved(incidents: int, acting: list[tuple[int, int]]) -> Iterator[list[dict[str, Any]]]:
    pairs = sorted({(incident % incidents + 1, department) for incident, department in acting})
    yield [{"incident_id": incident, "department_id": each, "is_lead": False} for incident, each in pairs]
    step = {"number": 1, "move": "report", "to_state": "reported", "made_at": DAWN, "words": "", "detail": "{}"}
    yield [{**step, "id": number, "incident_id": number} for number in range(1, incidents + 1)]
    shown = {"hash": KEPT, "shows": "done", "caption": "", "added_at": DAWN}
    yield [{**shown, "id": number, "incident_id": number} for number in range(1, incidents + 1)]


def _planned(
    plans: list[dict[str, Any]], named: list[tuple[int, int]], gaps: list[dict[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    day = DAWN.date()
    asked = {"name": "", "is_operation": False, "first_day": day, "terms": [], "seed": b"", "made_at": DAWN}
    yield [{**asked, **row, "id": n} for n, row in enumerate(plans, 1)]
    pairs = sorted({(plan % len(plans) + 1, person) for plan, person in named})
    yield [{"plan_id": plan, "since": day, "person_id": person} for plan, person in pairs]
    yield [{"plan_id": n, "geometry": AREA} for n in range(1, len(plans) + 1)]
    times = dict.fromkeys(("start_at", "end_at", "last_at", "opened_at", "level_since"), DAWN)
    life = {"reason": "", "level": "street", "steps": "[]"}
    missed = {"plan_id": 1, "day": day, "kind": "checkpoint", "code": "C1", **life, **times}
    yield [{**missed, **row, "id": n, "number": n} for n, row in enumerate(gaps, 1)]


@contextmanager
def stored(engine: Engine, kept: Rows) -> Iterator[None]:
    """Store rows for a while."""
    with session_scope(engine, write=True) as session:
        for name in PLACED:
            if kept[name]:
                session.execute(insert(TABLES[name]), kept[name])
    try:
        yield
    finally:
        with session_scope(engine, write=True) as session:
            for name in reversed([each for each in PLACED if each not in WITH_THEIRS]):
                session.execute(delete(TABLES[name]))


# --- the rules, in plain Python ----------------------------------------------------------------------


def _holds(cells: Cells, row: Row) -> bool:
    if row["street_id"] is None and cells.outside:
        return True
    levels = {"street_id": cells.streets, "community_id": cells.communities, "substation_id": cells.substations}
    return any(row[column] in ids for column, ids in levels.items())


def _sees_incident(sight: Sight, row: Row, kept: Rows, _: Ground) -> bool:
    if sight.person is not None and sight.person in (row["reported_by"], row["handler_id"]):
        return True
    cell, department = row["complained_cell_id"], row["complained_department_id"]
    if (cell is not None and cell not in sight.beneath) or department in sight.departments:
        return False
    if not row["is_confidential"]:
        return _holds(sight.answers, row) or row["answering_code"] in sight.codes
    named = {each["person_id"] for each in kept["incident_handlers"] if each["incident_id"] == row["id"]}
    return sight.person in named or _holds(sight.confides, row)


def _walked(sight: Sight, row: Row, _: Rows, at: Ground) -> bool:
    return sight.person is not None and at.walkers[row["patroller_id"]] == sight.person


def _sees_fix(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _walked(sight, row, kept, at) or (row["standing"] != "withheld" and _holds(sight.answers, row))


def _sees_alarm(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _walked(sight, row, kept, at) or _holds(sight.answers, row)


def _sees_objection(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    fix = kept["fixes"][row["fix_id"] - 1]
    return _walked(sight, row, kept, at) or _sees_fix(sight, fix, kept, at)


def _sees_note(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _sees_fix(sight, kept["fixes"][row["fix_id"] - 1], kept, at)


def _sees_beat(sight: Sight, row: Row, _: Rows, at: Ground) -> bool:
    sender = row["sender_id"]
    if sender in at.walkers:
        return sight.person is not None and at.walkers[sender] == sight.person
    token = next(token for token, phone in at.phones.items() if phone == sender)
    return at.tokens[token][1] in sight.codes


def _sees_unread(sight: Sight, row: Row, _: Rows, at: Ground) -> bool:
    person, code = at.tokens[row["token_id"]]
    return code in sight.codes or (person is not None and person == sight.person)


def _answers_for(sight: Sight, code: str | None) -> bool:
    return sight.answers.outside if code is None else code in sight.codes


def _sees_publication(sight: Sight, row: Row, _: Rows, at: Ground) -> bool:
    if sight.person is not None and row["published_by"] == sight.person:
        return True
    if _answers_for(sight, row["cell_code"]) or sight.person is None:
        return _answers_for(sight, row["cell_code"])
    role, code = APPOINTED[at.people.index(sight.person)]
    lies = row["cell_code"] is None or row["cell_code"] in (code, (code or "")[:12], (code or "")[:9])
    return lies and row["role"] in (None, role)


def _sees_receipt(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    its = kept["publications"][row["publication_id"] - 1]
    own = sight.person is not None and row["person_id"] == sight.person
    return own or _answers_for(sight, its["cell_code"])


def _sees_handler(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _sees_incident(sight, kept["incidents"][row["incident_id"] - 1], kept, at)


def _sees_emergency(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _sees_handler(sight, kept["emergencies"][row["emergency_id"] - 1], kept, at)


def _sees_suggestion(sight: Sight, row: Row, _: Rows, __: Ground) -> bool:
    own = sight.person is not None and sight.person in (row["person_id"], row["made_by"])
    return own or _holds(sight.answers, row)


def _sees_placed(sight: Sight, row: Row, _: Rows, __: Ground) -> bool:
    return _holds(sight.answers, row)


def _sees_named(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _sees_placed(sight, kept["plans"][row["plan_id"] - 1], kept, at)


RULES: dict[str, Callable[[Sight, Row, Rows, Ground], bool]] = {
    "incidents": _sees_incident,
    "fixes": _sees_fix,
    "shifts": _walked,
    "objections": _sees_objection,
    "incident_handlers": _sees_handler,
    "plans": _sees_placed,
    "plan_people": _sees_named,
    "plan_areas": _sees_named,
    "gaps": _sees_placed,
    "alarms": _sees_alarm,
    "fix_notes": _sees_note,
    "heartbeats": _sees_beat,
    "unread": _sees_unread,
    "incident_parties": _sees_handler,
    "incident_steps": _sees_handler,
    "incident_exhibits": _sees_handler,
    **dict.fromkeys(("follow_ups", "supervision_orders", "emergencies"), _sees_handler),
    **dict.fromkeys(("emergency_alerts", "emergency_tasks", "emergency_remarks"), _sees_emergency),
    "publications": _sees_publication,
    "receipts": _sees_receipt,
    "suggestions": _sees_suggestion,
}
TABLES: dict[str, Table] = {
    "incidents": table_of(Incident),
    "fixes": table_of(Fix),
    "shifts": table_of(Shift),
    "objections": table_of(Objection),
    "incident_handlers": table_of(Handler),
    "plans": table_of(Plan),
    "plan_people": table_of(PlanPerson),
    "plan_areas": table_of(PlanArea),
    "gaps": table_of(Gap),
    "alarms": table_of(Alarm),
    "fix_notes": table_of(FixNote),
    "heartbeats": table_of(Heartbeat),
    "unread": table_of(Unread),
    "incident_parties": table_of(Party),
    "incident_steps": table_of(Step),
    "incident_exhibits": table_of(Exhibit),
    "follow_ups": table_of(FollowUp),
    "supervision_orders": table_of(Order),
    "emergencies": table_of(Emergency),
    "emergency_alerts": table_of(Alert),
    "emergency_tasks": table_of(Task),
    "emergency_remarks": table_of(Remark),
    "publications": table_of(Publication),
    "receipts": table_of(Receipt),
    "suggestions": table_of(Suggestion),
}


def key_of(name: str) -> list[str]:
    """Return the columns that tell the rows of a table apart."""
    return [column.name for column in TABLES[name].primary_key]


def expected(name: str, sight: Sight, kept: Rows, at: Ground) -> set[tuple[int, ...]]:
    """Return the keys of the rows of a table that lie within a sight, by the plain rules."""
    seen = (row for row in kept[name] if sight.everything or RULES[name](sight, row, kept, at))
    return {tuple(row[column] for column in key_of(name)) for row in seen}
