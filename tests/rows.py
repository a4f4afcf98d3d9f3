"""Rows for tests that want data in every table and do not care what it says."""

from datetime import UTC, date, datetime, timedelta

from geoalchemy2 import WKTElement
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.attachments.tables import Attachment
from gisgrid.audit.chain import START
from gisgrid.audit.purge import PURGED, told
from gisgrid.audit.record import PROGRAM, record
from gisgrid.audit.tables import AuditAnchor
from gisgrid.coverage.tables import IssuedReport, KeptDay
from gisgrid.grid.own.tables import OwnFeature, OwnLayer
from gisgrid.grid.tables import LEVELS, Cell, LayerSet, PatrollableArea
from gisgrid.incidents.calendar.tables import CalendarDay, CalendarYear
from gisgrid.incidents.emergencies.tables import Alert, Emergency, Remark, Task
from gisgrid.incidents.kinds.stored import starter, texts
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.orders.tables import Order, OrderCount
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.incidents.surveys.tables import Survey
from gisgrid.incidents.tables import CaseCount, Exhibit, Handler, Incident, Party, Step
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.jobs import Due
from gisgrid.notices.tables import Delivery, Endpoint, Told
from gisgrid.patrols.plans.tables import FormerCheckpoint, Gap, JudgedDay, Plan, PlanArea, PlanDay, PlanPerson
from gisgrid.patrols.suggest.tables import Suggestion
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
from gisgrid.publications.tables import Publication, Receipt
from gisgrid.staff.tables import Appointment, Attempt, Department, Person, Skill
from gisgrid.staff.tokens import issue

DAWN = datetime(2026, 11, 1, 6, 0, 0, 123456, UTC)
AREA = "POLYGON((114 22, 115 22, 115 23, 114 22))"
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
        "key": f"incident {number}",
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
    session.add(CaseCount(day=DAWN.date(), cell_code="002", cases=1))
    fill_staff(session)
    fill_duty(session, patroller)
    fill_kept(session, patroller)
    fill_plans(session)
    fill_own(session)
    fill_told(session)
    record(session, PROGRAM, PURGED, **told(0, START, 0))
    session.add_all([CalendarYear(year=2026, brought_at=DAWN), CalendarDay(day=DAWN.date(), is_working=True, name="")])
    kinds, conditions = texts(starter())
    session.add(KindEdition(first_day=date(2026, 11, 1), imported_at=DAWN, kinds=kinds, conditions=conditions))
    session.add(AuditAnchor(number=0, hash=START, entries=0, purged_at=DAWN))


def fill_staff(session: Session) -> None:
    """Put rows into the tables of the staff that begin empty."""
    person = Person(name="zhangsan", full_name="张三", password_set_at=DAWN, created_at=DAWN)
    session.add(person)
    session.flush()
    session.add_all([Skill(person_id=person.id, tag="急救"), Attempt(key="0" * 64, at=DAWN)])
    session.add(SavedSearch(person_id=person.id, name="我的", query="show=mine"))
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
    incident = session.scalars(select(Incident.id)).one()
    session.add(Handler(incident_id=incident, **named))
    session.add(Party(incident_id=incident, department_id=session.scalars(select(Department.id)).first(), is_lead=True))
    session.add(a_step(incident))
    session.add(Attachment(hash="0" * 64, media_type="application/pdf", size=4, data=b"%PDF", added_at=DAWN))
    session.flush()
    session.add(Exhibit(incident_id=incident, hash="0" * 64, shows="done", added_at=DAWN, added_by=person))
    session.add(FollowUp(incident_id=incident, made_by=person, made_at=DAWN, way="phone", satisfaction=4))
    month = {"cell_code": "000", "month": date(2026, 11, 1), "entered_by": person, "entered_at": DAWN}
    session.add(Survey(asked=10, satisfied=9, **month))
    fill_urgent(session, incident, person)
    session.add(KeptDay(day=over, made_of="x", changes=1, content=b"x", made_at=DAWN))
    session.add(IssuedReport(asked="x", first_made_at=DAWN, made_at=DAWN, revision=1, figures="x"))
    session.add(CellDay(day=over, level="street", code="000", check_ins=1, visits=1, dwell_s=0.5))


