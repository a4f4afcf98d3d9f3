"""What anybody may see, said once more in plain Python; and rows and sights at random to try the walls with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete, insert, select
from sqlalchemy.orm import Session

from gisgrid.database import session_scope
from gisgrid.grid.tables import Cell
from gisgrid.incidents.tables import Handler, Incident
from gisgrid.once import table_of
from gisgrid.patrols.plans.tables import Gap, Plan, PlanPerson
from gisgrid.patrols.tables import DEVICE, Alarm, Fix, FixNote, Heartbeat, Objection, Patroller, Shift, Unread
from gisgrid.sight import Cells, Sight
from gisgrid.staff.tables import Department, Person
from gisgrid.staff.tokens import issue
from tests.laid import lay
from tests.rows import DAWN, a_position

Row = Mapping[str, Any]
Rows = dict[str, list[dict[str, Any]]]
PLACED = (
    *("incidents", "fixes", "shifts", "objections", "incident_handlers", "plans", "plan_people", "gaps"),
    *("alarms", "fix_notes", "heartbeats", "unread"),
)
"""The scoped tables, in an order in which they can be filled."""
DEVICE_CELLS = ("440307009002001", 'a"b\\,{}')
"""The cells of two phones; the code of the second is as odd as one can be."""
POINT = "SRID=4326;POINT(114.5 22.5)"
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
        walkers = [Patroller(ref=f"w{each}", person_id=each) for each in (people[0].id, people[1].id, None)]
        session.add_all(walkers)
        session.flush()
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
    ).map(lambda drawn: dict(zip(PLACED, _numbered(at, *drawn), strict=True)))


def _one_of(ids: Sequence[int]) -> st.SearchStrategy[int | None]:
    return st.none() | st.sampled_from(ids)


def _place(at: Ground) -> dict[str, st.SearchStrategy[int | None]]:
    # not only as the grid nests: a wall is not to lean on it
    levels = {"street_id": at.streets, "community_id": at.communities, "substation_id": at.substations}
    return {column: _one_of(ids) for column, ids in levels.items()}


def _incidents(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    about = {"complained_cell_id": _one_of(at.cells), "complained_department_id": _one_of(at.departments)}
    told = {"is_confidential": st.booleans(), "reported_by": _one_of(at.people)}
    return st.fixed_dictionaries({**_place(at), **about, **told})


def _fixes(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    walker = st.sampled_from(list(at.walkers))
    return st.fixed_dictionaries({**_place(at), "patroller_id": walker, "standing": st.sampled_from(STANDINGS)})


def _alarms(at: Ground) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({**_place(at), "patroller_id": st.sampled_from(list(at.walkers))})


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
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of each table with all that they need."""
    place = a_position()
    told = {"kind": "L0201", "description": "", "reported_at": DAWN, "received_at": DAWN, "geometry": POINT, **place}
    yield [{**told, **row, "id": n, "client_id": f"{n}"} for n, row in enumerate(incidents, 1)]
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


def _planned(
    plans: list[dict[str, Any]], named: list[tuple[int, int]], gaps: list[dict[str, Any]]
) -> Iterator[list[dict[str, Any]]]:
    day = DAWN.date()
    asked = {"name": "", "is_operation": False, "first_day": day, "terms": [], "seed": b"", "made_at": DAWN}
    yield [{**asked, **row, "id": n} for n, row in enumerate(plans, 1)]
    pairs = sorted({(plan % len(plans) + 1, person) for plan, person in named})
    yield [{"plan_id": plan, "since": day, "person_id": person} for plan, person in pairs]
    times = dict.fromkeys(("start_at", "end_at", "last_at", "opened_at"), DAWN)
    missed = {"plan_id": 1, "day": day, "kind": "checkpoint", "code": "C1", "reason": "", **times}
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
            for name in reversed(PLACED):
                session.execute(delete(TABLES[name]))


# --- the rules, in plain Python ----------------------------------------------------------------------


def _holds(cells: Cells, row: Row) -> bool:
    if row["street_id"] is None and cells.outside:
        return True
    levels = {"street_id": cells.streets, "community_id": cells.communities, "substation_id": cells.substations}
    return any(row[column] in ids for column, ids in levels.items())


def _sees_incident(sight: Sight, row: Row, kept: Rows, _: Ground) -> bool:
    if sight.person is not None and row["reported_by"] == sight.person:
        return True
    cell, department = row["complained_cell_id"], row["complained_department_id"]
    if (cell is not None and cell not in sight.beneath) or department in sight.departments:
        return False
    if not row["is_confidential"]:
        return _holds(sight.answers, row)
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


def _sees_handler(sight: Sight, row: Row, kept: Rows, at: Ground) -> bool:
    return _sees_incident(sight, kept["incidents"][row["incident_id"] - 1], kept, at)


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
    "gaps": _sees_placed,
    "alarms": _sees_alarm,
    "fix_notes": _sees_note,
    "heartbeats": _sees_beat,
    "unread": _sees_unread,
}
TABLES: dict[str, Table] = {
    "incidents": table_of(Incident),
    "fixes": table_of(Fix),
    "shifts": table_of(Shift),
    "objections": table_of(Objection),
    "incident_handlers": table_of(Handler),
    "plans": table_of(Plan),
    "plan_people": table_of(PlanPerson),
    "gaps": table_of(Gap),
    "alarms": table_of(Alarm),
    "fix_notes": table_of(FixNote),
    "heartbeats": table_of(Heartbeat),
    "unread": table_of(Unread),
}


def key_of(name: str) -> list[str]:
    """Return the columns that tell the rows of a table apart."""
    return [column.name for column in TABLES[name].primary_key]


def expected(name: str, sight: Sight, kept: Rows, at: Ground) -> set[tuple[int, ...]]:
    """Return the keys of the rows of a table that lie within a sight, by the plain rules."""
    seen = (row for row in kept[name] if sight.everything or RULES[name](sight, row, kept, at))
    return {tuple(row[column] for column in key_of(name)) for row in seen}
