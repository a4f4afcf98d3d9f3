"""Rows for tests that want data in every table and do not care what it says."""

from datetime import UTC, date, datetime, timedelta

from geoalchemy2 import WKTElement
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.audit.chain import START
from gisgrid.audit.purge import PURGED, told
from gisgrid.audit.record import PROGRAM, record
from gisgrid.audit.tables import AuditAnchor
from gisgrid.grid.tables import LEVELS, Cell, LayerSet, PatrollableArea
from gisgrid.incidents.tables import Handler, Incident
from gisgrid.jobs import Due
from gisgrid.patrols.plans.tables import FormerCheckpoint, Gap, Plan, PlanDay, PlanPerson
from gisgrid.patrols.tables import (
    Alarm,
    CellDay,
    Checkpoint,
    Consent,
    Fix,
    FixNote,
    Heartbeat,
    Hold,
    Objection,
    Patrol,
    Patroller,
    SealedDay,
    Shift,
    Unread,
)
from gisgrid.staff.tables import Appointment, Attempt, Person, Skill
from gisgrid.staff.tokens import issue

DAWN = datetime(2026, 11, 1, 6, 0, 0, 123456, UTC)
SQUARE = "MULTIPOLYGON(((114 22, 115 22, 115 23, 114 23, 114 22)))"


def square() -> WKTElement:
    """Return one degree by one degree."""
    return WKTElement(SQUARE, srid=4326)


def point(x: float = 114.5, y: float = 22.5) -> WKTElement:
    """Return a point inside the square."""
    return WKTElement(f"POINT({x} {y})", srid=4326)


def a_position(x: float = 114.5, y: float = 22.5) -> dict[str, object]:
    """Return the columns of a place that was sent in WGS 84."""
    return {"longitude": x, "latitude": y, "raw_longitude": x, "raw_latitude": y, "crs": "EPSG:4326"}


def an_incident(number: int, **changes: object) -> Incident:
    """Return an incident, the number-th of its kind."""
    given = {
        "client_id": f"incident {number}",
        "kind": "other",
        "description": "",
        "reported_at": DAWN,
        "received_at": DAWN,
    }
    return Incident(**{**given, **a_position(), "geometry": point(), **changes})


def a_fix(number: int, patroller_id: int, **changes: object) -> Fix:
    """Return a fix, the number-th of its patroller, a second after the one before."""
    moment = DAWN + timedelta(seconds=number)
    whose = {"sender_id": patroller_id, "patroller_id": patroller_id}
    given = {"client_id": f"fix {number}", **whose, "fix_at": moment, "received_at": moment}
    return Fix(**{**given, **a_position(), **changes})


def fill(session: Session, fixes: int = 3) -> None:
    """Put rows into every table; the last of three nested cells holds the fixes."""
    grid = LayerSet(name="方格", source="test", first_day=date(2020, 1, 1), created_at=DAWN)
    session.add(grid)
    session.flush()
    parent = None
    for number, level in enumerate(LEVELS):
        cell = Cell(layer_set_id=grid.id, level=level, code=f"00{number}", name=level, area_m2=1.5, geometry=square())
        cell.parent_id = parent
        session.add(cell)
        session.flush()
        parent = cell.id
    patroller = Patroller(ref="P1", name="张三")
    session.add_all([patroller, an_incident(1, substation_id=parent), PatrollableArea(name="岸", geometry=square())])
    session.add(Checkpoint(code="C1", name="码头", radius_m=30, geometry=point()))
    session.flush()
    patrol = Patrol(patroller_id=patroller.id, ref="1")
    session.add(patrol)
    session.flush()
    session.add_all(
        a_fix(number, patroller.id, patrol_id=patrol.id, substation_id=parent, accuracy_m=number / 3)
        for number in range(fixes)
    )
    fill_staff(session)
    fill_duty(session, patroller)
    fill_kept(session, patroller)
    fill_plans(session)
    record(session, PROGRAM, PURGED, **told(0, START, 0))
    session.add(AuditAnchor(number=0, hash=START, entries=0, purged_at=DAWN))