def fill_urgent(session: Session, incident: int, person: int | None) -> None:
    """Put rows into the tables of emergencies and orders."""
    emergency = Emergency(incident_id=incident, started_at=DAWN, started_by=person)
    session.add(emergency)
    session.flush()
    its = {"emergency_id": emergency.id}
    session.add(Alert(**its, person_id=person, role="station_staff", turn=1, alerted_at=DAWN))
    session.add(Task(**its, number=1, zh="到场", en="go there", due_at=DAWN, done_at=DAWN, done_by=person))
    session.add(Remark(**its, words="已到场", written_by=person, written_at=DAWN))
    told = {"words": "请办理", "issued_at": DAWN, "deadline_at": DAWN, "issued_by": person}
    session.add(Order(number="督办〔2026〕1号", incident_id=incident, addressee_person_id=person, **told))
    session.add(OrderCount(year=2026, orders=1))


def a_step(incident: int, **changes: object) -> Step:
    """Return the first step of an incident."""
    given = {"incident_id": incident, "number": 1, "move": "report", "to_state": "reported", "made_at": DAWN}
    return Step(**{**given, **changes})


def a_plan(name: str = "岸线", **changes: object) -> Plan:
    """Return a plan that asks for nothing."""
    days = {"first_day": date(2026, 11, 1), "last_day": None, "made_at": DAWN}
    return Plan(**{"name": name, "is_operation": False, "terms": [], "seed": b"seed", **days, **changes})


def a_gap(number: int, plan_id: int, **changes: object) -> Gap:
    """Return a gap, the number-th of its plan."""
    times = dict.fromkeys(("start_at", "end_at", "last_at", "opened_at", "level_since"), DAWN)
    place = {"kind": "checkpoint", "code": "C1", "level": "substation", "steps": "[]"}
    return Gap(**{"plan_id": plan_id, "day": date(2026, 11, 1), "number": number, **place, **times, **changes})


def a_suggestion(person: int | None, **changes: object) -> Suggestion:
    """Return a round that was suggested to a person."""
    times = {"made_at": DAWN, "expires_at": DAWN, "minutes": 60}
    start = {"started_from": "cell", "longitude": 114.5, "latitude": 22.5, "is_by_ways": False, "detour": 1.3}
    return Suggestion(**{"person_id": person, **times, **start, "places": "[]", "line": "[]", **changes})


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
    session.add(PlanArea(plan_id=plan.id, geometry=WKTElement(AREA, srid=4326)))
    session.add(a_gap(1, plan.id, substation_id=cell))
    session.add(a_suggestion(person, made_by=person, substation_id=cell))
    session.add(PlanDay(day=date(2026, 8, 1), plan_id=plan.id, **counts))
    session.add(JudgedDay(day=date(2026, 11, 1), basis="", rounds=[[plan.id, [None] * 3, "done", [0]]]))


def fill_own(session: Session) -> None:
    """Put a layer of one's own there."""
    titles = {"title_zh": "步行道路", "title_en": "Footways", "source": "ways"}
    layer = OwnLayer(name="ways", kind="line", is_walkable=True, features=1, loaded_at=DAWN, **titles)
    session.add(layer)
    session.flush()
    line = WKTElement("LINESTRING(114.5 22.5, 114.6 22.5)", srid=4326)
    session.add(OwnFeature(layer_id=layer.id, name="", key="", geometry=line))


def a_publication(title: str = "台风", **changes: object) -> Publication:
    """Return a publication for everybody."""
    return Publication(**{"title": title, "words": title, "must_confirm": True, "published_at": DAWN, **changes})


def fill_told(session: Session) -> None:
    """Put rows into the tables of what is told to staff and to the outside."""
    person = session.scalars(select(Person.id)).first()
    made = a_publication(published_by=person)
    endpoint = Endpoint(name="群", channel="webhook", address="https://x.example", secret="s", template="plain")
    endpoint.topics, endpoint.created_at = ["publication"], DAWN
    told = Told(topic="publication", subject_zh="发布", words_zh="", subject_en="", words_en="", link="", made_at=DAWN)
    session.add_all([made, endpoint, told])
    session.flush()
    session.add(Receipt(publication_id=made.id, person_id=person, seen_at=DAWN))
    waiting = {"channel": "webhook", "address": "https://x.example", "queued_at": DAWN, "next_at": DAWN}
    session.add(Delivery(outbox_id=told.id, ref="0" * 32, endpoint_id=endpoint.id, **waiting))
