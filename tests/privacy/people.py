"""Somebody who walks, with something of theirs in every table that can hold it."""

from datetime import date, timedelta

from sqlalchemy import Engine, select

from gisgrid.attachments.tables import Attachment
from gisgrid.audit.record import OPERATOR, Actor, record
from gisgrid.database import session_scope
from gisgrid.incidents.emergencies.tables import Alert, Emergency, Remark, Task
from gisgrid.incidents.kinds.tables import KindEdition
from gisgrid.incidents.orders.tables import Order
from gisgrid.incidents.saved.tables import SavedSearch
from gisgrid.incidents.surveys.tables import Survey
from gisgrid.incidents.tables import Exhibit, Handler, Incident
from gisgrid.incidents.visits.tables import FollowUp
from gisgrid.patrols.plans.tables import PlanPerson
from gisgrid.patrols.tables import Alarm, Consent, Fix, FixNote, Heartbeat, Objection, Patroller, Shift, Unread
from gisgrid.publications.tables import Receipt
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of, set_skills
from gisgrid.staff.tokens import issue
from tests.privacy.worlds import NOW, noon, walk
from tests.rows import a_gap, a_plan, a_publication, a_step, a_suggestion, an_incident
from tests.staff.builders import hire

HOUR = timedelta(hours=1)


def live(engine: Engine, name: str, days_ago: int = 5) -> int:
    """Hire somebody and let them work; return their row."""
    number = hire(engine, name)
    walk(engine, days_ago, "SW", "SE", "NW", who=f"{name}-ref")
    with session_scope(engine, write=True) as session:
        person = person_of(session, number)
        person.full_name, person.password_hash, person.pin_hash = f"{name}-full", "argon-secret", "pin-secret"
        person.oidc_subject, person.phone = f"{name}-oidc", f"{name}-phone"
        walker = session.scalars(select(Patroller).where(Patroller.ref == f"{name}-ref")).one()
        walker.person_id, walker.name = number, f"{name}-full"
        set_skills(session, OPERATOR, person, [f"{name}-skill"])
        grant(session, OPERATOR, person, "patroller", None)
        token = issue(session, "api", person_id=number, name=f"{name}-token").row
        fix = session.scalars(select(Fix.id).where(Fix.patroller_id == walker.id).limit(1)).one()
        moment = noon(days_ago)
        times = {"started_at": moment - HOUR, "ended_at": moment + HOUR, "signed_on_at": moment}
        called = {"sender_id": walker.id, "patroller_id": walker.id, "token_id": token.id, "raised_at": moment}
        incident = an_incident(number, reported_by=number, description=f"reported {number}", handler_id=number)
        session.add_all(
            [
                incident,
                Shift(patroller_id=walker.id, token_id=token.id, **times),
                Alarm(client_id=f"{name}-call", words=f"{name}-help", received_at=moment, **called),
                Consent(person_id=number, covers="notice", version="1", given_at=moment),
                Heartbeat(sender_id=walker.id, beat_at=moment, received_at=moment),
                Unread(token_id=token.id, received_at=moment, protocol="json", zh="不是", en="no", body=f"{name}-sent"),
                FixNote(fix_id=fix, act="noted", words=f"{name}-note", written_by=number, written_at=moment),
                Objection(fix_id=fix, patroller_id=walker.id, words=f"{name}-words", made_at=NOW, replied_by=number),
            ]
        )
        session.flush()
        plan = a_plan(f"plan {number}", made_by=number)
        publication = a_publication(published_by=number)
        session.add_all([plan, publication])
        session.flush()
        session.add(PlanPerson(plan_id=plan.id, since=plan.first_day, person_id=number))
        session.add(Receipt(publication_id=publication.id, person_id=number, seen_at=moment))
        session.add(a_gap(1, plan.id, closed_as="reason", closed_by=number, closed_at=moment))
        session.add(a_suggestion(number, made_by=number))
        session.add(SavedSearch(person_id=number, name="mine", query="show=mine"))
        session.add(a_step(incident.id, made_by=number, words="到场"))
        photo = {"media_type": "image/jpeg", "size": 4, "data": b"jpeg", "added_at": NOW}
        session.add(Attachment(hash=f"{number:064}", **photo))
        kinds = {"kinds": "", "conditions": "", "imported_at": NOW, "imported_by": number}
        session.add(KindEdition(first_day=date(2030, 1, number), **kinds))
        session.flush()
        shown = {"incident_id": incident.id, "hash": f"{number:064}", "shows": "done", "added_at": NOW}
        session.add(Exhibit(**shown, added_by=number))
        emergency = Emergency(incident_id=incident.id, started_at=moment, started_by=number)
        session.add(emergency)
        session.flush()
        its = {"emergency_id": emergency.id}
        session.add(Alert(**its, person_id=number, role="patroller", turn=1, alerted_at=moment))
        session.add(Task(**its, number=1, zh="", en="", due_at=moment, done_at=moment, done_by=number))
        session.add(Remark(**its, words="", written_by=number, written_at=moment))
        told = {"words": "", "issued_at": moment, "deadline_at": moment, "issued_by": number}
        session.add(Order(number=f"order {number}", incident_id=incident.id, addressee_person_id=number, **told))
        session.add(Handler(incident_id=incident.id, person_id=number, named_by=number, named_at=NOW, reason=""))
        session.add(FollowUp(incident_id=incident.id, made_by=number, made_at=NOW, way="phone", words=""))
        surveyed = {"cell_code": f"{number}", "month": date(2026, 11, 1), "asked": 2, "satisfied": 1}
        session.add(Survey(entered_by=number, entered_at=NOW, **surveyed))
        record(session, Actor("person", number), "something.done")
        record(session, OPERATOR, "track.read", ("person", number), purpose="查岗")
    return number


def incidents(engine: Engine) -> dict[str, int | None]:
    """Return who reported what."""
    with session_scope(engine) as session:
        return dict(session.execute(select(Incident.description, Incident.reported_by)).all())
