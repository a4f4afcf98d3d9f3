"""Somebody who walks, with something of theirs in every table that can hold it."""

from datetime import timedelta

from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR, Actor, record
from gisgrid.database import session_scope
from gisgrid.incidents.tables import Handler, Incident
from gisgrid.patrols.plans.tables import PlanPerson
from gisgrid.patrols.tables import Alarm, Consent, Fix, FixNote, Heartbeat, Objection, Patroller, Shift, Unread
from gisgrid.staff.appointments import grant
from gisgrid.staff.people import person_of, set_skills
from gisgrid.staff.tokens import issue
from tests.privacy.worlds import NOW, noon, walk
from tests.rows import a_gap, a_plan, an_incident
from tests.staff.builders import hire

HOUR = timedelta(hours=1)


def live(engine: Engine, name: str, days_ago: int = 5) -> int:
    """Hire somebody and let them work; return their row."""
    number = hire(engine, name)
    walk(engine, days_ago, "SW", "SE", "NW", who=f"{name}-ref")
    with session_scope(engine, write=True) as session:
        person = person_of(session, number)
        person.full_name, person.password_hash, person.pin_hash = f"{name}-full", "argon-secret", "pin-secret"
        person.oidc_subject = f"{name}-oidc"
        walker = session.scalars(select(Patroller).where(Patroller.ref == f"{name}-ref")).one()
        walker.person_id, walker.name = number, f"{name}-full"
        set_skills(session, OPERATOR, person, [f"{name}-skill"])
        grant(session, OPERATOR, person, "patroller", None)
        token = issue(session, "api", person_id=number, name=f"{name}-token").row
        fix = session.scalars(select(Fix.id).where(Fix.patroller_id == walker.id).limit(1)).one()
        moment = noon(days_ago)
        times = {"started_at": moment - HOUR, "ended_at": moment + HOUR, "signed_on_at": moment}
        called = {"sender_id": walker.id, "patroller_id": walker.id, "token_id": token.id, "raised_at": moment}
        incident = an_incident(number, reported_by=number, description=f"reported {number}")
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
        session.add(plan)
        session.flush()
        session.add(PlanPerson(plan_id=plan.id, since=plan.first_day, person_id=number))
        session.add(a_gap(1, plan.id, closed_as="reason", closed_by=number, closed_at=moment))
        session.add(Handler(incident_id=incident.id, person_id=number, named_by=number, named_at=NOW, reason=""))
        record(session, Actor("person", number), "something.done")
        record(session, OPERATOR, "track.read", ("person", number), purpose="查岗")
    return number


def incidents(engine: Engine) -> dict[str, int | None]:
    """Return who reported what."""
    with session_scope(engine) as session:
        return dict(session.execute(select(Incident.description, Incident.reported_by)).all())