def fill_staff(session: Session) -> None:
    """Put rows into the tables of the staff that begin empty."""
    person = Person(name="zhangsan", full_name="张三", password_set_at=DAWN, created_at=DAWN)
    session.add(person)
    session.flush()
    session.add_all([Skill(person_id=person.id, tag="急救"), Attempt(key="0" * 64, at=DAWN)])
    session.add(Appointment(person_id=person.id, role="cadre", cell_code="000", granted_at=DAWN))
    issue(session, "api", person_id=person.id, name="接口")


def fill_duty(session: Session, patroller: Patroller) -> None:
    """Put rows into the tables of who is on duty, and what they agreed to and contest."""
    person_id = session.scalars(select(Person.id)).first()
    fix_id = session.scalars(select(Fix.id)).first()
    phone = issue(session, "device", name="手机").row.id
    times = {"started_at": DAWN, "ended_at": DAWN, "signed_on_at": DAWN}
    session.add(Shift(patroller_id=patroller.id, token_id=phone, **times))
    session.add(Consent(person_id=person_id, covers="notice", version="1", given_at=DAWN))
    session.add(Objection(fix_id=fix_id, patroller_id=patroller.id, words="在岗", made_at=DAWN))
    session.add(FixNote(fix_id=fix_id, act="noted", words="漂移", written_by=person_id, written_at=DAWN))
    session.add(Heartbeat(sender_id=patroller.id, beat_at=DAWN, received_at=DAWN))
    session.add(Unread(token_id=phone, received_at=DAWN, protocol="traccar", zh="无位置", en="no position", body="{}"))
    called = {"sender_id": patroller.id, "patroller_id": patroller.id, "token_id": phone}
    session.add(Alarm(client_id="alarm 1", raised_at=DAWN, received_at=DAWN, acknowledged_by=person_id, **called))


def fill_kept(session: Session, patroller: Patroller) -> None:
    """Put rows into the tables of what is kept of days that are over, and of who is named to handle what."""
    over = date(2026, 8, 1)
    session.add(Due(name="retention", next_at=DAWN))
    session.add(Hold(patroller_id=patroller.id, start_at=DAWN, end_at=DAWN, until=over, reason="走失", made_at=DAWN))
    session.add(SealedDay(day=over, sealed_at=DAWN, fixes=1))
    session.flush()
    person = session.scalars(select(Person.id)).first()
    named = {"person_id": person, "named_by": person, "named_at": DAWN, "reason": "本案"}
    session.add(Handler(incident_id=session.scalars(select(Incident.id)).first(), **named))
    session.add(CellDay(day=over, level="street", code="000", check_ins=1, visits=1, dwell_s=0.5))


def a_plan(name: str = "岸线", **changes: object) -> Plan:
    """Return a plan that asks for nothing."""
    days = {"first_day": date(2026, 11, 1), "last_day": None, "made_at": DAWN}
    return Plan(**{"name": name, "is_operation": False, "terms": [], "seed": b"seed", **days, **changes})


def a_gap(number: int, plan_id: int, **changes: object) -> Gap:
    """Return a gap, the number-th of its plan."""
    times = dict.fromkeys(("start_at", "end_at", "last_at", "opened_at"), DAWN)
    place = {"kind": "checkpoint", "code": "C1"}
    return Gap(**{"plan_id": plan_id, "day": date(2026, 11, 1), "number": number, **place, **times, **changes})


def fill_plans(session: Session) -> None:
    """Put rows into the tables of the plans."""
    person = session.scalars(select(Person.id)).first()
    cell = session.scalars(select(Cell.id).where(Cell.level == LEVELS[-1])).first()
    checkpoint = session.scalars(select(Checkpoint)).one()
    stood = {"longitude": 114.5, "latitude": 22.5, "radius_m": 30, "dwell_s": 0}
    flags = {"needs_code": False, "is_retired": False}
    session.add(FormerCheckpoint(checkpoint_id=checkpoint.id, until=DAWN, **stood, **flags))
    plan = a_plan(made_by=person, substation_id=cell)
    session.add(plan)
    session.flush()
    counts = dict.fromkeys(("done", "done_late", "missed", "check_ins"), 1)
    session.add(PlanPerson(plan_id=plan.id, since=plan.first_day, person_id=person))
    session.add(a_gap(1, plan.id, substation_id=cell))
    session.add(PlanDay(day=date(2026, 8, 1), plan_id=plan.id, **counts))
